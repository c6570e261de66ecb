import type { RobotModel } from '../../dynamics/index.ts';
import { type CollisionPairs, RECORD } from './collision_pairs.ts';
import { CORE, CORE_OUT, segmentCore } from './core.ts';
import type { TailPoses } from './tail_poses.ts';

/** Halvings of the axis for its closest point, where that is none of its ends. */
const HALVINGS = 12;
/** Sine of the angle between axis and plane below which the closest point is none of the ends. */
const ALONG = 1e-7;

/**
 * How the clearance of a pair changes with the arm's joints: n · (∂x_moving/∂q − ∂x_fixed/∂q), with n the direction between
 * the closest points and both Jacobians at the moving one. Allocates nothing after construction.
 */
export class ClearanceGradient {
  /** Found by `look`: a record of CollisionPairs.measure. */
  readonly record = new Float64Array(RECORD);
  private readonly model: RobotModel;
  private readonly pairs: CollisionPairs;
  private readonly poses: TailPoses;
  private readonly axis = new Float64Array(6);
  /** Direction and point, base frame. */
  private readonly n = new Float64Array(3);
  private readonly x = new Float64Array(3);
  private readonly point = new Float64Array(6);
  private readonly along = new Float64Array(1);
  private readonly out = new Float64Array(CORE_OUT);

  constructor(model: RobotModel, pairs: CollisionPairs, poses: TailPoses) {
    this.model = model;
    this.pairs = pairs;
    this.poses = poses;
  }

  /** Looks at a pair at the pose in `slot`; `time[0]` is the time since the obstacles were set (s). */
  look(pair: number, slot: number, time: Float64Array): void {
    this.pairs.measure(pair, this.poses, slot, time, this.record, 0);
  }

  /**
   * Into `gradient`, one entry a joint of the arm (m/rad), at the pose in `slot` that `look` has looked at. False where the
   * axis itself is inside the other part, and no direction leads out.
   */
  find(pair: number, slot: number, gradient: Float64Array): boolean {
    const { record, pairs, axis, x } = this;
    if (record[10] === Number.POSITIVE_INFINITY) return false;
    const { capsules, obstacles, self, cores, first_self, first_fine } = pairs;
    gradient.fill(0);
    let moving: number;
    let fixed_body = -1;
    if (pair < first_self) {
      moving = Math.floor(pair / obstacles.capacity);
      const o = pair - moving * obstacles.capacity;
      this.turn(record, 7, obstacles.R, 9 * o);
      this.findShare(obstacles.kind[o], obstacles.size, 6 * o);
    } else if (pair < first_fine) {
      moving = self[pair - first_self].moving;
      const { fixed } = self[pair - first_self];
      fixed_body = capsules.body[fixed];
      this.turnByBody(record, 7, slot, fixed_body);
      this.findShare(CORE.segment, capsules.ends, 6 * fixed);
    } else {
      moving = pairs.fine_moving[pair - first_fine];
      const core = pairs.fine_core[pair - first_fine];
      fixed_body = cores.body[core];
      this.turn(record, 7, cores.R, 9 * core);
      this.turnByBody(this.n, 0, slot, fixed_body);
      this.findShare(cores.kind[core], cores.size, 6 * core);
    }
    pairs.placeAxis(moving, this.poses, slot, axis, 0);
    const s = this.along[0];
    for (let k = 0; k < 3; k++) x[k] = axis[k] + s * (axis[3 + k] - axis[k]);
    this.addJoints(capsules.body[moving], slot, 1, gradient);
    this.addJoints(fixed_body, slot, -1, gradient);
    return true;
  }

  /** Into `along`, where along the moving axis, from 0 to 1, it comes closest to the core. */
  private findShare(kind: number, size: Float64Array, at: number): void {
    const { record, point, out, along: result } = this;
    let along = 0;
    let square = 0;
    for (let k = 0; k < 3; k++) {
      const d = record[3 + k] - record[k];
      along += d * record[7 + k];
      square += d * d;
    }
    result[0] = along > 0 ? 0 : 1;
    if (along > ALONG * Math.sqrt(square) || along < -ALONG * Math.sqrt(square)) return;
    let low = 0;
    let high = 1;
    for (let i = 0; i < HALVINGS; i++) {
      const s = 0.5 * (low + high);
      for (let k = 0; k < 3; k++) {
        const value = record[k] + s * (record[3 + k] - record[k]);
        point[k] = value;
        point[3 + k] = value;
      }
      segmentCore(kind, point, size, at, out);
      let slope = 0;
      for (let k = 0; k < 3; k++) slope += out[1 + k] * (record[3 + k] - record[k]);
      if (slope < 0) low = s;
      else high = s;
    }
    result[0] = 0.5 * (low + high);
  }

  /** Adds what the joints that carry a body move the point along the direction, times the sign. */
  private addJoints(body: number, slot: number, sign: number, gradient: Float64Array): void {
    const { model, poses, n, x } = this;
    const { R, p } = poses;
    const { axis, joint_type, parent, coordinate, multiplier } = model;
    for (let b = body; b >= 0; b = parent[b]) {
      const r = 9 * (poses.nb * slot + b);
      const o = 3 * (poses.nb * slot + b);
      const ux = axis[3 * b];
      const uy = axis[3 * b + 1];
      const uz = axis[3 * b + 2];
      const ax = R[r] * ux + R[r + 1] * uy + R[r + 2] * uz;
      const ay = R[r + 3] * ux + R[r + 4] * uy + R[r + 5] * uz;
      const az = R[r + 6] * ux + R[r + 7] * uy + R[r + 8] * uz;
      let change = n[0] * ax + n[1] * ay + n[2] * az;
      if (joint_type[b] !== 1) {
        const dx = x[0] - p[o];
        const dy = x[1] - p[o + 1];
        const dz = x[2] - p[o + 2];
        change = n[0] * (ay * dz - az * dy) + n[1] * (az * dx - ax * dz) + n[2] * (ax * dy - ay * dx);
      }
      gradient[coordinate[b]] += sign * multiplier[b] * change;
    }
  }

  private turnByBody(from: Float64Array, at: number, slot: number, body: number): void {
    if (body >= 0) this.turn(from, at, this.poses.R, 9 * (this.poses.nb * slot + body));
    else for (let k = 0; k < 3; k++) this.n[k] = from[at + k];
  }

  /** A direction of a turned frame in the frame it was turned in, into `n`. */
  private turn(from: Float64Array, at: number, R: Float64Array, r: number): void {
    const a = from[at];
    const b = from[at + 1];
    const c = from[at + 2];
    for (let k = 0; k < 3; k++) this.n[k] = R[r + 3 * k] * a + R[r + 3 * k + 1] * b + R[r + 3 * k + 2] * c;
  }
}
