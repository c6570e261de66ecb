import { concat, DIRECTIONS, type OuterBalls, outermost, outermostOf } from './outermost.ts';
import { simplexSearch } from './simplex_search.ts';

/** A segment with a radius: all points within `radius` of the segment from `a` to `b` (m). */
export interface Capsule {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly radius: number;
}

/** Steps of a thorough and of a quick search. */
const STEPS = 260;
const QUICK_STEPS = 80;

/**
 * A small capsule that holds all given balls: x y z and radius, four numbers each (m). The radius and the direction and
 * place of its axis are searched by the simplex method (Nelder and Mead, 1965) from each principal axis of the balls; for
 * an axis and a radius the shortest segment is in closed form. Everything is held, whatever the search finds.
 */
export function fitCapsule(balls: Float64Array): Capsule {
  const outer = outermost(balls, DIRECTIONS);
  return search(balls, outer, principalAxes(outer), STEPS);
}

/** The same of groups whose outer balls are known in QUICK_DIRECTIONS: a shorter search along the longest axis alone. */
export function fitQuickly(groups: readonly OuterBalls[]): Capsule {
  const outer = outermostOf(groups);
  return search(concat(groups.map(({ balls }) => balls)), outer, principalAxes(outer).slice(0, 1), QUICK_STEPS);
}

function search(balls: Float64Array, outer: Float64Array, axes: readonly number[][], steps: number): Capsule {
  const centre = [0, 1, 2].map((k) => 0.5 * (least(outer, k) - least(outer, k, -1)));
  let best: Float64Array | null = null;
  let best_volume = Number.POSITIVE_INFINITY;
  for (const axis of axes) {
    const search = new AxisSearch(outer, centre, axis);
    const parameters = simplexSearch((x) => search.volume(x), 5, steps);
    const volume = search.volume(parameters);
    if (volume < best_volume) {
      best_volume = volume;
      best = search.ends.slice();
    }
  }
  const ends = best ?? Float64Array.from([...centre, ...centre]);
  return { a: [...ends.subarray(0, 3)], b: [...ends.subarray(3, 6)], radius: radiusAbout(balls, ends) };
}

/** Least radius about a segment that holds all balls. */
export function radiusAbout(balls: Float64Array, ends: Float64Array): number {
  const ux = ends[3] - ends[0];
  const uy = ends[4] - ends[1];
  const uz = ends[5] - ends[2];
  const uu = ux * ux + uy * uy + uz * uz;
  let radius = 0;
  for (let i = 0; i < balls.length; i += 4) {
    const x = balls[i] - ends[0];
    const y = balls[i + 1] - ends[1];
    const z = balls[i + 2] - ends[2];
    let t = uu > 0 ? (x * ux + y * uy + z * uz) / uu : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    const dx = x - t * ux;
    const dy = y - t * uy;
    const dz = z - t * uz;
    const wanted = Math.sqrt(dx * dx + dy * dy + dz * dz) + balls[i + 3];
    if (wanted > radius) radius = wanted;
  }
  return radius;
}

/** Capsules about an axis near a given one: parameters are two tilts, two shifts across, and growth of the radius. */
class AxisSearch {
  readonly ends = new Float64Array(6);
  private readonly balls: Float64Array;
  private readonly centre: readonly number[];
  private readonly frame: readonly (readonly number[])[];
  private readonly scale: number;
  /** Of every ball: place along the axis, and squared distance from it. */
  private readonly along: Float64Array;
  private readonly across: Float64Array;

  constructor(balls: Float64Array, centre: readonly number[], axis: readonly number[]) {
    this.balls = balls;
    this.centre = centre;
    this.along = new Float64Array(balls.length / 4);
    this.across = new Float64Array(balls.length / 4);
    const least_part = axis.map(Math.abs).indexOf(Math.min(...axis.map(Math.abs)));
    const other = unit(
      cross(
        axis,
        [0, 1, 2].map((k) => (k === least_part ? 1 : 0)),
      ),
    );
    this.frame = [axis, other, cross(axis, other)];
    this.scale = radiusAbout(balls, Float64Array.from([...centre, ...centre]));
  }

