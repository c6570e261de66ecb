/** A segment with a radius: all points within `radius` of the segment from `a` to `b` (m). */
export interface Capsule {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly radius: number;
}

/** Directions in which the outermost balls are kept for a thorough and for a quick search. */
const DIRECTIONS = 96;
const QUICK_DIRECTIONS = 64;
/** Steps of a thorough and of a quick search. */
const STEPS = 260;
const QUICK_STEPS = 80;
/** Points, in a box about a capsule, by which volumes of covers are compared. */
const VOLUME_POINTS = 2000;

/**
 * A small capsule that holds all given balls: x y z and radius, four numbers each (m). The radius and the direction and
 * place of its axis are searched by the simplex method (Nelder and Mead, 1965) from each principal axis of the balls; for
 * an axis and a radius the shortest segment is in closed form. Everything is held, whatever the search finds.
 *
 * @param quick  a shorter search along the longest principal axis alone
 */
export function fitCapsule(balls: Float64Array, quick = false): Capsule {
  const outer = outermost(balls, quick);
  const centre = [0, 1, 2].map((k) => 0.5 * (least(outer, k) - least(outer, k, -1)));
  let best: Float64Array | null = null;
  let best_volume = Number.POSITIVE_INFINITY;
  const axes = principalAxes(outer);
  for (const axis of quick ? axes.slice(0, 1) : axes) {
    const search = new AxisSearch(outer, centre, axis);
    const parameters = simplexSearch((x) => search.volume(x), 5, quick ? QUICK_STEPS : STEPS);
    const volume = search.volume(parameters);
    if (volume < best_volume) {
      best_volume = volume;
      best = search.ends.slice();
    }
  }
  const ends = best ?? Float64Array.from([...centre, ...centre]);
  return { a: [...ends.subarray(0, 3)], b: [...ends.subarray(3, 6)], radius: radiusAbout(balls, ends) };
}

/** Share of the box about `frame` that a cover by capsules takes up, by a fixed set of points (Halton, bases 2, 3 and 5). */
export function coveredShare(capsules: readonly Capsule[], frame: Capsule): number {
  const low = [0, 1, 2].map((k) => Math.min(frame.a[k], frame.b[k]) - frame.radius);
  const high = [0, 1, 2].map((k) => Math.max(frame.a[k], frame.b[k]) + frame.radius);
  const ends = capsules.map(({ a, b }) => Float64Array.from([...a, ...b]));
  const ball = new Float64Array(4);
  let inside = 0;
  for (let i = 1; i <= VOLUME_POINTS; i++) {
    for (let k = 0; k < 3; k++) ball[k] = low[k] + (high[k] - low[k]) * radicalInverse(i, [2, 3, 5][k]);
    if (capsules.some(({ radius }, c) => radiusAbout(ball, ends[c]) <= radius)) inside++;
  }
  return inside / VOLUME_POINTS;
}

function radicalInverse(index: number, base: number): number {
  let value = 0;
  let digit = 1 / base;
  for (let i = index; i > 0; i = Math.floor(i / base)) {
    value += (i % base) * digit;
    digit /= base;
  }
  return value;
}

/** Least radius about a segment that holds all balls. */
function radiusAbout(balls: Float64Array, ends: Float64Array): number {
  const ux = ends[3] - ends[0];
  const uy = ends[4] - ends[1];
  const uz = ends[5] - ends[2];
  const uu = ux * ux + uy * uy + uz * uz;
  let radius = 0;
  for (let i = 0; i < balls.length; i += 4) {
    const x = balls[i] - ends[0];
    const y = balls[i + 1] - ends[1];
    const z = balls[i + 2] - ends[2];
    const t = uu > 0 ? Math.min(1, Math.max(0, (x * ux + y * uy + z * uz) / uu)) : 0;
    const dx = x - t * ux;
    const dy = y - t * uy;
    const dz = z - t * uz;
    radius = Math.max(radius, Math.sqrt(dx * dx + dy * dy + dz * dz) + balls[i + 3]);
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
      across[k] = Math.max(0, dx * dx + dy * dy + dz * dz - t * t);
      radius = Math.max(radius, Math.sqrt(across[k]) + balls[i + 3]);
    }
    radius *= 1 + x[4] * x[4] + 1e-12;
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < along.length; k++) {
      const left = radius - balls[4 * k + 3];
      const cap = Math.sqrt(Math.max(0, left * left - across[k]));
      first = Math.min(first, along[k] + cap);
      last = Math.max(last, along[k] - cap);
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

/** The balls that reach farthest in a fixed set of directions (a Fibonacci lattice on the sphere). */
export function outermost(balls: Float64Array, quick: boolean): Float64Array {
  const directions = quick ? QUICK_DIRECTIONS : DIRECTIONS;
  const kept = new Set<number>();
  for (let d = 0; d < directions; d++) {
    const z = 1 - (2 * d + 1) / directions;
    const angle = d * Math.PI * (3 - Math.sqrt(5));
    const x = Math.sqrt(1 - z * z) * Math.cos(angle);
    const y = Math.sqrt(1 - z * z) * Math.sin(angle);
    let best = 0;
    let farthest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < balls.length; i += 4) {
      const reach = x * balls[i] + y * balls[i + 1] + z * balls[i + 2] + balls[i + 3];
      if (reach > farthest) {
        farthest = reach;
        best = i;
      }
    }
    kept.add(best);
  }
  return Float64Array.from([...kept].flatMap((i) => [...balls.subarray(i, i + 4)]));
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

/** Minimises f from the origin with a simplex of edge 0.2; a fixed number of steps, so it always gives the same. */
function simplexSearch(f: (x: Float64Array) => number, n: number, steps: number): Float64Array {
  const points = Array.from({ length: n + 1 }, (_, i) => {
    const x = new Float64Array(n);
    if (i > 0) x[i - 1] = 0.2;
    return { x, value: f(x) };
  });
  const along = (from: Float64Array, to: Float64Array, factor: number) => {
    const x = from.map((value, k) => value + factor * (to[k] - value));
    return { x, value: f(x) };
  };
  for (let step = 0; step < steps; step++) {
    points.sort((a, b) => a.value - b.value);
    const worst = points[n];
    const middle = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) middle[k] += points[i].x[k] / n;
    let next = along(middle, worst.x, -1);
    if (next.value < points[0].value) {
      const farther = along(middle, worst.x, -2);
      if (farther.value < next.value) next = farther;
    } else if (next.value >= points[n - 1].value) next = along(middle, worst.x, next.value < worst.value ? -0.5 : 0.5);
    if (next.value < worst.value) points[n] = next;
    else for (let i = 1; i <= n; i++) points[i] = along(points[0].x, points[i].x, 0.5);
  }
  points.sort((a, b) => a.value - b.value);
  return points[0].x;
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
