import { BEYOND, ClosestPoints, OVERLAP } from './closest_points.ts';
import type { ConvexSet } from './convex.ts';
import { Penetration } from './penetration.ts';

/**
 * Signed distance of two convex bodies with the pair of points it stands between: positive apart (the gap), negative in
 * overlap (by minus the least shift that parts them). Exact for polytopes and spheres; for cylinders to a millionth.
 * Results are in the fields until the next call. Owns its scratch; allocates nothing.
 */
export class SignedDistance {
  /** Points on a and on b, frame world, 3 each (m). */
  readonly point_a = new Float64Array(3);
  readonly point_b = new Float64Array(3);
  /** Unit vector from b to a, 3: moving a along it adds to the distance. */
  readonly normal = new Float64Array(3);
  private readonly distance = Float64Array.of(0, Infinity);
  private readonly closest = new ClosestPoints();
  private readonly penetration = new Penetration(this.closest);

  get distance_m(): number {
    return this.distance[0];
  }

  /** How far apart bodies may be to be measured (m); what is deeper than a negative reach counts alone. */
  get reach_m(): number {
    return this.distance[1];
  }

  set reach_m(value: number) {
    this.distance[1] = value;
  }

  /** Measures body i of `a` against body j of `b`; false if they are further apart than the reach (fields are then void). */
  measure(a: ConvexSet, i: number, b: ConvexSet, j: number): boolean {
    const { closest, penetration, point_a, point_b, normal, distance } = this;
    const rounding = a.rounding[i] + b.rounding[j];
    closest.reach[0] = Math.max(0, distance[1] + rounding);
    const outcome = closest.run(a, i, b, j);
    if (outcome === BEYOND) return false;
    let core = 0;
    let from = closest.point_a;
    if (outcome === OVERLAP) {
      penetration.run(a, i, b, j);
      core = -penetration.depth_m;
      from = penetration.point_a;
      for (let k = 0; k < 3; k++) normal[k] = -penetration.normal[k];
    } else {
      const { v } = closest;
      core = Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
      for (let k = 0; k < 3; k++) normal[k] = v[k] / core;
    }
    distance[0] = core - rounding;
    for (let k = 0; k < 3; k++) {
      point_a[k] = from[k] - normal[k] * a.rounding[i];
      point_b[k] = from[k] - normal[k] * (core - b.rounding[j]);
    }
    return distance[0] <= distance[1];
  }
}
