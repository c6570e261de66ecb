import type { Colliders } from './colliders.ts';
import type { Hull } from './hull.ts';
import { CLIPPED, type Manifold } from './manifold.ts';

/** Axes u and v of the reference face in its hull's frame, 3 each. */
const plane = new Float64Array(6);
/** Two axes along the incident face, columns 0 and 1 of a rotation in the world. */
const columns = new Float64Array(9);
/** A corner is kept beside four others if it is deeper than they are by this (m). */
const DEEPER = 1e-5;

/** Takes face `face` of the hull of collider i as the reference face: origin at the hull's, u along its first edge. */
export function setHullFrame(c: Colliders, i: number, hull: Hull, face: number, out: Manifold): void {
  const { R, p } = c;
  const { frame } = out;
  const { vertices, normals, patch, patch_first } = hull;
  const from = 3 * patch[patch_first[face]];
  const to = 3 * patch[patch_first[face] + 1];
  const nx = normals[3 * face];
  const ny = normals[3 * face + 1];
  const nz = normals[3 * face + 2];
  let ux = vertices[to] - vertices[from];
  let uy = vertices[to + 1] - vertices[from + 1];
  let uz = vertices[to + 2] - vertices[from + 2];
  const along = ux * nx + uy * ny + uz * nz;
  ux -= along * nx;
  uy -= along * ny;
  uz -= along * nz;
  const scale = 1 / Math.sqrt(ux * ux + uy * uy + uz * uz);
  plane[0] = ux * scale;
  plane[1] = uy * scale;
  plane[2] = uz * scale;
  plane[3] = ny * plane[2] - nz * plane[1];
  plane[4] = nz * plane[0] - nx * plane[2];
  plane[5] = nx * plane[1] - ny * plane[0];
  for (let k = 0; k < 3; k++) {
    const r = 9 * i + 3 * k;
    const u = R[r] * plane[0] + R[r + 1] * plane[1] + R[r + 2] * plane[2];
    const v = R[r] * plane[3] + R[r + 1] * plane[4] + R[r + 2] * plane[5];
    frame[k] = p[3 * i + k];
    frame[3 + k] = u;
    frame[6 + k] = v;
    frame[9 + k] = R[r] * nx + R[r + 1] * ny + R[r + 2] * nz;
  }
  frame[12] = hull.offsets[face];
}

/** The face of a hull around its vertex `vertex` that most opposes the reference normal; `at`: its rotation in c.R. */
export function opposedFace(R: Float64Array, at: number, hull: Hull, vertex: number, out: Manifold): number {
  const { frame } = out;
  const { normals, around, around_first } = hull;
  const x = R[at] * frame[9] + R[at + 3] * frame[10] + R[at + 6] * frame[11];
  const y = R[at + 1] * frame[9] + R[at + 4] * frame[10] + R[at + 7] * frame[11];
  const z = R[at + 2] * frame[9] + R[at + 5] * frame[10] + R[at + 8] * frame[11];
  let face = around[around_first[vertex]];
  let most = Number.POSITIVE_INFINITY;
  for (let k = around_first[vertex]; k < around_first[vertex + 1]; k++) {
    const f = around[k];
    const t = x * normals[3 * f] + y * normals[3 * f + 1] + z * normals[3 * f + 2];
    // Faces opposed alike are told apart the same way every time.
    if (t < most - 1e-9) {
      most = t;
      face = f;
    }
  }
  return face;
}

