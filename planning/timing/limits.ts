import type { JointLimits } from '../../dynamics/index.ts';

/** Bounds a trajectory is made within, one entry an arm joint: rad/s, rad/s², rad/s³. */
export interface MotionLimits {
  readonly velocity: Float64Array;
  readonly acceleration: Float64Array;
  readonly jerk: Float64Array;
}

/** Fractions (0..1] of the robot's own limits. */
export interface LimitScale {
  readonly velocity: number;
  readonly acceleration: number;
  readonly jerk: number;
}

/** Fast enough for the task, soft enough that tracking errors stay small and the gate never has to limit. */
export const DEFAULT_SCALE: LimitScale = { velocity: 0.6, acceleration: 0.3, jerk: 0.05 };

export function scaleLimits(limits: JointLimits, scale: LimitScale): MotionLimits {
  for (const [name, value] of Object.entries(scale)) {
    if (!(value > 0 && value <= 1)) throw new RangeError(`${name} scale ${value} must be in (0, 1]`);
  }
  return {
    velocity: limits.velocity.map((x) => x * scale.velocity),
    acceleration: limits.acceleration.map((x) => x * scale.acceleration),
    jerk: limits.jerk.map((x) => x * scale.jerk),
  };
}
