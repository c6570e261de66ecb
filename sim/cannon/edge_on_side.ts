import type { BoxCylinderPair } from './box_cylinder_pair.ts';
import type { Colliders } from './colliders.ts';
import type { Manifold } from './manifold.ts';

/** Side of the cylinder along edge `edge` of box a: the two ends of their overlap. The pair holds the normal. */
export function edgeAlongSide(
  c: Colliders,
  a: number,
  pair: BoxCylinderPair,
  edge: number,
  margin: number,
  out: Manifold,
): void {
  const { half, centre: d, axis: x, normal: n, point, radius, half_length } = pair;
  pair.writeNormal(c.R, a, out);
  pair.supportCorner();
  const low = Math.max(-half[edge], d[edge] - half_length);
  const high = Math.min(half[edge], d[edge] + half_length);
  if (low > high) return;
  for (let end = 0; end < 2; end++) {
    point[edge] = end === 0 ? low : high;
    const t = (point[0] - d[0]) * x[0] + (point[1] - d[1]) * x[1] + (point[2] - d[2]) * x[2];
    const gap =
      n[0] * (d[0] + t * x[0] - point[0]) +
      n[1] * (d[1] + t * x[1] - point[1]) +
      n[2] * (d[2] + t * x[2] - point[2]) -
      radius;
    if (gap <= margin) pair.addPoint(c, a, gap, 400 + 8 * edge + end, out);
  }
}

/**
 * Side of the cylinder across edge `edge` of box a, in the edge's point closest to the cylinder's axis, or on a corner
 * of the box if `edge` is 3. The pair holds the normal, `gap` is the separation along it (m).
 */
export function edgeAcrossSide(
  c: Colliders,
  a: number,
  pair: BoxCylinderPair,
  edge: number,
  gap: number,
  out: Manifold,
): void {
  pair.writeNormal(c.R, a, out);
  const corner = pair.supportCorner();
  if (edge < 3) {
    const { half, centre: d, axis: x, point } = pair;
    point[edge] = 0;
    const along = (point[0] - d[0]) * x[0] + (point[1] - d[1]) * x[1] + (point[2] - d[2]) * x[2];
    const value = (x[edge] * along - (point[edge] - d[edge])) / (1 - x[edge] * x[edge]);
    point[edge] = Math.min(Math.max(value, -half[edge]), half[edge]);
  }
  pair.addPoint(c, a, gap, 532 + 8 * edge + corner, out);
}
