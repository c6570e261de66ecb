import type { Robot } from '../robots/index.ts';
import type { RobotState } from './driver.ts';

export interface JointLimitSpringOptions {
  /** Distance from a limit at which it begins to push, rad. */
  readonly range_rad: number;
  /** Push at the limit as a share of the joint's effort limit. */
  readonly share: number;
  /** Damping of the motion within the range, Nm s/rad for each Nm/rad of stiffness at the limit, s. */
  readonly damping_s: number;
}

export const DEFAULT_LIMIT_SPRING: JointLimitSpringOptions = { range_rad: 0.15, share: 0.5, damping_s: 0.05 };

/**
 * Pushes joints away from their position limits by a potential of third order within `range_rad` of them (an artificial
 * potential field, Khatib 1986, with a force that begins smoothly), and damps what moves there towards the limit.
 */
export class JointLimitSpring {
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;
  private readonly push: Float64Array;
  private readonly range: number;
  private readonly damping: number;

  constructor(robot: Robot, options: Partial<JointLimitSpringOptions> = {}) {
    const { range_rad, share, damping_s } = { ...DEFAULT_LIMIT_SPRING, ...options };
    const n = robot.arm_joints;
    this.lower = robot.limits.position_lower.slice(0, n);
    this.upper = robot.limits.position_upper.slice(0, n);
    this.push = robot.limits.effort.slice(0, n).map((effort) => share * Math.min(effort, 1e3));
    this.range = range_rad;
    this.damping = damping_s;
  }

  /** Adds its torques (Nm) to `tau`. */
  add({ position, velocity }: RobotState, tau: Float64Array): void {
    const { lower, upper, push, range, damping } = this;
    for (let i = 0; i < lower.length; i++) {
      const below = (lower[i] + range - position[i]) / range;
      const above = (position[i] - upper[i] + range) / range;
      const depth = below > 0 ? below : above > 0 ? above : 0;
      if (depth === 0) continue;
      const away = below > 0 ? 1 : -1;
      const towards = -away * velocity[i];
      const stiffness = (2 * push[i] * depth) / range;
      tau[i] += away * (push[i] * depth * depth + (towards > 0 ? damping * stiffness * towards : 0));
    }
  }

  /** Potential of the pushes at `position`, J. */
  energy(position: ArrayLike<number>): number {
    const { lower, upper, push, range } = this;
    let sum = 0;
    for (let i = 0; i < lower.length; i++) {
      const depth = Math.max(0, (lower[i] + range - position[i]) / range, (position[i] - upper[i] + range) / range);
      sum += (push[i] * range * depth ** 3) / 3;
    }
    return sum;
  }
}
