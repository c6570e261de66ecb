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

/** A proximity to be written, of nothing yet. */
export function createProximity(arm_joints: number): Proximity {
  return {
    distance_m: Infinity,
    a: '',
    b: '',
    point_a: new Float64Array(3),
    point_b: new Float64Array(3),
    normal: new Float64Array(3),
    gradient: new Float64Array(arm_joints),
  };
}

/**
 * Nearest pairs of many, one row each, written by `CollisionWorld.distances`: first a row a link (the held object last)
 * against the obstacles, then a row for every pair of links that is checked.
 */
export class ProximityTable {
  /** Rows that are of a link against obstacles; the others are of pairs of links. */
  readonly links: number;
  readonly rows: number;
  readonly arm_joints: number;
  /** Name of the link (or HELD) of every row. */
  readonly a: readonly string[];
  /** Name of the other link of rows of pairs; '' in rows against obstacles. */
  readonly other: readonly string[];
  /** Rows that are measured: 1 or 0; the others are left as they are. */
  readonly wanted: Uint8Array;
  /** Name of the obstacle or other link of every row; '' where nothing is within reach. */
  readonly b: string[];
  /** Signed distances (m), Infinity where nothing is within the reach asked for. */
  readonly distance_m: Float64Array;
  /** Nearest points and unit vector from b to a, frame world, 3 a row. */
  readonly point_a: Float64Array;
  readonly point_b: Float64Array;
  readonly normal: Float64Array;
  /** Derivatives of the distances by the arm joints, `arm_joints` a row (m/rad). */
  readonly gradient: Float64Array;

  constructor(links: readonly string[], pairs: readonly (readonly [string, string])[], arm_joints: number) {
    const rows = links.length + pairs.length;
    this.links = links.length;
    this.rows = rows;
    this.arm_joints = arm_joints;
    this.a = [...links, ...pairs.map(([a]) => a)];
    this.other = [...links.map(() => ''), ...pairs.map(([, b]) => b)];
    this.wanted = new Uint8Array(rows).fill(1);
    this.b = new Array<string>(rows).fill('');
    this.distance_m = new Float64Array(rows).fill(Infinity);
    this.point_a = new Float64Array(3 * rows);
    this.point_b = new Float64Array(3 * rows);
    this.normal = new Float64Array(3 * rows);
    this.gradient = new Float64Array(arm_joints * rows);
  }
}
