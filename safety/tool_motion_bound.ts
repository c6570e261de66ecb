import type { RobotData, RobotModel } from '../dynamics/index.ts';
import type { JointGuard } from './joint_guard.ts';

/**
 * Upper bounds on the linear speed and acceleration of a point of the robot over cycles of the joints' stops.
 *
 * Let body b of the chain turn at rate s_b and ρ_b bound its axis's distance to the point (1 for a sliding joint). Partial
 * derivatives of the point x of any order are no longer than ρ of the outermost body among them. So with m the middle of a
 * piece, δ how far the joints are from there, J the Jacobian, H the second derivative, v and a the joints' rates:
 *
 *     |x_k − x_{k−1}|·hz ≤ |J_m v| + Σ_ij ρ_max(i,j) |δ_i||v_j|
 *     |x_k − 2 x_{k−1} + x_{k−2}|·hz² ≤ |J_m a + v_mᵀ H_m v_m| + Σ_ij ρ_max(i,j) (|δ_i||a_j| + 2|v_m,i||e_j| + |e_i||e_j|)
 *                                      + Σ_ijl ρ_max(i,j,l) |δ_i||v_j||v_l|,   e = v − v_m
 *
 * Sums over the greatest index are differences of products of prefix sums. ρ is the distance at m plus what the joints
 * farther out can add, at most the reach.
 */
export class ToolMotionBound {
  /** Bounds found last: speed (m/s), acceleration (m/s²). */
  readonly greatest = new Float64Array(2);
  private readonly model: RobotModel;
  private readonly joints: readonly JointGuard[];
  private readonly h: number;
  /** Bodies between root and point that the joints move, base first; with their joint, |multiplier| and greatest distance. */
  private readonly chain: Int32Array;
  private readonly joint_of: Int32Array;
  private readonly weight: Float64Array;
  private readonly reach: Float64Array;
  private readonly distance: Float64Array;
  private readonly rho: Float64Array;
  /** Of each joint over the piece: see boundPiece. */
  private readonly delta: Float64Array;
  private readonly v_first: Float64Array;
  private readonly v_middle: Float64Array;
  private readonly v_last: Float64Array;
  private readonly v_size: Float64Array;
  private readonly v_off_middle: Float64Array;
  private readonly v_off_chord: Float64Array;
  private readonly a_centre: Float64Array;
  private readonly a_half: Float64Array;
  /** Point velocity at first, last; point acceleration: 3·3. Rates of the bodies at the root origin for it: 12. */
  private readonly sums = new Float64Array(9);
  private readonly motion = new Float64Array(12);

  constructor(model: RobotModel, frame: number, joints: readonly JointGuard[], hz: number) {
    this.model = model;
    this.joints = joints;
    this.h = 1 / hz;
    const n = joints.length;
    const bodies: number[] = [];
    for (let b = model.frames[frame].body; b >= 0; b = model.parent[b]) bodies.unshift(b);
    const distances = greatestDistances(model, frame, bodies);
    const moved = bodies.filter((b) => model.coordinate[b] < n);
    this.chain = Int32Array.from(moved);
    this.joint_of = Int32Array.from(moved, (b) => model.coordinate[b]);
    this.weight = Float64Array.from(moved, (b) => Math.abs(model.multiplier[b]));
    this.reach = Float64Array.from(moved, (b) => distances[bodies.indexOf(b)]);
    this.distance = new Float64Array(moved.length);
    this.rho = new Float64Array(moved.length);
    this.delta = new Float64Array(n);
    this.v_first = new Float64Array(n);
    this.v_middle = new Float64Array(n);
    this.v_last = new Float64Array(n);
    this.v_size = new Float64Array(n);
    this.v_off_middle = new Float64Array(n);
    this.v_off_chord = new Float64Array(n);
    this.a_centre = new Float64Array(n);
    this.a_half = new Float64Array(n);
  }

  /** Bounds over the proposal and the whole stop, wherever the robot is; the speed sent before the proposal counts too. */
  boundWhole(): void {
    const { chain, joints, joint_of, weight, reach } = this;
    let speed = 0;
    let acceleration = 0;
    let before = 0;
    for (let c = 0; c < chain.length; c++) {
      const joint = joints[joint_of[c]];
      const { tail } = joint;
      tail.findPeakAcceleration();
      const v = weight[c] * Math.max(Math.abs(joint.v), Math.abs(joint.next_v), tail.peak_speed);
      speed += reach[c] * v;
      acceleration += reach[c] * (weight[c] * tail.peak_acceleration + v * (v + 2 * before));
      before += v;
    }
    this.greatest[0] = speed;
    this.greatest[1] = acceleration;
  }