  /** Volume of the capsule (m³) with these parameters, its ends into `ends`. */
  volume(x: Float64Array): number {
    const { balls, frame, centre, scale, ends, along, across } = this;
    const [w, e, f] = frame;
    let ux = w[0] + x[0] * e[0] + x[1] * f[0];
    let uy = w[1] + x[0] * e[1] + x[1] * f[1];
    let uz = w[2] + x[0] * e[2] + x[1] * f[2];
    const norm = Math.sqrt(ux * ux + uy * uy + uz * uz);
    ux /= norm;
    uy /= norm;
    uz /= norm;
    const cx = centre[0] + scale * (x[2] * e[0] + x[3] * f[0]);
    const cy = centre[1] + scale * (x[2] * e[1] + x[3] * f[1]);
    const cz = centre[2] + scale * (x[2] * e[2] + x[3] * f[2]);
    let radius = 0;
    for (let i = 0, k = 0; i < balls.length; i += 4, k++) {
      const dx = balls[i] - cx;
      const dy = balls[i + 1] - cy;
      const dz = balls[i + 2] - cz;
      const t = dx * ux + dy * uy + dz * uz;
      along[k] = t;
      const square = dx * dx + dy * dy + dz * dz - t * t;
      across[k] = square > 0 ? square : 0;
      const wanted = Math.sqrt(across[k]) + balls[i + 3];
      if (wanted > radius) radius = wanted;
    }
    radius *= 1 + x[4] * x[4] + 1e-12;
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < along.length; k++) {
      const left = radius - balls[4 * k + 3];
      const square = left * left - across[k];
      const cap = square > 0 ? Math.sqrt(square) : 0;
      if (along[k] + cap < first) first = along[k] + cap;
      if (along[k] - cap > last) last = along[k] - cap;
    }
    if (first > last) first = last = 0.5 * (first + last);
    ends[0] = cx + first * ux;
    ends[1] = cy + first * uy;
    ends[2] = cz + first * uz;
    ends[3] = cx + last * ux;
    ends[4] = cy + last * uy;
    ends[5] = cz + last * uz;
    return Math.PI * radius * radius * (last - first + (4 / 3) * radius);
  }
}

/** Principal axes of the balls' centres by Jacobi rotations, the longest first. */
function principalAxes(balls: Float64Array): number[][] {
  const n = balls.length / 4;
  const mean = [0, 0, 0];
  for (let i = 0; i < balls.length; i++) if (i % 4 < 3) mean[i % 4] += balls[i] / n;
  const M = [0, 1, 2].map((r) =>
    [0, 1, 2].map((c) => {
      let sum = 0;
      for (let i = 0; i < balls.length; i += 4) sum += (balls[i + r] - mean[r]) * (balls[i + c] - mean[c]);
      return sum;
    }),
  );
  const V = [0, 1, 2].map((r) => [0, 1, 2].map((c) => (r === c ? 1 : 0)));
  for (let sweep = 0; sweep < 24; sweep++) {
    const [p, q] = [
      [0, 1],
      [0, 2],
      [1, 2],
    ][sweep % 3];
    const angle = 0.5 * Math.atan2(2 * M[p][q], M[q][q] - M[p][p]);
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    for (const rows of [M, V]) {
      for (const row of rows) {
        const x = row[p];
        row[p] = c * x - s * row[q];
        row[q] = s * x + c * row[q];
      }
    }
    for (let k = 0; k < 3; k++) {
      const x = M[p][k];
      M[p][k] = c * x - s * M[q][k];
      M[q][k] = s * x + c * M[q][k];
    }
  }
  return [0, 1, 2].sort((i, j) => M[j][j] - M[i][i]).map((c) => unit(V.map((row) => row[c])));
}

/** Least coordinate `k`, or with sign −1 minus the greatest, of the balls' surfaces; signed so that halves of both add. */
function least(balls: Float64Array, k: number, sign = 1): number {
  let value = Number.POSITIVE_INFINITY;
  for (let i = 0; i < balls.length; i += 4) value = Math.min(value, sign * balls[i + k] - balls[i + 3]);
  return value;
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(v: readonly number[]): number[] {
  const length = Math.hypot(v[0], v[1], v[2]);
  return v.map((value) => value / length);
}
