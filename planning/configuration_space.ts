/** Where a path is searched: a box of joint positions with a test for contact. */
export interface ConfigurationSpace {
  /** Arm joints. */
  readonly n: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** True if the n joint positions from `offset` of q may not be taken. */
  collides(q: Float64Array, offset?: number): boolean;
  /**
   * Whether the straight segment from a to b is free of contact everywhere, where the space can tell without sampling;
   * b is checked, a is not.
   */
  readonly segmentFree?: (a: Float64Array, ao: number, b: Float64Array, bo: number) => boolean;
}

export function distance(a: Float64Array, ao: number, b: Float64Array, bo: number, n: number): number {
  let sum = 0;
  for (let j = 0; j < n; j++) {
    const d = a[ao + j] - b[bo + j];
    sum += d * d;
  }
  return Math.sqrt(sum);
}

/** Checks straight joint segments point by point; owns one point of scratch. */
export class EdgeChecker {
  readonly space: ConfigurationSpace;
  /** Largest distance between checked points (Euclidean over the joints). */
  resolution_rad: number;
  private readonly point: Float64Array;

  constructor(space: ConfigurationSpace, resolution_rad = 0.01) {
    this.space = space;
    this.resolution_rad = resolution_rad;
    this.point = new Float64Array(space.n);
  }

  /**
   * True if the segment from a to b is free. Its end b is checked first, then inner points by bisection, coarse to fine,
   * so that contacts are met early; a itself is not checked.
   */
  free(a: Float64Array, ao: number, b: Float64Array, bo: number): boolean {
    const { space, point } = this;
    const n = space.n;
    if (space.segmentFree !== undefined) return space.segmentFree(a, ao, b, bo);
    if (space.collides(b, bo)) return false;
    const pieces = Math.ceil(distance(a, ao, b, bo, n) / this.resolution_rad);
    let stride = 1;
    while (stride * 2 < pieces) stride *= 2;
    for (; stride >= 1; stride >>= 1) {
      for (let i = stride; i < pieces; i += 2 * stride) {
        const t = i / pieces;
        for (let j = 0; j < n; j++) point[j] = a[ao + j] + t * (b[bo + j] - a[ao + j]);
        if (space.collides(point)) return false;
      }
    }
    return true;
  }

  /** Checks every point of a polyline, its ends included. */
  pathFree(path: readonly Float64Array[]): boolean {
    if (path.length === 0 || this.space.collides(path[0])) return false;
    for (let i = 1; i < path.length; i++) if (!this.free(path[i - 1], 0, path[i], 0)) return false;
    return true;
  }
}
