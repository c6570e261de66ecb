import type { AngleLimits } from './branches.ts';
import { distanceFrom, LENGTH_TOLERANCE_M, meetingPoint, parallel, type Screw } from './screws.ts';
import { angleOnto, anglesOfTwo, anglesToPlane, anglesToSphere, rotateAbout } from './subproblems.ts';

type Structure = 'first two meet' | 'last two meet' | 'first two parallel' | 'last two parallel';

/**
 * Three joints that bring a point w to a point y: e_a e_b e_c w = y, where two neighbours meet or are parallel (Pieper,
 * 1968, in the form of Elias and Wen's subproblems). Writes up to four rows of angles.
 */
export class ThreeJoints {
  readonly structure: Structure;
  /** Of the last solve: 3 angles a row (rad), and by what part of the reach the point is out of it. */
  readonly angles = new Float64Array(12);
  readonly miss = new Float64Array(4);
  count = 0;
  private readonly a: Screw;
  private readonly b: Screw;
  private readonly c: Screw;
  /** The joints' places in the limits. */
  private readonly places: readonly [number, number, number];
  private readonly w: Float64Array;
  private readonly outer = new Float64Array(4);
  private readonly inner = new Float64Array(5);
  private readonly u = new Float64Array(3);
  private readonly v = new Float64Array(3);
  private readonly centre = new Float64Array(3);

  private constructor(
    structure: Structure,
    screws: readonly Screw[],
    w: Float64Array,
    places: readonly [number, number, number],
  ) {
    this.structure = structure;
    [this.a, this.b, this.c] = screws;
    this.w = w;
    this.places = places;
  }

  /** Null where the three joints have none of the structures, or the point does not move with them. */
  static of(screws: readonly Screw[], w: Float64Array, places: readonly [number, number, number]): ThreeJoints | null {
    const [a, b, c] = screws;
    const at = (screw: Screw, point: Float64Array): Screw => ({ axis: screw.axis, point });
    const off = (point: Float64Array, screw: Screw): boolean => distanceFrom(point, screw) > LENGTH_TOLERANCE_M;
    const ab = meetingPoint(a, b);
    if (ab !== null && off(w, c) && off(ab, c))
      return new ThreeJoints('first two meet', [at(a, ab), at(b, ab), c], w, places);
    const bc = meetingPoint(b, c);
    if (bc !== null && off(bc, a)) return new ThreeJoints('last two meet', [a, at(b, bc), at(c, bc)], w, places);
    if (parallel(b, c) && !parallel(a, b) && off(w, c) && off(b.point, c))
      return new ThreeJoints('last two parallel', screws, w, places);
    if (parallel(a, b) && !parallel(b, c) && off(w, c) && off(a.point, b))
      return new ThreeJoints('first two parallel', screws, w, places);
    return null;
  }

  /**
   * @param y  where w is to go (m)
   * @param limits  rows whose angles do not fit these are left out; null keeps all, the inexact ones too
   */
  solve(y: Float64Array, limits: AngleLimits | null): void {
    this.count = 0;
    switch (this.structure) {
      case 'first two meet':
        this.firstTwoMeet(y, limits);
        break;
      case 'last two meet':
        this.lastTwoMeet(y, limits);
        break;
      case 'first two parallel':
        this.firstTwoParallel(y, limits);
        break;
      case 'last two parallel':
        this.lastTwoParallel(y, limits);
    }
  }

  /** The last joint gives the distance of the point from where the first two meet. */
  private firstTwoMeet(y: Float64Array, limits: AngleLimits | null): void {
    const { a, b, c, w, outer, inner, u, v, centre, places } = this;
    subtract(w, c.point, u);
    subtract(a.point, c.point, centre);
    anglesToSphere(c.axis, u, centre, distance2(y, a.point), outer);
    if (limits !== null && outer[2] > EXACT) return;
    for (let k = 0; k < 2; k++) {
      const angle = outer[k];
      if (limits !== null && !limits.fits(places[2], angle)) continue;
      subtract(w, c.point, u);
      rotateAbout(c.axis, Math.cos(angle), Math.sin(angle), u, u);
      subtract(u, centre, u);
      subtract(y, a.point, v);
      anglesOfTwo(a.axis, b.axis, u, v, inner);
      for (let i = 0; i < 2; i++) this.keep(inner[2 * i], inner[2 * i + 1], angle, outer[2] + inner[4], limits);
    }
  }

