import { type ConvexMesh, meshBounds } from '../../contracts/index.ts';

/** Most pieces a hull is cut into. */
const MOST_PIECES = 3;

/** Balls whose convex hull holds what a hull stands for: x y z of its vertices and what it is short by (m). */
export function meshBalls({ vertices, short_m }: ConvexMesh): number[][] {
  return Array.from({ length: vertices.length / 3 }, (_, i) => [...vertices.subarray(3 * i, 3 * i + 3), short_m]);
}

/** As meshBalls, of a hull cut across its longest axis into pieces about as long as wide; together they are the hull. */
export function meshPieces(mesh: ConvexMesh): number[][][] {
  const { lower, upper } = meshBounds(mesh);
  const sizes = upper.map((high, k) => high - lower[k]);
  const axis = sizes.indexOf(Math.max(...sizes));
  const wide = [...sizes].sort((a, b) => b - a)[1];
  const count = wide > 0 ? Math.min(MOST_PIECES, Math.ceil(sizes[axis] / wide)) : MOST_PIECES;
  if (count === 1) return [meshBalls(mesh)];
  return Array.from({ length: count }, (_, i) => {
    const low = lower[axis] + (i * sizes[axis]) / count;
    const high = lower[axis] + ((i + 1) * sizes[axis]) / count;
    return slice(mesh, axis, i === 0 ? -Infinity : low, i === count - 1 ? Infinity : high);
  });
}

/** Balls of the part of a hull between two planes across an axis: its vertices there, and where its edges pass the planes. */
function slice(mesh: ConvexMesh, axis: number, low: number, high: number): number[][] {
  const { triangles, short_m } = mesh;
  const vertices = meshBalls(mesh);
  const balls = vertices.filter((x) => x[axis] >= low && x[axis] <= high);
  for (let t = 0; t < triangles.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const from = vertices[triangles[t + k]];
      const to = vertices[triangles[t + ((k + 1) % 3)]];
      for (const plane of [low, high]) {
        // Each edge belongs to two triangles, once in each direction.
        if (!(from[axis] < plane && plane < to[axis])) continue;
        const f = (plane - from[axis]) / (to[axis] - from[axis]);
        balls.push([...[0, 1, 2].map((i) => from[i] + f * (to[i] - from[i])), short_m]);
      }
    }
  }
  return balls;
}
