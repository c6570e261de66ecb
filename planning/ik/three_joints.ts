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
  readonly angles = new Float64Array(15);
  readonly miss = new Float64Array(5);
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
  private readonly ends = new Float64Array(3);
  private readonly turn = new Float64Array(2);

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
    const { a, b, c, w, outer, inner, u, v, centre, places, turn, angles } = this;
    subtract(w, c.point, u);
    subtract(a.point, c.point, centre);
    squaredDistance(y, a.point, outer);
    anglesToSphere(c.axis, u, centre, outer);
    if (limits !== null && outer[2] > EXACT) return;
    for (let k = 0; k < 2; k++) {
      if (limits !== null && !limits.fits(places[2], outer, k)) continue;
      subtract(w, c.point, u);
      setTurn(turn, outer, k);
      rotateAbout(c.axis, turn, u, u);
      subtract(u, centre, u);
      subtract(y, a.point, v);
      anglesOfTwo(a.axis, b.axis, u, v, inner);
      for (let i = 0; i < 2; i++) {
        const o = 3 * this.count;
        angles[o] = inner[2 * i];
        angles[o + 1] = inner[2 * i + 1];
        angles[o + 2] = outer[k];
        this.miss[this.count] = outer[2] + inner[4];
        this.keep(limits);
      }
    }
  }

  /** The first joint, turned back, gives the distance of y from where the last two meet. */
  private lastTwoMeet(y: Float64Array, limits: AngleLimits | null): void {
    const { a, b, c, w, outer, inner, u, v, centre, places, turn, angles } = this;
    subtract(y, a.point, u);
    subtract(b.point, a.point, centre);
    squaredDistance(w, b.point, outer);
    anglesToSphere(a.axis, u, centre, outer);
    if (limits !== null && outer[2] > EXACT) return;
    outer[0] = -outer[0];
    outer[1] = -outer[1];
    for (let k = 0; k < 2; k++) {
      if (limits !== null && !limits.fits(places[0], outer, k)) continue;
      subtract(y, a.point, v);
      setTurn(turn, outer, k);
      turn[1] = -turn[1];
      rotateAbout(a.axis, turn, v, v);
      subtract(v, centre, v);
      subtract(w, b.point, u);
      anglesOfTwo(b.axis, c.axis, u, v, inner);
      for (let i = 0; i < 2; i++) {
        const o = 3 * this.count;
        angles[o] = outer[k];
        angles[o + 1] = inner[2 * i];
        angles[o + 2] = inner[2 * i + 1];
        this.miss[this.count] = outer[2] + inner[4];
        this.keep(limits);
      }
    }
  }

  /** The last joint gives the height of the point along the first two. */
  private firstTwoParallel(y: Float64Array, limits: AngleLimits | null): void {
    const { a, b, c, w, outer, inner, u, v, centre, places, ends, turn, angles } = this;
    subtract(w, c.point, u);
    heightAlong(a.axis, y, c.point, outer);
    anglesToPlane(c.axis, u, a.axis, outer);
    if (limits !== null && outer[2] > EXACT) return;
    for (let k = 0; k < 2; k++) {
      if (limits !== null && !limits.fits(places[2], outer, k)) continue;
      subtract(w, c.point, u);
      setTurn(turn, outer, k);
      rotateAbout(c.axis, turn, u, u);
      for (let i = 0; i < 3; i++) u[i] += c.point[i] - b.point[i];
      subtract(a.point, b.point, centre);
      squaredDistance(y, a.point, inner);
      anglesToSphere(b.axis, u, centre, inner);
      for (let i = 0; i < 2; i++) {
        setTurn(turn, inner, i);
        rotateAbout(b.axis, turn, u, v);
        subtract(v, centre, v);
        subtract(y, a.point, ends);
        const o = 3 * this.count;
        angleOnto(a.axis, v, ends, angles, o);
        angles[o + 1] = inner[i];
        angles[o + 2] = outer[k];
        this.miss[this.count] = outer[2] + inner[2];
        this.keep(limits);
      }
    }
  }

  /** The first joint, turned back, gives the height of y along the last two. */
  private lastTwoParallel(y: Float64Array, limits: AngleLimits | null): void {
    const { a, b, c, w, outer, inner, u, v, centre, places, ends, turn, angles } = this;
    subtract(y, a.point, u);
    heightAlong(b.axis, w, a.point, outer);
    anglesToPlane(a.axis, u, b.axis, outer);
    if (limits !== null && outer[2] > EXACT) return;
    outer[0] = -outer[0];
    outer[1] = -outer[1];
    for (let k = 0; k < 2; k++) {
      if (limits !== null && !limits.fits(places[0], outer, k)) continue;
      subtract(y, a.point, v);
      setTurn(turn, outer, k);
      turn[1] = -turn[1];
      rotateAbout(a.axis, turn, v, v);
      for (let i = 0; i < 3; i++) v[i] += a.point[i] - b.point[i];
      subtract(w, c.point, u);
      subtract(b.point, c.point, centre);
      inner[0] = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
      anglesToSphere(c.axis, u, centre, inner);
      for (let i = 0; i < 2; i++) {
        setTurn(turn, inner, i);
        rotateAbout(c.axis, turn, u, ends);
        subtract(ends, centre, ends);
        const o = 3 * this.count;
        angles[o] = outer[k];
        angleOnto(b.axis, ends, v, angles, o + 1);
        angles[o + 2] = inner[i];
        this.miss[this.count] = outer[2] + inner[2];
        this.keep(limits);
      }
    }
  }

  /** Counts the row just written, unless its angles do not fit. */
  private keep(limits: AngleLimits | null): void {
    const { places, angles, miss, count } = this;
    for (let k = 0; limits !== null && k < 3; k++) {
      if (miss[count] > EXACT || !limits.fits(places[k], angles, 3 * count + k)) return;
    }
    this.count++;
  }
}

/** Part of the reach by which rounding may put a pose at the edge of the workspace out of it. */
export const EXACT = 1e-6;

/** Cosine and sine of the angle at angles[at]. */
export function setTurn(turn: Float64Array, angles: Float64Array, at: number): void {
  turn[0] = Math.cos(angles[at]);
  turn[1] = Math.sin(angles[at]);
}

function subtract(a: Float64Array, b: Float64Array, out: Float64Array): void {
  out[0] = a[0] - b[0];
  out[1] = a[1] - b[1];
  out[2] = a[2] - b[2];
}

/** out[0] = |a − b|². */
function squaredDistance(a: Float64Array, b: Float64Array, out: Float64Array): void {
  const x = a[0] - b[0];
  const y = a[1] - b[1];
  const z = a[2] - b[2];
  out[0] = x * x + y * y + z * z;
}

/** out[0] = axis · (p − from). */
function heightAlong(axis: Float64Array, p: Float64Array, from: Float64Array, out: Float64Array): void {
  out[0] = axis[0] * (p[0] - from[0]) + axis[1] * (p[1] - from[1]) + axis[2] * (p[2] - from[2]);
}
