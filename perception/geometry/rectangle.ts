/** A rectangle in the plane: centre, half-open angle of its first side in [0, π/2), full lengths along first and second side. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly angle_rad: number;
  readonly length: number;
  readonly width: number;
}

/**
 * Rectangle of least area around a convex polygon: one of its sides lies on a side of the polygon (Freeman and Shapira,
 * 1975), so every side is tried.
 * @param hull  x, y pairs of a convex polygon with at least 3 corners
 */
export function minAreaRectangle(hull: Float64Array): Rectangle {
  const n = hull.length / 2;
  let best: Rectangle | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const j = (i + 1) % n;
    const dx = hull[2 * j] - hull[2 * i];
    const dy = hull[2 * j + 1] - hull[2 * i + 1];
    const length = Math.hypot(dx, dy);
    if (length === 0) continue;
    const rectangle = boundsAlong(hull, dx / length, dy / length);
    const area = rectangle.length * rectangle.width;
    if (area < least) {
      least = area;
      best = rectangle;
    }
  }
  return best ?? { x: hull[0], y: hull[1], angle_rad: 0, length: 0, width: 0 };
}

/** Rectangle with sides along and across a unit direction, around points given as x, y pairs. */
export function boundsAlong(points: Float64Array, ux: number, uy: number): Rectangle {
  let [a0, a1, b0, b1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let k = 0; k < points.length; k += 2) {
    const a = points[k] * ux + points[k + 1] * uy;
    const b = points[k + 1] * ux - points[k] * uy;
    if (a < a0) a0 = a;
    if (a > a1) a1 = a;
    if (b < b0) b0 = b;
    if (b > b1) b1 = b;
  }
  const a = (a0 + a1) / 2;
  const b = (b0 + b1) / 2;
  const quarter = Math.PI / 2;
  const angle = Math.atan2(uy, ux);
  const turns = Math.floor(angle / quarter);
  const swapped = turns % 2 !== 0;
  return {
    x: a * ux - b * uy,
    y: a * uy + b * ux,
    angle_rad: angle - turns * quarter,
    length: swapped ? b1 - b0 : a1 - a0,
    width: swapped ? a1 - a0 : b1 - b0,
  };
}
