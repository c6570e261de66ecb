export interface IkOptions {
  /** Link whose pose is asked for; default: the robot's tool frame. */
  readonly frame?: string;
  /** Accepted errors of the tool pose: m and rad. */
  readonly position_tolerance_m?: number;
  readonly rotation_tolerance_rad?: number;
  /** Iterations a start. */
  readonly max_iterations?: number;
  /** Other starts after the seed; default 12, and 150 where there is no exact closed form. */
  readonly max_restarts?: number;
  /** Distance kept from the joints' position limits (rad), at most half their range. */
  readonly limit_margin_rad?: number;
  /** Pull towards the home pose in the null space, per iteration (0..1). */
  readonly home_gain?: number;
  /** What is tried first: descent from the seed (stays near it and draws home), or the closed form where there is one. */
  readonly first?: 'descent' | 'closed_form';
  /**
   * true: of seven joints' many solutions the nearest to the seed; else the nearest of the first few that are found, in
   * a third of the time. Default false.
   */
  readonly thorough?: boolean;
  /** false: descent alone, whatever the structure. Default true. */
  readonly closed_form?: boolean;
}

/** What a solve came to; q holds the best point seen, within the limits. Overwritten by the next solve. */
export interface IkResult {
  ok: boolean;
  /** Arm joints (rad). */
  readonly q: Float64Array;
  position_error_m: number;
  rotation_error_rad: number;
  iterations: number;
  /** Starts of the descent after the first. */
  restarts: number;
  /** What found the solution. */
  method: 'descent' | 'closed form';
  /** Empty when ok. */
  reason: string;
}
