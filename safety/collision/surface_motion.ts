import type { RobotModel } from '../../dynamics/index.ts';
import type { JointGuard } from '../joint_guard.ts';
import type { LinkCapsules } from './link_capsules.ts';
import type { MotionPath } from './motion_bounds.ts';
import type { TailPoses } from './tail_poses.ts';

/**
 * Upper bounds on the speed of links' surfaces over cycles of the joints' stops.
 *
 * As in ToolMotionBound, with J the Jacobian of a point of the surface at the middle of a piece, δ how far the joints are
 * from there, v their rates, and ρ_i how far the point can be from the axis of joint i:
 *
 *     |x_k − x_{k−1}|·hz ≤ |J v| + Σ_ij ρ_max(i,j) |δ_i||v_j|
 *
 * v stays within a quarter of its slope's range times the length of its chord over the piece, and |J v| of all points of a
 * capsule is at most the greater speed of the ends of its axis plus radius times the rate of turning. Both are convex in v,
 * so that they are greatest at an end of the chord. Allocates nothing after construction.
 */
export class SurfaceMotion {
  /** Bounds found last, one a path, m/s. */
  readonly greatest: Float64Array;
  /** Speed found by `findSpeed`, m/s. */
  readonly fastest = new Float64Array(1);
  private readonly model: RobotModel;
  private readonly surfaces: LinkCapsules;
  private readonly paths: readonly MotionPath[];
  private readonly joints: readonly JointGuard[];
  private readonly poses: TailPoses;
  private readonly h: number;
  /** Per path: how far its surfaces can be from the axis of every joint on the way (m), greatest radius included. */
  private readonly reach: readonly Float64Array[];
  private readonly path_of_body: Int32Array;
  private readonly bodies: Int32Array;
  /** Twist of every body at the base's origin, 6 each, angular first, at the first rates and at the last. */
  private readonly first_twist: Float64Array;
  private readonly last_twist: Float64Array;
  private readonly v_first: Float64Array;
  private readonly v_last: Float64Array;
  private readonly v_size: Float64Array;
  private readonly v_off_chord: Float64Array;
  private readonly delta: Float64Array;

  constructor(
    model: RobotModel,
    surfaces: LinkCapsules,
    paths: readonly MotionPath[],
    joints: readonly JointGuard[],
    poses: TailPoses,
    hz: number,
  ) {
    const n = joints.length;
    this.model = model;
    this.surfaces = surfaces;
    this.paths = paths;
    this.joints = joints;
    this.poses = poses;
    this.h = 1 / hz;
    this.greatest = new Float64Array(paths.length);
    this.reach = paths.map(({ moving, reach }) => {
      const radius = Math.max(...surfaces.radius.filter((_, c) => surfaces.body[c] === moving));
      return reach.map((far) => far + radius);
    });
    this.path_of_body = new Int32Array(model.nb).fill(-1);
    paths.forEach(({ moving }, path) => {
      this.path_of_body[moving] = path;
    });
    const needed = new Set<number>();
    for (const { moving } of paths) for (let b = moving; b >= 0; b = model.parent[b]) needed.add(b);
    this.bodies = Int32Array.from(needed).sort();
    this.first_twist = new Float64Array(6 * model.nb);
    this.last_twist = new Float64Array(6 * model.nb);
    this.v_first = new Float64Array(n);
    this.v_last = new Float64Array(n);
    this.v_size = new Float64Array(n);
    this.v_off_chord = new Float64Array(n);
    this.delta = new Float64Array(n);
  }

  /** Bounds over the proposals and the whole stop, wherever the robot is. */
  boundWhole(): void {
    const { joints, paths, reach, greatest, v_size } = this;
    for (let k = 0; k < joints.length; k++) {
      const { next_v, tail } = joints[k];
      const now = next_v < 0 ? -next_v : next_v;
      v_size[k] = now > tail.peak_speed ? now : tail.peak_speed;
    }
    for (let path = 0; path < paths.length; path++) {
      const { coordinate, multiplier } = paths[path];
      let speed = 0;
      for (let i = 0; i < coordinate.length; i++) speed += reach[path][i] * multiplier[i] * v_size[coordinate[i]];
      greatest[path] = speed;
    }
  }

  /** Bounds over the cycles `from` … `to` of the stop. @param slot  of the pose at cycle `middle` */
  boundPiece(slot: number, from: number, middle: number, to: number): void {
    this.findRanges(from, middle, to);
    const { paths, reach, greatest, delta, v_size, v_off_chord } = this;
    this.findTwists(slot, this.v_first, this.first_twist);
    this.findTwists(slot, this.v_last, this.last_twist);
    greatest.fill(0);
    this.raise(slot, this.first_twist);
    this.raise(slot, this.last_twist);
    for (let path = 0; path < paths.length; path++) {
      const { coordinate, multiplier } = paths[path];
      let D = 0;
      let V = 0;
      let speed = greatest[path];
      for (let i = 0; i < coordinate.length; i++) {
        const k = coordinate[i];
        const d = multiplier[i] * delta[k];
        const v = multiplier[i] * v_size[k];
        speed += reach[path][i] * (multiplier[i] * v_off_chord[k] + (D + d) * (V + v) - D * V);
        D += d;
        V += v;
      }
      greatest[path] = speed;
    }
  }