  /**
   * Bounds over the cycles `from` + 1 … `to` of the stop.
   *
   * @param data  after forwardKinematics at cycle `middle`
   * @param pose  of the point's frame there: 9 of rotation, 3 of position
   */
  boundPiece(data: RobotData, pose: Float64Array, from: number, middle: number, to: number): void {
    this.findRanges(from, middle, to);
    this.findPointMotion(data, pose);
    const { chain, joint_of, weight, rho, distance, sums, delta, v_size, v_off_middle, v_off_chord, a_half } = this;
    let farther = 0;
    for (let c = chain.length - 1; c >= 0; c--) {
      const near = distance[c] + farther;
      rho[c] = near < this.reach[c] ? near : this.reach[c];
      farther += rho[c] * weight[c] * delta[joint_of[c]];
    }
    let speed = Math.sqrt(
      Math.max(
        sums[0] * sums[0] + sums[1] * sums[1] + sums[2] * sums[2],
        sums[3] * sums[3] + sums[4] * sums[4] + sums[5] * sums[5],
      ),
    );
    let acceleration = Math.sqrt(sums[6] * sums[6] + sums[7] * sums[7] + sums[8] * sums[8]);
    let D = 0;
    let V = 0;
    let A = 0;
    let M = 0;
    let E = 0;
    for (let c = 0; c < chain.length; c++) {
      const k = joint_of[c];
      const w = weight[c];
      const d = w * delta[k];
      const v = w * v_size[k];
      const a = w * (Math.abs(this.a_centre[k]) + a_half[k]);
      const m = w * Math.abs(this.v_middle[k]);
      const e = w * v_off_middle[k];
      speed += distance[c] * w * v_off_chord[k] + rho[c] * ((D + d) * (V + v) - D * V);
      acceleration +=
        distance[c] * w * a_half[k] +
        rho[c] *
          ((D + d) * (A + a) -
            D * A +
            (E + e) * (E + e + 2 * (M + m)) -
            E * (E + 2 * M) +
            (D + d) * (V + v) * (V + v) -
            D * V * V);
      D += d;
      V += v;
      A += a;
      M += m;
      E += e;
    }
    this.greatest[0] = speed;
    this.greatest[1] = acceleration;
  }

  /** Where the joints are, how fast, and how much faster they get, over the cycles of the piece. */
  private findRanges(from: number, middle: number, to: number): void {
    const { joints, h, delta } = this;
    // A function whose slope stays within an interval is off its chord by a quarter of that times its length at most.
    const quarter = 0.25 * h * (to - from);
    for (let k = 0; k < joints.length; k++) {
      const { tail } = joints[k];
      tail.locateMotion(middle);
      const here = tail.displacement;
      const v = tail.velocity_at;
      tail.locateMotion(from);
      const first = tail.velocity_at;
      tail.findRange(from, to);
      this.v_first[k] = first;
      this.v_middle[k] = v;
      this.v_last[k] = tail.velocity_at;
      // One cycle before `from` takes part in the second difference.
      delta[k] = Math.max(tail.displacement_high - here, here - tail.displacement_low) + h * Math.abs(first);
      this.v_size[k] = Math.max(tail.velocity_high, -tail.velocity_low);
      this.v_off_middle[k] = Math.max(tail.velocity_high - v, v - tail.velocity_low);
      const range = tail.acceleration_high - tail.acceleration_low;
      this.v_off_chord[k] = quarter * range;
      this.a_half[k] = 0.5 * range;
      this.a_centre[k] = tail.acceleration_low + 0.5 * range;
    }
  }

