/** Nearest pair of a robot and what it must stay away from, at one position; written by `CollisionWorld.nearest`. */
export interface Proximity {
  /** Signed distance (m): below 0 by how deep the two overlap. Infinity where nothing is within the reach asked for. */
  distance_m: number;
  /** Names of the pair: a link or HELD, and an obstacle or another link. */
  a: string;
  b: string;
  /** Nearest points on a and on b, frame world, 3 each (m). */
  readonly point_a: Float64Array;
  readonly point_b: Float64Array;
  /** Unit vector from b to a, 3. */
  readonly normal: Float64Array;
  /** Derivative of the distance by the arm joints, one each (m/rad). */
  readonly gradient: Float64Array;
}
