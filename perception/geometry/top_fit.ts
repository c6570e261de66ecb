import { fitCircle } from './circle.ts';
import { convexHull } from './convex_hull.ts';
import { minAreaRectangle, type Rectangle } from './rectangle.ts';

/** An outline in the plane read as a rectangle and as a circle, with the root mean square distances of its points (m). */
export interface TopFit {
  readonly rectangle: Rectangle;
  readonly rectangle_rms: number;
  readonly circle: { readonly x: number; readonly y: number; readonly radius: number };
  readonly circle_rms: number;
}

const ITERATIONS = 8;
/** Points farther than this from the outline count linearly (m; Huber, 1964). */
const HUBER_M = 0.0012;
const LEAST_ON_SIDE = 3;

/**
 * Fits a rectangle and a circle to points of an outline, which need not go all the way round.
 * @param points  x, y pairs (m)
 * @returns null when the points enclose nothing
 */
export function fitTop(points: Float64Array): TopFit | null {
  if (points.length < 16) return null;
  const hull = convexHull(points);
  if (hull.length < 6) return null;
  const { rectangle, rms } = refineRectangle(points, minAreaRectangle(hull));
  const circle = fitCircle(points);
  let sum = 0;
  for (let k = 0; k < points.length; k += 2) {
    sum += huber(Math.hypot(points[k] - circle.x, points[k + 1] - circle.y) - circle.radius);
  }
  return { rectangle, rectangle_rms: rms, circle, circle_rms: Math.sqrt((2 * sum) / points.length) };
}

/** Offsets and slopes of what belongs to one side, weighted. */
class SideSums {
  n = 0;
  w = 0;
  d = 0;
  t = 0;
  dt = 0;
  tt = 0;

  add(distance: number, along: number, weight: number): void {
    this.n++;
    this.w += weight;
    this.d += weight * distance;
    this.t += weight * along;
    this.dt += weight * distance * along;
    this.tt += weight * along * along;
  }

  get covariance(): number {
    return this.w > 0 ? this.dt - (this.d * this.t) / this.w : 0;
  }

  get variance(): number {
    return this.w > 0 ? this.tt - (this.t * this.t) / this.w : 0;
  }

  /** Mean distance, or `otherwise` where too few points are. */
  offset(otherwise: number): number {
    return this.n >= LEAST_ON_SIDE ? this.d / this.w : otherwise;
  }
}

/** Least squares of the distances to the sides: every point belongs to the nearest side, sides share one direction. */
function refineRectangle(points: Float64Array, start: Rectangle): { rectangle: Rectangle; rms: number } {
  let { x, y, angle_rad: angle, length, width } = start;
  let rms = 0;
  for (let i = 0; i < ITERATIONS; i++) {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const sides = [new SideSums(), new SideSums(), new SideSums(), new SideSums()];
    let sum = 0;
    for (let k = 0; k < points.length; k += 2) {
      const p = c * (points[k] - x) + s * (points[k + 1] - y);
      const q = c * (points[k + 1] - y) - s * (points[k] - x);
      const a = Math.abs(p) - length / 2;
      const b = Math.abs(q) - width / 2;
      const across = Math.abs(a) < Math.abs(b) || (b < 0 && a > b);
      const gap = across ? a : b;
      sum += huber(gap);
      const weight = Math.min(1, HUBER_M / Math.max(1e-12, Math.abs(gap)));
      if (across) sides[p > 0 ? 0 : 1].add(p, q, weight);
      else sides[q > 0 ? 2 : 3].add(q, p, weight);
    }
    rms = Math.sqrt((2 * sum) / points.length);
    const spread = sides.reduce((total, side) => total + side.variance, 0);
    const turn =
      spread > 0 ? (sides[2].covariance + sides[3].covariance - sides[0].covariance - sides[1].covariance) / spread : 0;
    const [p1, p0] = [sides[0].offset(length / 2), sides[1].offset(-length / 2)];
    const [q1, q0] = [sides[2].offset(width / 2), sides[3].offset(-width / 2)];
    const [dp, dq] = [(p1 + p0) / 2, (q1 + q0) / 2];
    x += c * dp - s * dq;
    y += s * dp + c * dq;
    length = p1 - p0;
    width = q1 - q0;
    angle += Math.max(-0.2, Math.min(0.2, turn));
  }
  return { rectangle: { x, y, angle_rad: angle, length, width }, rms };
}

/** Half the square near 0, linear beyond. */
function huber(gap: number): number {
  const a = Math.abs(gap);
  return a <= HUBER_M ? (a * a) / 2 : HUBER_M * (a - HUBER_M / 2);
}
