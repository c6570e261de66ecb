import type { Colliders } from './colliders.ts';
import type { Hull } from './hull.ts';
import { isOverFace } from './hull_faces.ts';
import type { Manifold } from './manifold.ts';

/** Direction from the hull to the centre, hull frame, and how far the centre is from it (m). */
const way = new Float64Array(4);
/** The sphere's centre, hull frame (m). */
const centre = new Float64Array(3);

/** Contact of a sphere and a hull: the hull's point closest to the centre, or its nearest face when the centre is inside. */
export function sphereHull(c: Colliders, i: number, j: number, margin: number, out: Manifold): void {
  out.count = 0;
  const { R, p, size, hulls } = c;
  const hull = hulls[j];
  if (hull === null) return;
  const r = 9 * j;
  const dx = p[3 * i] - p[3 * j];
  const dy = p[3 * i + 1] - p[3 * j + 1];
  const dz = p[3 * i + 2] - p[3 * j + 2];
  const x = R[r] * dx + R[r + 3] * dy + R[r + 6] * dz;
  const y = R[r + 1] * dx + R[r + 4] * dy + R[r + 7] * dz;
  const z = R[r + 2] * dx + R[r + 5] * dy + R[r + 8] * dz;
  const radius = size[3 * i];
  const { normals, offsets } = hull;
  let face = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let f = 0; f < hull.faces; f++) {
    const height = normals[3 * f] * x + normals[3 * f + 1] * y + normals[3 * f + 2] * z - offsets[f];
    if (height - radius > margin) return;
    if (height <= most) continue;
    most = height;
    face = f;
  }
  way[0] = normals[3 * face];
  way[1] = normals[3 * face + 1];
  way[2] = normals[3 * face + 2];
  way[3] = most;
  centre[0] = x;
  centre[1] = y;
  centre[2] = z;
  if (most > 0 && !isOverFace(hull, face, centre)) fromBorders(hull);
  const gap = way[3] - radius;
  if (gap > margin) return;
  const nx = -(R[r] * way[0] + R[r + 1] * way[1] + R[r + 2] * way[2]);
  const ny = -(R[r + 3] * way[0] + R[r + 4] * way[1] + R[r + 5] * way[2]);
  const nz = -(R[r + 6] * way[0] + R[r + 7] * way[1] + R[r + 8] * way[2]);
  out.normal[0] = nx;
  out.normal[1] = ny;
  out.normal[2] = nz;
  const g = radius + 0.5 * gap;
  out.add(p[3 * i] + g * nx, p[3 * i + 1] + g * ny, p[3 * i + 2] + g * nz, gap, 0);
}

/** The way from the closest point of the borders of the faces the point sees; the closest of them all is on one. */
function fromBorders({ vertices, loop, loop_first, normals, offsets, faces }: Hull): void {
  const x = centre[0];
  const y = centre[1];
  const z = centre[2];
  let least = Number.POSITIVE_INFINITY;
  for (let f = 0; f < faces; f++) {
    if (normals[3 * f] * x + normals[3 * f + 1] * y + normals[3 * f + 2] * z < offsets[f]) continue;
    const end = loop_first[f + 1];
    let v = 3 * loop[end - 1];
    for (let k = loop_first[f]; k < end; k++) {
      const w = 3 * loop[k];
      const ex = vertices[w] - vertices[v];
      const ey = vertices[w + 1] - vertices[v + 1];
      const ez = vertices[w + 2] - vertices[v + 2];
      let ax = x - vertices[v];
      let ay = y - vertices[v + 1];
      let az = z - vertices[v + 2];
      const t = Math.min(1, Math.max(0, (ax * ex + ay * ey + az * ez) / (ex * ex + ey * ey + ez * ez)));
      ax -= t * ex;
      ay -= t * ey;
      az -= t * ez;
      const square = ax * ax + ay * ay + az * az;
      if (square < least) {
        least = square;
        way[0] = ax;
        way[1] = ay;
        way[2] = az;
      }
      v = w;
    }
  }
  const distance = Math.sqrt(least);
  // On the border itself the face's normal stays good enough.
  const scale = 1 / Math.max(1e-300, distance);
  for (let k = 0; k < 3; k++) way[k] *= scale;
  way[3] = distance;
}