/** Makes a face of the hull of collider j the polygon to clip, in the reference frame. */
export function setPolygon(c: Colliders, j: number, hull: Hull, face: number, out: Manifold): void {
  const { R, p } = c;
  const { frame: f } = out;
  const { vertices, patch, patch_first } = hull;
  const r = 9 * j;
  const dx = p[3 * j] - f[0];
  const dy = p[3 * j + 1] - f[1];
  const dz = p[3 * j + 2] - f[2];
  out.corners = 0;
  for (let k = patch_first[face]; k < patch_first[face + 1]; k++) {
    const v = 3 * patch[k];
    const a = vertices[v];
    const b = vertices[v + 1];
    const d = vertices[v + 2];
    const x = dx + R[r] * a + R[r + 1] * b + R[r + 2] * d;
    const y = dy + R[r + 3] * a + R[r + 4] * b + R[r + 5] * d;
    const z = dz + R[r + 6] * a + R[r + 7] * b + R[r + 8] * d;
    const height = x * f[9] + y * f[10] + z * f[11] - f[12];
    out.corner(x * f[3] + y * f[4] + z * f[5], x * f[6] + y * f[7] + z * f[8], height, k - patch_first[face]);
  }
  setColumns(out);
}

/** Axes from the polygon's middle through its first corner, and across it. */
function setColumns({ polygon, corners, frame: f }: Manifold): void {
  let u = 0;
  let v = 0;
  for (let k = 0; k < corners; k++) {
    u -= polygon[3 * k] / corners;
    v -= polygon[3 * k + 1] / corners;
  }
  u += polygon[0];
  v += polygon[1];
  const scale = 1 / Math.max(1e-300, Math.sqrt(u * u + v * v));
  u *= scale;
  v *= scale;
  for (let k = 0; k < 3; k++) {
    columns[3 * k] = u * f[3 + k] + v * f[6 + k];
    columns[3 * k + 1] = u * f[6 + k] - v * f[3 + k];
  }
}

/** Lines around the reference face as last set: n·(u, v) ≤ limit inside, nu nv limit each into `lines`; their number. */
export function faceLines(hull: Hull, face: number, lines: Float64Array): number {
  const { vertices, patch, patch_first } = hull;
  const end = patch_first[face + 1];
  let v = 3 * patch[end - 1];
  let n = 0;
  let u0 = plane[0] * vertices[v] + plane[1] * vertices[v + 1] + plane[2] * vertices[v + 2];
  let v0 = plane[3] * vertices[v] + plane[4] * vertices[v + 1] + plane[5] * vertices[v + 2];
  for (let k = patch_first[face]; k < end; k++) {
    v = 3 * patch[k];
    const u1 = plane[0] * vertices[v] + plane[1] * vertices[v + 1] + plane[2] * vertices[v + 2];
    const v1 = plane[3] * vertices[v] + plane[4] * vertices[v + 1] + plane[5] * vertices[v + 2];
    const du = u1 - u0;
    const dv = v1 - v0;
    const scale = 1 / Math.max(1e-300, Math.sqrt(du * du + dv * dv));
    lines[3 * n] = dv * scale;
    lines[3 * n + 1] = -du * scale;
    lines[3 * n + 2] = (dv * u0 - du * v0) * scale;
    n++;
    u0 = u1;
    v0 = v1;
  }
  return n;
}

/** Clips the polygon by lines. */
export function clipByLines(lines: Float64Array, count: number, out: Manifold): void {
  for (let k = 0; k < count; k++) out.clipBy(lines, 3 * k, CLIPPED + k);
}

/**
 * Keeps at most four points, and one that is notably deeper than they are. They are spread along axes fixed to the incident
 * face, through its first corner, so that the same corners of it stay.
 */
export function reduceOnFace(out: Manifold): void {
  if (out.count <= 4) return;
  const { point, gap, id } = out;
  let deepest = 0;
  for (let k = 1; k < out.count; k++) if (gap[k] < gap[deepest]) deepest = k;
  const x = point[3 * deepest];
  const y = point[3 * deepest + 1];
  const z = point[3 * deepest + 2];
  const depth = gap[deepest];
  const number = id[deepest];
  out.reduce(columns, 0, 0, 1, true);
  for (let k = 0; k < out.count; k++) if (gap[k] < depth + DEEPER) return;
  out.add(x, y, z, depth, number);
}
