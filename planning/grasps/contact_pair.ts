import type { Vector3 } from '../../contracts/index.ts';

/** Two contacts on opposite sides of an object, in one frame: points (m) and outward unit normals of the surface there. */
export interface ContactPair {
  readonly a: Vector3;
  readonly b: Vector3;
  readonly normal_a: Vector3;
  readonly normal_b: Vector3;
}

/** Distance between the contacts (m): how wide the fingers are when they hold the object. */
export function pairWidth({ a, b }: ContactPair): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]);
}

/** Unit vector from contact a to contact b. */
export function pairAxis({ a, b }: ContactPair): Vector3 {
  return unit([b[0] - a[0], b[1] - a[1], b[2] - a[2]]);
}

export function pairMiddle({ a, b }: ContactPair): Vector3 {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
}

/** Largest angle between the line through both contacts and the inward normals (rad); 0 where the fingers press squarely. */
export function pairSlant(pair: ContactPair): number {
  const axis = pairAxis(pair);
  return Math.max(angle(axis, pair.normal_b), angle([-axis[0], -axis[1], -axis[2]], pair.normal_a));
}

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** @throws RangeError for a vector without a direction */
export function unit(v: Vector3): Vector3 {
  const length = Math.hypot(...v);
  if (!(length > 0)) throw new RangeError(`a vector of length ${length} has no direction`);
  return [v[0] / length, v[1] / length, v[2] / length];
}

/** Angle between two unit vectors (rad), exact for small ones too. */
function angle(a: Vector3, b: Vector3): number {
  return Math.atan2(Math.hypot(...cross(a, b)), dot(a, b));
}
