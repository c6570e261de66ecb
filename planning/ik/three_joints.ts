import type { AngleLimits } from './branches.ts';
import { distanceFrom, LENGTH_TOLERANCE_M, meetingPoint, parallel, reversed, type Screw } from './screws.ts';
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
  /** Place of angle a in a row: 2 where the last two meet or are parallel, for then all is seen from the end, and y goes to w. */
  private readonly first: 0 | 2;
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
    this.first = structure.startsWith('first') ? 0 : 2;
    [this.a, this.b, this.c] = this.first === 0 ? screws : reversed(screws);
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
    const from = this.first === 0 ? this.w : y;
    const to = this.first === 0 ? y : this.w;
    this.count = 0;
    if (this.structure.endsWith('meet')) this.firstTwoMeet(from, to, limits);
    else this.firstTwoParallel(from, to, limits);
  }

  /** The last joint gives the distance of the point from where the first two meet. */
  private firstTwoMeet(from: Float64Array, to: Float64Array, limits: AngleLimits | null): void {
    const { a, b, c, outer, inner, u, v, centre, angles, first } = this;
    subtract(from, c.point, u);
    subtract(a.point, c.point, centre);
    squaredDistance(to, a.point, outer);
    anglesToSphere(c.axis, u, centre, outer);
    if (limits !== null && outer[2] > EXACT) return;
    for (let k = 0; k < 2; k++) {
      if (!this.turnLast(from, k, limits)) continue;
      subtract(u, centre, u);
      subtract(to, a.point, v);
      anglesOfTwo(a.axis, b.axis, u, v, inner);
      for (let i = 0; i < 2; i++) {
        const o = 3 * this.count;
        angles[o + first] = inner[2 * i];
        angles[o + 1] = inner[2 * i + 1];
        angles[o + 2 - first] = outer[k];
        this.miss[this.count] = outer[2] + inner[4];
        this.keep(limits);
      }
    }
  }

  /** The last joint gives the height of the point along the first two. */
  private firstTwoParallel(from: Float64Array, to: Float64Array, limits: AngleLimits | null): void {
    const { a, b, c, outer, inner, u, v, centre, ends, turn, angles, first } = this;
    subtract(from, c.point, u);
    heightAlong(a.axis, to, c.point, outer);
    anglesToPlane(c.axis, u, a.axis, outer);
    if (limits !== null && outer[2] > EXACT) return;
    for (let k = 0; k < 2; k++) {
      if (!this.turnLast(from, k, limits)) continue;
      for (let i = 0; i < 3; i++) u[i] += c.point[i] - b.point[i];
      subtract(a.point, b.point, centre);
      squaredDistance(to, a.point, inner);
      anglesToSphere(b.axis, u, centre, inner);
      for (let i = 0; i < 2; i++) {
        setTurn(turn, inner, i);
        rotateAbout(b.axis, turn, u, v);
        subtract(v, centre, v);
        subtract(to, a.point, ends);
        const o = 3 * this.count;
        angleOnto(a.axis, v, ends, angles, o + first);
        angles[o + 1] = inner[i];
        angles[o + 2 - first] = outer[k];
        this.miss[this.count] = outer[2] + inner[2];
        this.keep(limits);
      }
    }
  }

  /** Writes to u the way from a point of the last axis to the point, turned by angle k of `outer`; false if that does not fit. */
  private turnLast(from: Float64Array, k: number, limits: AngleLimits | null): boolean {
    const { c, outer, u, turn, places, first } = this;
    if (limits !== null && !limits.fits(places[2 - first], outer, k)) return false;
    subtract(from, c.point, u);
    setTurn(turn, outer, k);
    rotateAbout(c.axis, turn, u, u);
    return true;
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
