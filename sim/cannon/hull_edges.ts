import type { Colliders } from './colliders.ts';
import type { Hull } from './hull.ts';
import type { HullPair } from './hull_pair.ts';
import type { Manifold } from './manifold.ts';

/** Ids of contacts of edges begin here; they are below twice that. */
const EDGES = 2 ** 30;

/** Parameters along both edges. */
const at = new Float64Array(2);

/**
 * One point midway between the two edges that are farthest towards each other along a direction, frame of hull a, which
 * collider i carries; gap[0] is the separation along it (m).
 */
export function hullEdges(
  c: Colliders,
  i: number,
  pair: HullPair,
  direction: Float64Array,
  gap: Float64Array,
  out: Manifold,
): void {
  const { a, b, points, vertex } = pair;
  if (a === null || b === null) return;
  const x = direction[0];
  const y = direction[1];
  const z = direction[2];
  pair.setDirection(direction, 0, 1);
  pair.reach();
  pair.floor();
  const v = vertex[0];
  const w = vertex[1];
  const v2 = highest(a, a.vertices, v, direction, 1);
  const w2 = highest(b, points, w, direction, -1);
  closest(a.vertices, 3 * v, 3 * v2, points, 3 * w, 3 * w2, at);
  const s = at[0];
  const t = at[1];
  const q = a.vertices;
  const mx = 0.5 * (q[3 * v] + s * (q[3 * v2] - q[3 * v]) + points[3 * w] + t * (points[3 * w2] - points[3 * w]));
  const my =
    0.5 *
    (q[3 * v + 1] +
      s * (q[3 * v2 + 1] - q[3 * v + 1]) +
      points[3 * w + 1] +
      t * (points[3 * w2 + 1] - points[3 * w + 1]));
  const mz =
    0.5 *
    (q[3 * v + 2] +
      s * (q[3 * v2 + 2] - q[3 * v + 2]) +
      points[3 * w + 2] +
      t * (points[3 * w2 + 2] - points[3 * w + 2]));
  const { R, p } = c;
  const r = 9 * i;
  for (let k = 0; k < 3; k++) out.normal[k] = R[r + 3 * k] * x + R[r + 3 * k + 1] * y + R[r + 3 * k + 2] * z;
  const edge = Math.min(v, v2) * 256 + Math.max(v, v2);
  const other = Math.min(w, w2) * 256 + Math.max(w, w2);
  out.add(
    p[3 * i] + R[r] * mx + R[r + 1] * my + R[r + 2] * mz,
    p[3 * i + 1] + R[r + 3] * mx + R[r + 4] * my + R[r + 5] * mz,
    p[3 * i + 2] + R[r + 6] * mx + R[r + 7] * my + R[r + 8] * mz,
    gap[0],
    EDGES + ((edge * 65_537 + other) % EDGES),
  );
}

/** The neighbour of a vertex that is highest along `sign` times a direction. */
export function highest(
  hull: Hull,
  points: Float64Array,
  vertex: number,
  direction: Float64Array,
  sign: number,
): number {
  const { next, next_first } = hull;
  const x = sign * direction[0];
  const y = sign * direction[1];
  const z = sign * direction[2];
  let best = vertex;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = next_first[vertex]; k < next_first[vertex + 1]; k++) {
    const v = 3 * next[k];
    const height = x * points[v] + y * points[v + 1] + z * points[v + 2];
    if (height > most) {
      most = height;
      best = next[k];
    }
  }
  return best;
}

/** Parameters in 0..1, into `at`, of the closest points of segments from p[a] to p[b] and from q[c] to q[d] (Ericson, 5.1.9). */
export function closest(
  p: Float64Array,
  a: number,
  b: number,
  q: Float64Array,
  c: number,
  d: number,
  at: Float64Array,
): void {
  const ux = p[b] - p[a];
  const uy = p[b + 1] - p[a + 1];
  const uz = p[b + 2] - p[a + 2];
  const vx = q[d] - q[c];
  const vy = q[d + 1] - q[c + 1];
  const vz = q[d + 2] - q[c + 2];
  const wx = p[a] - q[c];
  const wy = p[a + 1] - q[c + 1];
  const wz = p[a + 2] - q[c + 2];
  const uu = ux * ux + uy * uy + uz * uz;
  const vv = vx * vx + vy * vy + vz * vz;
  const uv = ux * vx + uy * vy + uz * vz;
  const uw = ux * wx + uy * wy + uz * wz;
  const vw = vx * wx + vy * wy + vz * wz;
  const determinant = uu * vv - uv * uv;
  let s = determinant > 1e-9 * uu * vv && determinant > 0 ? clamp((uv * vw - uw * vv) / determinant) : 0.5;
  let t = vv > 0 ? (uv * s + vw) / vv : 0;
  if (t < 0 || t > 1) {
    t = clamp(t);
    s = clamp((uv * t - uw) / uu);
  } else if (vv === 0) s = clamp(-uw / uu);
  at[0] = s;
  at[1] = t;
}

function clamp(x: number): number {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}