  /** Distances of the axes; J v at the ends and J a + vᵀ H v in the middle, into `sums`. */
  private findPointMotion(data: RobotData, pose: Float64Array): void {
    const { chain, joint_of, weight, distance, sums, motion, model, v_first, v_middle, v_last, a_centre } = this;
    const { S } = data;
    const x = pose[9];
    const y = pose[10];
    const z = pose[11];
    sums.fill(0);
    motion.fill(0);
    for (let c = 0; c < chain.length; c++) {
      const k = joint_of[c];
      const o = 6 * chain[c];
      const column_x = S[o + 3] + S[o + 1] * z - S[o + 2] * y;
      const column_y = S[o + 4] + S[o + 2] * x - S[o] * z;
      const column_z = S[o + 5] + S[o] * y - S[o + 1] * x;
      const w = weight[c];
      distance[c] = w > 0 ? Math.sqrt(column_x * column_x + column_y * column_y + column_z * column_z) / w : 0;
      if (model.joint_type[chain[c]] === 1) distance[c] = 1;
      const first = v_first[k];
      const last = v_last[k];
      const a = a_centre[k];
      sums[0] += column_x * first;
      sums[1] += column_y * first;
      sums[2] += column_z * first;
      sums[3] += column_x * last;
      sums[4] += column_y * last;
      sums[5] += column_z * last;
      // With the joints' own accelerations too, the recursion of inverse dynamics (Featherstone 2008, table 5.1).
      const rate = v_middle[k];
      const jw0 = S[o] * rate;
      const jw1 = S[o + 1] * rate;
      const jw2 = S[o + 2] * rate;
      const jv0 = S[o + 3] * rate;
      const jv1 = S[o + 4] * rate;
      const jv2 = S[o + 5] * rate;
      motion[0] += jw0;
      motion[1] += jw1;
      motion[2] += jw2;
      motion[3] += jv0;
      motion[4] += jv1;
      motion[5] += jv2;
      const w0 = motion[0];
      const w1 = motion[1];
      const w2 = motion[2];
      motion[6] += S[o] * a + w1 * jw2 - w2 * jw1;
      motion[7] += S[o + 1] * a + w2 * jw0 - w0 * jw2;
      motion[8] += S[o + 2] * a + w0 * jw1 - w1 * jw0;
      motion[9] += S[o + 3] * a + w1 * jv2 - w2 * jv1 + motion[4] * jw2 - motion[5] * jw1;
      motion[10] += S[o + 4] * a + w2 * jv0 - w0 * jv2 + motion[5] * jw0 - motion[3] * jw2;
      motion[11] += S[o + 5] * a + w0 * jv1 - w1 * jv0 + motion[3] * jw1 - motion[4] * jw0;
    }
    const u0 = motion[3] + motion[1] * z - motion[2] * y;
    const u1 = motion[4] + motion[2] * x - motion[0] * z;
    const u2 = motion[5] + motion[0] * y - motion[1] * x;
    sums[6] = motion[9] + motion[7] * z - motion[8] * y + motion[1] * u2 - motion[2] * u1;
    sums[7] = motion[10] + motion[8] * x - motion[6] * z + motion[2] * u0 - motion[0] * u2;
    sums[8] = motion[11] + motion[6] * y - motion[7] * x + motion[0] * u1 - motion[1] * u0;
  }
}

/** Greatest distance from the axis of each of `bodies` to the point over all configurations (m); 1 for sliding joints. */
function greatestDistances(model: RobotModel, frame: number, bodies: readonly number[]): number[] {
  const [x, y, z] = model.frames[frame].p;
  const distances: number[] = [];
  let beyond = Math.hypot(x, y, z);
  for (let i = bodies.length - 1; i >= 0; i--) {
    const b = bodies[i];
    const [ux, uy, uz] = model.axis.subarray(3 * b, 3 * b + 3);
    const prismatic = model.joint_type[b] === 1;
    // Of the outermost joint the point's own distance to the axis is known.
    if (prismatic) distances.unshift(1);
    else if (i === bodies.length - 1) {
      distances.unshift(Math.hypot(uy * z - uz * y, uz * x - ux * z, ux * y - uy * x) + 1e-12);
    } else distances.unshift(beyond);
    beyond += Math.hypot(...model.tree_p.subarray(3 * b, 3 * b + 3)) + (prismatic ? greatestStroke(model, b) : 0);
  }
  return distances;
}

function greatestStroke(model: RobotModel, body: number): number {
  const k = model.coordinate[body];
  const at = (q: number): number => Math.abs(model.multiplier[body] * q + model.offset[body]);
  return Math.max(at(model.position_lower[k]), at(model.position_upper[k]));
}
