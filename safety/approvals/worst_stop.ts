export interface JointDynamics {
  readonly velocity_rad_per_s: number;
  readonly acceleration_rad_per_s2: number;
  readonly jerk_rad_per_s3: number;
}

/** Longest jerk-limited stop that a joint may need, s and rad. */
export interface WorstStop {
  readonly time_s: number;
  readonly distance_rad: number;
}

/**
 * The stop from the worst state that the limits allow: full acceleration that has to be taken back first, so that the joint
 * just reaches its full speed, then the shortest jerk-limited way to rest (Kröger 2010, time-optimal profiles). Bounds every
 * stop within these limits, in time and in distance.
 */
export function worstStop({
  velocity_rad_per_s: v,
  acceleration_rad_per_s2: a,
  jerk_rad_per_s3: j,
}: JointDynamics): WorstStop {
  const taking_back_s = a / j;
  // Below this speed full deceleration is never reached.
  const whole = v * j >= a * a;
  const stop_s = whole ? v / a + a / j : 2 * Math.sqrt(v / j);
  return { time_s: taking_back_s + stop_s, distance_rad: v * taking_back_s + (v * stop_s) / 2 };
}
