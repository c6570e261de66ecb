import { JointPlanner } from './joint_planner.ts';
import type { Synchronization, TrajectoryInput } from './input.ts';

const MISS = 3e-10;

export class TrajectoryGenerator {
  readonly n: number;
  duration = Number.NaN;
  private readonly joints: readonly JointPlanner[];
  private readonly at = new Float64Array(1);
  private readonly estimate: Float64Array;
  private slack = 0.5;
  private slowest = 0;
  private missed = Number.NaN;

  constructor(n: number) {
    this.n = n;
    this.joints = Array.from({ length: n }, () => new JointPlanner());
    this.estimate = new Float64Array(n);
  }

  joint(k: number) { return this.joints[k]; }

  plan(input: TrajectoryInput, _s: Synchronization): boolean {
    const { n, joints, estimate } = this;
    let slowest = 0;
    for (let k = 0; k < n; k++) {
      const joint = joints[k];
      joint.p0 = input.p0[k];
      joint.v0 = input.v0[k];
      joint.a0 = input.a0[k];
      joint.p1 = input.p1[k];
      joint.v1 = input.v1[k];
      joint.a1 = input.a1[k];
      joint.vmax = input.vmax[k];
      joint.amax = input.amax[k];
      joint.jmax = input.jmax[k];
      joint.free_position = input.free_position;
      joint.prepare();
      estimate[k] = joint.estimate;
      if (estimate[k] > estimate[slowest]) slowest = k;
    }
    this.slowest = slowest;
    this.slack = 0;
    if (!this.joinTimes()) return false;
    this.rescue();
    return true;
  }

  /** See FeasibleTimes: where rounding decides, the least slack that has a much shorter time is used. */
  private rescue(): void {
    const { joints } = this;
    let near = false;
    for (const joint of joints) if (joint.near) near = true;
    if (!near) return;
    const exact = this.duration;
    this.slack = 1;
    this.joinTimes();
    const loose = this.duration;
    if (loose < exact * (1 - 1e-7)) {
      for (this.slack = 1e-3; this.slack < 2; this.slack *= 10) {
        this.joinTimes();
        if (this.duration < loose + 0.1 * (exact - loose) && this.missed < MISS) return;
      }
    }
    this.slack = 0;
    this.joinTimes();
  }

  private joinTimes(): boolean {
    const { n, joints } = this;
    for (const joint of joints) {
      joint.slack = this.slack;
      joint.forget();
    }
    this.missed = 0;
    let T = 0;
    let k = this.slowest;
    for (let left = n; left > 0; left--) {
      const joint = joints[k];
      joint.time = T;
      if (!joint.solveCruise()) {
        if (!joint.findTime()) return false;
        if (joint.time > T * (1 + 1e-13)) {
          T = joint.time;
          left = n;
        } else joint.time = T;
        joint.solve();
        joint.miss();
        if (joint.missed_by > this.missed) this.missed = joint.missed_by;
      }
      k = k + 1 === n ? 0 : k + 1;
    }
    this.duration = T;
    return true;
  }

  sample(t: number, p: Float64Array, v: Float64Array, a: Float64Array): void {
    this.at[0] = t;
    this.sampleAll(p, v, a);
  }

  private sampleAll(p: Float64Array, v: Float64Array, a: Float64Array): void {
    for (let k = 0; k < this.n; k++) this.joints[k].profile.sample(this.at, k, p, v, a);
  }
}