  /** Into `fastest`, the greatest speed of a surface at the pose in `slot` and joint velocities (rad/s). */
  findSpeed(slot: number, velocity: Float64Array): void {
    const { greatest, fastest } = this;
    this.findTwists(slot, velocity, this.first_twist);
    greatest.fill(0);
    this.raise(slot, this.first_twist);
    fastest[0] = 0;
    for (let path = 0; path < greatest.length; path++) if (greatest[path] > fastest[0]) fastest[0] = greatest[path];
  }

  /** Raises `greatest` to the speeds at these twists. */
  private raise(slot: number, twist: Float64Array): void {
    const { surfaces, greatest, path_of_body, poses } = this;
    const { R, p, nb } = poses;
    const { body, ends, radius, count } = surfaces;
    for (let c = 0; c < count; c++) {
      const b = body[c];
      if (b < 0) continue;
      const path = path_of_body[b];
      const m = 9 * (nb * slot + b);
      const o = 3 * (nb * slot + b);
      const t = 6 * b;
      const wx = twist[t];
      const wy = twist[t + 1];
      const wz = twist[t + 2];
      const turning = radius[c] * Math.sqrt(wx * wx + wy * wy + wz * wz);
      for (let e = 6 * c; e < 6 * c + 6; e += 3) {
        const x = R[m] * ends[e] + R[m + 1] * ends[e + 1] + R[m + 2] * ends[e + 2] + p[o];
        const y = R[m + 3] * ends[e] + R[m + 4] * ends[e + 1] + R[m + 5] * ends[e + 2] + p[o + 1];
        const z = R[m + 6] * ends[e] + R[m + 7] * ends[e + 1] + R[m + 8] * ends[e + 2] + p[o + 2];
        const vx = twist[t + 3] + wy * z - wz * y;
        const vy = twist[t + 4] + wz * x - wx * z;
        const vz = twist[t + 5] + wx * y - wy * x;
        const speed = Math.sqrt(vx * vx + vy * vy + vz * vz) + turning;
        if (speed > greatest[path]) greatest[path] = speed;
      }
    }
  }

  private findTwists(slot: number, rates: Float64Array, twist: Float64Array): void {
    const { bodies, model, poses } = this;
    const { R, p, nb } = poses;
    for (let i = 0; i < bodies.length; i++) {
      const b = bodies[i];
      const t = 6 * b;
      const parent = model.parent[b];
      for (let k = 0; k < 6; k++) twist[t + k] = parent < 0 ? 0 : twist[6 * parent + k];
      const rate = model.multiplier[b] * rates[model.coordinate[b]];
      const m = 9 * (nb * slot + b);
      const o = 3 * (nb * slot + b);
      const a = 3 * b;
      const ux = rate * (R[m] * model.axis[a] + R[m + 1] * model.axis[a + 1] + R[m + 2] * model.axis[a + 2]);
      const uy = rate * (R[m + 3] * model.axis[a] + R[m + 4] * model.axis[a + 1] + R[m + 5] * model.axis[a + 2]);
      const uz = rate * (R[m + 6] * model.axis[a] + R[m + 7] * model.axis[a + 1] + R[m + 8] * model.axis[a + 2]);
      if (model.joint_type[b] === 1) {
        twist[t + 3] += ux;
        twist[t + 4] += uy;
        twist[t + 5] += uz;
        continue;
      }
      twist[t] += ux;
      twist[t + 1] += uy;
      twist[t + 2] += uz;
      twist[t + 3] += p[o + 1] * uz - p[o + 2] * uy;
      twist[t + 4] += p[o + 2] * ux - p[o] * uz;
      twist[t + 5] += p[o] * uy - p[o + 1] * ux;
    }
  }

  /** Where the joints are, and how fast, over the cycles of the piece; see ToolMotionBound. */
  private findRanges(from: number, middle: number, to: number): void {
    const { joints, h, delta } = this;
    const quarter = 0.25 * h * (to - from);
    for (let k = 0; k < joints.length; k++) {
      const { tail } = joints[k];
      tail.locate(middle);
      const here = tail.displacement;
      tail.locateMotion(from);
      const first = tail.velocity_at;
      tail.findRange(from, to);
      this.v_first[k] = first;
      this.v_last[k] = tail.velocity_at;
      const high = tail.displacement_high - here;
      const low = here - tail.displacement_low;
      // The motion of cycle `from` begins one cycle before.
      delta[k] = (high > low ? high : low) + h * (first < 0 ? -first : first);
      const back = -tail.velocity_low;
      this.v_size[k] = back > tail.velocity_high ? back : tail.velocity_high;
      this.v_off_chord[k] = quarter * (tail.acceleration_high - tail.acceleration_low);
    }
  }
}
