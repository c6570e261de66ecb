import type { JointGuard } from '../joint_guard.ts';
import { StoppingTail } from '../stopping_tail.ts';

/** Accelerations nearer to the stop's than this share of a cycle's greatest change are compared with one a little off. */
const NEAR = 0.05;
const OFF = 0.1;

/**
 * How the joints' places along the stop depend on the acceleration of the next cycle: the secant between the stop from the
 * proposal and the one that would begin now (or, where these are one, a little off it). Allocates nothing after
 * construction.
 */
export class TailSensitivity {
  /** Written by `at`: change of every joint's position for its acceleration, s². */
  readonly change: Float64Array;
  private readonly joints: readonly JointGuard[];
  private readonly h: number;
  private readonly tails: readonly StoppingTail[];
  private readonly other: Float64Array;

  constructor(joints: readonly JointGuard[], hz: number) {
    this.joints = joints;
    this.h = 1 / hz;
    this.change = new Float64Array(joints.length);
    this.other = new Float64Array(joints.length);
    this.tails = joints.map(({ bounds }) => new StoppingTail(bounds.acceleration, bounds.jerk, this.h));
  }

  /** Takes in the joints' proposals. Their stops must be in `tail`, and `stop_a` known. */
  begin(): void {
    const { joints, h, tails, other } = this;
    for (let i = 0; i < joints.length; i++) {
      const { v, next_a, stop_a, tail } = joints[i];
      const d = tail.acceleration_step;
      const apart = next_a - stop_a;
      if (apart > NEAR * d || apart < -NEAR * d) other[i] = stop_a;
      else other[i] = next_a + (next_a > 0 ? -OFF * d : OFF * d);
      tails[i].configure(tail.acceleration_limit, d / h);
      tails[i].velocity = v + h * other[i];
      tails[i].acceleration = other[i];
      tails[i].solve();
    }
  }

  /** Into `change`, the dependence at a cycle of the stop. */
  at(cycle: number): void {
    const { joints, h, tails, other, change } = this;
    for (let i = 0; i < joints.length; i++) {
      const { v, next_v, next_a, tail } = joints[i];
      tail.locate(cycle);
      tails[i].locate(cycle);
      const moved = h * (next_v - v - h * other[i]) + tail.displacement - tails[i].displacement;
      change[i] = moved / (next_a - other[i]);
    }
  }
}
