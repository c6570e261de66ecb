/** How the joints of a trajectory go together. */
export const SYNCHRONIZATIONS = ['time', 'phase', 'none'] as const;
/**
 * `time`: all joints end together. `phase`: they also move along a straight line in joint space. `none`: each joint takes
 * its own least time.
 */
export type Synchronization = (typeof SYNCHRONIZATIONS)[number];

/** Start, target and limits of n joints; the owner fills the arrays, and may use them again. Units of the joints: rad or m. */
export class TrajectoryInput {
  readonly n: number;
  readonly p0: Float64Array;
  readonly v0: Float64Array;
  readonly a0: Float64Array;
  /** Not looked at when `free_position`. */
  readonly p1: Float64Array;
  readonly v1: Float64Array;
  readonly a1: Float64Array;
  /** Limits of the absolute values, > 0. */
  readonly vmax: Float64Array;
  readonly amax: Float64Array;
  readonly jmax: Float64Array;
  /** Position limits; infinite from construction. */
  readonly pmin: Float64Array;
  readonly pmax: Float64Array;
  /** State-to-velocity: the target is v1 and a1 at whatever position. */
  free_position = false;

  constructor(n: number) {
    this.n = n;
    const zeros = () => new Float64Array(n);
    this.p0 = zeros();
    this.v0 = zeros();
    this.a0 = zeros();
    this.p1 = zeros();
    this.v1 = zeros();
    this.a1 = zeros();
    this.vmax = zeros();
    this.amax = zeros();
    this.jmax = zeros();
    this.pmin = zeros().fill(Number.NEGATIVE_INFINITY);
    this.pmax = zeros().fill(Number.POSITIVE_INFINITY);
  }
}
