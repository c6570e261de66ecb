import type { SerialChain } from './chain.ts';

/** A joint as a line in the root frame, at zero: unit axis and a point on it (m). */
export interface Screw {
  readonly axis: Float64Array;
  readonly point: Float64Array;
}

/** The chain's joints at q = 0, or null unless each is revolute and moved by a coordinate of its own. */
export function screwsOf(chain: SerialChain): Screw[] | null {
  const { count, prismatic, multiplier, coordinate, axes, points } = chain;
  if (new Set(coordinate).size !== count) return null;
  if (prismatic.some((p) => p === 1) || multiplier.some((m) => Math.abs(m) !== 1)) return null;
  chain.place(new Float64Array(chain.n));
  return Array.from({ length: count }, (_, k) => ({
    axis: axes.slice(3 * k, 3 * k + 3).map((x) => x * multiplier[k]),
    point: points.slice(3 * k, 3 * k + 3),
  }));
}

/** The same chain seen from its end: e₁…eₙ = X becomes eₙ(−qₙ)…e₁(−q₁) = X⁻¹, so the axes turn round and angles stay. */
export function reversed(screws: readonly Screw[]): Screw[] {
  return [...screws].reverse().map(({ axis, point }) => ({ axis: axis.map((x) => -x), point }));
}

/** True if two axes are parallel or opposite, to within `tolerance` (rad). */
export function parallel(a: Screw, b: Screw, tolerance = ANGLE_TOLERANCE_RAD): boolean {
  return norm(cross(a.axis, b.axis)) < tolerance;
}

/** Where two lines meet, to within LENGTH_TOLERANCE_M; null where they pass or are parallel. */
export function meetingPoint(a: Screw, b: Screw): Float64Array | null {
  const n = cross(a.axis, b.axis);
  const n2 = dot(n, n);
  if (n2 < ANGLE_TOLERANCE_RAD ** 2) return null;
  const between = minus(b.point, a.point);
  if (Math.abs(dot(between, n)) / Math.sqrt(n2) > LENGTH_TOLERANCE_M) return null;
  const along = dot(cross(between, b.axis), n) / n2;
  return a.point.map((x, k) => x + along * a.axis[k]);
}

/** Distance of a point from a line (m). */
export function distanceFrom(point: Float64Array, { axis, point: on }: Screw): number {
  return norm(cross(minus(point, on), axis));
}

/** A unit vector across an axis. */
export function across(axis: Float64Array): Float64Array {
  const least = [0, 1, 2].reduce((best, k) => (Math.abs(axis[k]) < Math.abs(axis[best]) ? k : best), 0);
  const v = cross(
    axis,
    Float64Array.from([0, 1, 2], (k) => (k === least ? 1 : 0)),
  );
  const length = norm(v);
  return v.map((x) => x / length);
}

export function cross(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.of(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]);
}

export const dot = (a: Float64Array, b: Float64Array): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, k) => x - b[k]);
export const norm = (a: Float64Array): number => Math.hypot(a[0], a[1], a[2]);

/** How far a URDF may be from the ideal structure, by rounding or calibration; polishing makes up for it. */
export const ANGLE_TOLERANCE_RAD = 2e-3;
export const LENGTH_TOLERANCE_M = 2e-3;