  /** The first joint, turned back, gives the distance of y from where the last two meet. */
  private lastTwoMeet(y: Float64Array, limits: AngleLimits | null): void {
    const { a, b, c, w, outer, inner, u, v, centre, places } = this;
    subtract(y, a.point, u);
    subtract(b.point, a.point, centre);
    anglesToSphere(a.axis, u, centre, distance2(w, b.point), outer);
    if (limits !== null && outer[2] > EXACT) return;
    for (let k = 0; k < 2; k++) {
      const angle = -outer[k];
      if (limits !== null && !limits.fits(places[0], angle)) continue;
      subtract(y, a.point, v);
      rotateAbout(a.axis, Math.cos(angle), -Math.sin(angle), v, v);
      subtract(v, centre, v);
      subtract(w, b.point, u);
      anglesOfTwo(b.axis, c.axis, u, v, inner);
      for (let i = 0; i < 2; i++) this.keep(angle, inner[2 * i], inner[2 * i + 1], outer[2] + inner[4], limits);
    }
  }

  /** The last joint gives the height of the point along the first two. */
  private firstTwoParallel(y: Float64Array, limits: AngleLimits | null): void {
    const { a, b, c, w, outer, inner, u, v, centre, places } = this;
    subtract(w, c.point, u);
    anglesToPlane(c.axis, u, a.axis, along(a.axis, y, c.point), outer);
    if (limits !== null && outer[2] > EXACT) return;
    for (let k = 0; k < 2; k++) {
      const angle = outer[k];
      if (limits !== null && !limits.fits(places[2], angle)) continue;
      subtract(w, c.point, u);
      rotateAbout(c.axis, Math.cos(angle), Math.sin(angle), u, u);
      for (let i = 0; i < 3; i++) u[i] += c.point[i] - b.point[i];
      subtract(a.point, b.point, centre);
      anglesToSphere(b.axis, u, centre, distance2(y, a.point), inner);
      const miss = outer[2] + inner[2];
      for (let i = 0; i < 2; i++) {
        rotateAbout(b.axis, Math.cos(inner[i]), Math.sin(inner[i]), u, v);
        subtract(v, centre, v);
        subtract(y, a.point, this.ends);
        this.keep(angleOnto(a.axis, v, this.ends), inner[i], angle, miss, limits);
      }
    }
  }

  /** The first joint, turned back, gives the height of y along the last two. */
  private lastTwoParallel(y: Float64Array, limits: AngleLimits | null): void {
    const { a, b, c, w, outer, inner, u, v, centre, places } = this;
    subtract(y, a.point, u);
    anglesToPlane(a.axis, u, b.axis, along(b.axis, w, a.point), outer);
    if (limits !== null && outer[2] > EXACT) return;
    for (let k = 0; k < 2; k++) {
      const angle = -outer[k];
      if (limits !== null && !limits.fits(places[0], angle)) continue;
      subtract(y, a.point, v);
      rotateAbout(a.axis, Math.cos(angle), -Math.sin(angle), v, v);
      for (let i = 0; i < 3; i++) v[i] += a.point[i] - b.point[i];
      subtract(w, c.point, u);
      subtract(b.point, c.point, centre);
      anglesToSphere(c.axis, u, centre, v[0] * v[0] + v[1] * v[1] + v[2] * v[2], inner);
      const miss = outer[2] + inner[2];
      for (let i = 0; i < 2; i++) {
        rotateAbout(c.axis, Math.cos(inner[i]), Math.sin(inner[i]), u, this.ends);
        subtract(this.ends, centre, this.ends);
        this.keep(angle, angleOnto(b.axis, this.ends, v), inner[i], miss, limits);
      }
    }
  }

  private readonly ends = new Float64Array(3);

  private keep(a: number, b: number, c: number, miss: number, limits: AngleLimits | null): void {
    const { places } = this;
    if (
      limits !== null &&
      (miss > EXACT || !limits.fits(places[0], a) || !limits.fits(places[1], b) || !limits.fits(places[2], c))
    )
      return;
    const o = 3 * this.count;
    this.angles[o] = a;
    this.angles[o + 1] = b;
    this.angles[o + 2] = c;
    this.miss[this.count++] = miss;
  }
}

/** Part of the reach by which rounding may put a pose at the edge of the workspace out of it. */
export const EXACT = 1e-6;

function subtract(a: Float64Array, b: Float64Array, out: Float64Array): void {
  out[0] = a[0] - b[0];
  out[1] = a[1] - b[1];
  out[2] = a[2] - b[2];
}

function distance2(a: Float64Array, b: Float64Array): number {
  const x = a[0] - b[0];
  const y = a[1] - b[1];
  const z = a[2] - b[2];
  return x * x + y * y + z * z;
}

/** axis · (p − from). */
function along(axis: Float64Array, p: Float64Array, from: Float64Array): number {
  return axis[0] * (p[0] - from[0]) + axis[1] * (p[1] - from[1]) + axis[2] * (p[2] - from[2]);
}
