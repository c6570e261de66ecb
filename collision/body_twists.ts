import type { RobotModel } from '../dynamics/index.ts';
import type { BodyPoses } from './body_poses.ts';

/**
 * How the bodies of a robot move along a straight joint segment, per unit of its parameter: twists at the root's origin,
 * angular 3 over linear 3, axes of the root. Allocates nothing after construction.
 */
export class BodyTwists {
  /** Written by `place`, 6·nb. */
  readonly twist: Float64Array;
  /** Written by `setSegment`: rate of every body's joint (rad or m). */
  readonly rate: Float64Array;
  private readonly model: RobotModel;
  private readonly arm_joints: number;

  constructor(model: RobotModel, arm_joints: number) {
    this.model = model;
    this.arm_joints = arm_joints;
    this.twist = new Float64Array(6 * model.nb);
    this.rate = new Float64Array(model.nb);
  }

  /** The segment from the arm joints at `ao` of a to those at `bo` of b, run through in one unit; other joints stand. */
  setSegment(a: Float64Array, ao: number, b: Float64Array, bo: number): void {
    const { nb, coordinate, multiplier } = this.model;
    for (let k = 0; k < nb; k++) {
      const c = coordinate[k];
      this.rate[k] = c < this.arm_joints ? multiplier[k] * (b[bo + c] - a[ao + c]) : 0;
    }
  }

  /** Twists at the poses of the bodies. */
  place({ pose: P }: BodyPoses): void {
    const { twist: T, rate, model } = this;
    const { nb, parent, axis, joint_type } = model;
    for (let b = 0; b < nb; b++) {
      const o = 6 * b;
      const pa = 6 * parent[b];
      const k = 12 * b;
      const x = axis[3 * b] * rate[b];
      const y = axis[3 * b + 1] * rate[b];
      const z = axis[3 * b + 2] * rate[b];
      const wx = P[k] * x + P[k + 1] * y + P[k + 2] * z;
      const wy = P[k + 3] * x + P[k + 4] * y + P[k + 5] * z;
      const wz = P[k + 6] * x + P[k + 7] * y + P[k + 8] * z;
      for (let i = 0; i < 6; i++) T[o + i] = pa < 0 ? 0 : T[pa + i];
      if (joint_type[b] === 1) {
        T[o + 3] += wx;
        T[o + 4] += wy;
        T[o + 5] += wz;
        continue;
      }
      const px = P[k + 9];
      const py = P[k + 10];
      const pz = P[k + 11];
      T[o] += wx;
      T[o + 1] += wy;
      T[o + 2] += wz;
      T[o + 3] += py * wz - pz * wy;
      T[o + 4] += pz * wx - px * wz;
      T[o + 5] += px * wy - py * wx;
    }
  }
}
