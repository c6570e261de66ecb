/**
 * One joint's move in units in which the jerk and acceleration limits are 1: time A/J, velocity A²/J, length A³/J².
 * Everything below this folder's `joint_planner.ts` computes in these units.
 */
export class Motion {
  /** Displacement from start to target. */
  d = Number.NaN;
  v0 = Number.NaN;
  a0 = Number.NaN;
  vf = Number.NaN;
  af = Number.NaN;
  /** Velocity limit. */
  V = Number.NaN;
  /** Size of the velocities that rounding is relative to: of the ends, and of a last change of acceleration. */
  U = Number.NaN;
}
