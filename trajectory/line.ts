import type { TrajectoryInput } from './input.ts';
import type { JointPlanner } from './joint_planner.ts';

/** How far, relative to the largest component, a vector may lie off the line. */
const COLLINEAR = 1e-11;
/** Rounding of vectors that were sampled from a trajectory, relative to their limits. */
const SAMPLED = 1e-13;
/** Rounding of positions, of which displacements are differences. */
const ROUNDING = 4e-16;

/**
 * The straight line in joint space on which a motion can stay: displacement, velocities and accelerations of start and
 * target are multiples of one direction. Along it the motion is that of one joint, the reference, of which every other
 * joint makes a constant share.
 */
export class Line {
  /** Direction: share of the reference joint's motion that each joint makes. */
  readonly share: Float64Array;
  reference = 0;

  private readonly displacement: Float64Array;
  private readonly length: Float64Array;
  private direction: Float64Array;
  private largest = Number.NaN;
  private size = Number.NaN;

  constructor(n: number) {
    this.share = new Float64Array(n);
    this.displacement = new Float64Array(n);
    this.length = new Float64Array(n);
    this.direction = this.displacement;
  }

  /** Whether there is such a line; sets direction and reference joint. At rest on the target every line will do. */
  find(input: TrajectoryInput): boolean {
    const { displacement, share } = this;
    const { n, p0, p1 } = input;
    for (let k = 0; k < n; k++) {
      const { vmax, amax, jmax } = input;
      displacement[k] = input.free_position ? 0 : p1[k] - p0[k];
      this.length[k] = vmax[k] * (vmax[k] / amax[k] + amax[k] / jmax[k]);
    }
    this.direction = displacement;
    this.largest = 0;
    this.reference = 0;
    this.consider(displacement, this.length);
    this.consider(input.v0, input.vmax);
    this.consider(input.v1, input.vmax);
    this.consider(input.a0, input.amax);
    this.consider(input.a1, input.amax);
    const { direction, largest } = this;
    const scale = direction[this.reference];
    for (let k = 0; k < n; k++) {
      const part = largest > 0 ? direction[k] / scale : k === this.reference ? 1 : 0;
      share[k] = Math.abs(part) < COLLINEAR ? 0 : part;
    }
    return (
      (input.free_position || this.holds(displacement, this.length, input)) &&
      this.holds(input.v0, input.vmax, null) &&
      this.holds(input.v1, input.vmax, null) &&
      this.holds(input.a0, input.amax, null) &&
      this.holds(input.a1, input.amax, null)
    );
  }

  /** Takes `vector` as direction if it is the largest so far, in units of the limits. */
  private consider(vector: Float64Array, unit: Float64Array): void {
    for (let k = 0; k < vector.length; k++) {
      const size = Math.abs(vector[k]) / unit[k];
      if (!(size > this.largest)) continue;
      this.largest = size;
      this.direction = vector;
      this.reference = k;
    }
  }

  /** Whether `vector` lies along the line, as exactly as its size, its unit and its positions allow. */
  private holds(vector: Float64Array, unit: Float64Array, positions: TrajectoryInput | null): boolean {
    const { share, reference } = this;
    this.size = 0;
    for (let k = 0; k < vector.length; k++) this.size = Math.max(this.size, Math.abs(vector[k]));
    for (let k = 0; k < vector.length; k++) {
      let room = COLLINEAR * this.size + SAMPLED * unit[k];
      if (positions !== null) room += ROUNDING * (Math.abs(positions.p0[k]) + Math.abs(positions.p1[k]));
      if (Math.abs(vector[k] - share[k] * vector[reference]) > room) return false;
    }
    return true;
  }

  /** Start, target and limits along the line, as the reference joint's. */
  fill(joint: JointPlanner, input: TrajectoryInput): void {
    const { share, reference } = this;
    joint.free_position = input.free_position;
    joint.p0 = input.p0[reference];
    joint.v0 = input.v0[reference];
    joint.a0 = input.a0[reference];
    joint.p1 = input.p1[reference];
    joint.v1 = input.v1[reference];
    joint.a1 = input.a1[reference];
    joint.vmax = Number.POSITIVE_INFINITY;
    joint.amax = Number.POSITIVE_INFINITY;
    joint.jmax = Number.POSITIVE_INFINITY;
    joint.pmin = Number.NEGATIVE_INFINITY;
    joint.pmax = Number.POSITIVE_INFINITY;
    for (let k = 0; k < share.length; k++) {
      if (share[k] === 0) continue;
      const per = 1 / Math.abs(share[k]);
      joint.vmax = Math.min(joint.vmax, input.vmax[k] * per);
      joint.amax = Math.min(joint.amax, input.amax[k] * per);
      joint.jmax = Math.min(joint.jmax, input.jmax[k] * per);
      const below = (share[k] > 0 ? input.pmin[k] - input.p0[k] : input.pmax[k] - input.p0[k]) / share[k];
      const above = (share[k] > 0 ? input.pmax[k] - input.p0[k] : input.pmin[k] - input.p0[k]) / share[k];
      joint.pmin = Math.max(joint.pmin, joint.p0 + below);
      joint.pmax = Math.min(joint.pmax, joint.p0 + above);
    }
  }

  /** Gives joint `k` its share of the line's profile. */
  spread(line: JointPlanner, joint: JointPlanner, input: TrajectoryInput, k: number): void {
    const { profile } = joint;
    profile.count = 0;
    profile.append(line.profile);
    const share = this.share[k];
    for (let i = 0; i < profile.count; i++) profile.jerk[i] *= share;
    profile.position[0] = input.p0[k];
    profile.velocity[0] = input.v0[k];
    profile.acceleration[0] = input.a0[k];
    profile.integrate();
  }
}
