import type { ClosestPoints } from './closest_points.ts';
import type { ConvexSet } from './convex.ts';

const MAX_VERTICES = 96;
const MAX_FACES = 2 * MAX_VERTICES + 64;
const MAX_EDGES = 3 * MAX_FACES;
/** Depth is found to within this and a millionth of itself (m). */
const TOLERANCE = 1e-9;
const RELATIVE_TOLERANCE = 1e-6;
/** Cores thinner than this along a direction count as flat (m). */
const THIN = 1e-9;

/**
 * Depth of two overlapping cores by the expanding polytope algorithm (van den Bergen, Proximity queries and penetration
 * depth computation on 3D game objects, 2001): the least shift that parts them, and the deepest points. Starts from the
 * simplex that `ClosestPoints.run` ended with at OVERLAP. Owns its scratch; allocates nothing.
 */
export class Penetration {
  /** Direction (unit, 3) in which moving A by minus the depth parts the two. */
  readonly normal = new Float64Array(3);
  readonly point_a = new Float64Array(3);
  private readonly depth = new Float64Array(1);
  private readonly closest: ClosestPoints;
  /** Vertices of the polytope: points of A − B, and the points of A they come from, 3 each. */
  private readonly s = new Float64Array(3 * MAX_VERTICES);
  private readonly a = new Float64Array(3 * MAX_VERTICES);
  private vertices = 0;
  /** Corners of the faces, their unit normals and offsets; a flat face has an infinite offset, a dropped one NaN. */
  private readonly corner = new Int32Array(3 * MAX_FACES);
  private readonly plane = new Float64Array(4 * MAX_FACES);
  private faces = 0;
  private readonly edge = new Int32Array(2 * MAX_EDGES);
  private edges = 0;

  constructor(closest: ClosestPoints) {
    this.closest = closest;
  }

  get depth_m(): number {
    return this.depth[0];
  }

  /** Writes depth, normal and the deepest point on A. */
  run(A: ConvexSet, i: number, B: ConvexSet, j: number): void {
    const { closest, plane, s, normal } = this;
    if (!this.blowUp(A, i, B, j)) {
      this.depth[0] = 0;
      for (let k = 0; k < 3; k++) this.point_a[k] = closest.a[k];
      return;
    }
    this.start();
    let least = Number.POSITIVE_INFINITY;
    let best = -1;
    while (this.vertices < MAX_VERTICES) {
      const face = this.nearestFace();
      if (face < 0) break;
      const nx = plane[4 * face];
      const ny = plane[4 * face + 1];
      const nz = plane[4 * face + 2];
      const inside = plane[4 * face + 3];
      closest.d[0] = nx;
      closest.d[1] = ny;
      closest.d[2] = nz;
      const v = this.support(A, i, B, j);
      const outside = nx * s[3 * v] + ny * s[3 * v + 1] + nz * s[3 * v + 2];
      // of faces equally far out the last is nearest to the surface, and its point the most exact
      if (best < 0 || outside <= least + TOLERANCE + RELATIVE_TOLERANCE * least) {
        least = Math.min(least, outside);
        best = face;
        normal[0] = nx;
        normal[1] = ny;
        normal[2] = nz;
        this.depth[0] = Math.max(0, outside);
        this.witness(face);
      }
      if (outside - inside <= TOLERANCE + RELATIVE_TOLERANCE * inside || inside >= least) break;
      if (!this.expand(v)) break;
    }
    if (best < 0) this.depth[0] = 0;
  }

  /** Turns the simplex into a tetrahedron; false (with the normal set) if A − B is flat. */
  private blowUp(A: ConvexSet, i: number, B: ConvexSet, j: number): boolean {
    const { closest, normal } = this;
    const { simplex } = closest;
    const { s } = simplex;
    for (let tries = 0; simplex.size < 4 && tries < 24; tries++) {
      const { size } = simplex;
      let x = 0;
      let y = 0;
      let z = 0;
      if (size <= 1) {
        x = tries % 3 === 0 ? 1 : 0;
        y = tries % 3 === 1 ? 1 : 0;
        z = tries % 3 === 2 ? 1 : 0;
      } else {
        const ux = s[3] - s[0];
        const uy = s[4] - s[1];
        const uz = s[5] - s[2];
        let wx = size === 3 ? s[6] - s[0] : Math.abs(ux) <= Math.abs(uy) && Math.abs(ux) <= Math.abs(uz) ? 1 : 0;
        let wy = size === 3 ? s[7] - s[1] : wx === 0 && Math.abs(uy) <= Math.abs(uz) ? 1 : 0;
        let wz = size === 3 ? s[8] - s[2] : wx === 0 && wy === 0 ? 1 : 0;
        x = uy * wz - uz * wy;
        y = uz * wx - ux * wz;
        z = ux * wy - uy * wx;
        if (size === 2 && tries % 4 >= 2) {
          wx = x;
          wy = y;
          wz = z;
          x = uy * wz - uz * wy;
          y = uz * wx - ux * wz;
          z = ux * wy - uy * wx;
        }
      }
      const length = Math.sqrt(x * x + y * y + z * z);
      if (length === 0) return this.flat();
      const sign = (size <= 1 ? Math.floor(tries / 3) : tries) % 2 === 0 ? 1 / length : -1 / length;
      const at = 3 * size;
      closest.d[0] = sign * x;
      closest.d[1] = sign * y;
      closest.d[2] = sign * z;
      closest.difference(A, i, B, j, at);
      if (size === 3) {
        normal[0] = x / length;
        normal[1] = y / length;
        normal[2] = z / length;
      }
      if (size === 0 || this.adds(at)) simplex.size++;
    }
    return simplex.size === 4 || this.flat();
  }

  /** True if the vertex at `at` is off the point, line or plane of those before it. */
  private adds(at: number): boolean {
    const { s, size } = this.closest.simplex;
    const dx = s[at] - s[0];
    const dy = s[at + 1] - s[1];
    const dz = s[at + 2] - s[2];
    if (size === 1) return dx * dx + dy * dy + dz * dz > THIN * THIN;
    const ux = s[3] - s[0];
    const uy = s[4] - s[1];
    const uz = s[5] - s[2];
    const cx = uy * dz - uz * dy;
    const cy = uz * dx - ux * dz;
    const cz = ux * dy - uy * dx;
    if (size === 2) return cx * cx + cy * cy + cz * cz > THIN * THIN * (ux * ux + uy * uy + uz * uz);
    const { normal } = this;
    return Math.abs(normal[0] * dx + normal[1] * dy + normal[2] * dz) > THIN;
  }

  private flat(): false {
    const { normal, closest } = this;
    if (closest.simplex.size < 3) {
      normal.fill(0);
      normal[2] = 1;
    }
    return false;
  }

  private start(): void {
    const { s, a, closest } = this;
    for (let k = 0; k < 12; k++) {
      s[k] = closest.simplex.s[k];
      a[k] = closest.a[k];
    }
    this.vertices = 4;
    this.faces = 0;
    const ux = s[3] - s[0];
    const uy = s[4] - s[1];
    const uz = s[5] - s[2];
    const wx = s[6] - s[0];
    const wy = s[7] - s[1];
    const wz = s[8] - s[2];
    const up =
      (uy * wz - uz * wy) * (s[9] - s[0]) + (uz * wx - ux * wz) * (s[10] - s[1]) + (ux * wy - uy * wx) * (s[11] - s[2]);
    const p = up > 0 ? 2 : 1;
    const q = 3 - p;
    this.addFace(0, p, q);
    this.addFace(0, q, 3);
    this.addFace(q, p, 3);
    this.addFace(p, 0, 3);
  }

  private support(A: ConvexSet, i: number, B: ConvexSet, j: number): number {
    const { closest, s, a } = this;
    closest.difference(A, i, B, j, 12);
    const v = 3 * this.vertices;
    for (let k = 0; k < 3; k++) {
      s[v + k] = closest.simplex.s[12 + k];
      a[v + k] = closest.a[12 + k];
    }
    return this.vertices++;
  }

  private nearestFace(): number {
    const { plane, faces } = this;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let f = 0; f < faces; f++) {
      const offset = plane[4 * f + 3];
      if (offset >= least || Number.isNaN(offset)) continue;
      least = offset;
      best = f;
    }
    return best;
  }

  /** Replaces the faces that vertex v sees by a cone from their horizon; false if there is no room or nothing is seen. */
  private expand(v: number): boolean {
    const { plane, corner, s, edge } = this;
    this.edges = 0;
    const x = s[3 * v];
    const y = s[3 * v + 1];
    const z = s[3 * v + 2];
    for (let f = 0; f < this.faces; f++) {
      const offset = plane[4 * f + 3];
      if (Number.isNaN(offset)) continue;
      if (plane[4 * f] * x + plane[4 * f + 1] * y + plane[4 * f + 2] * z <= offset + 1e-13) continue;
      plane[4 * f + 3] = Number.NaN;
      for (let k = 0; k < 3; k++) this.addEdge(corner[3 * f + k], corner[3 * f + ((k + 1) % 3)]);
    }
    if (this.edges < 3) return false;
    for (let e = 0; e < this.edges; e++) if (!this.addFace(edge[2 * e], edge[2 * e + 1], v)) return false;
    return true;
  }

  /** Notes an edge of a dropped face, unless its twin was noted: then it is inside what is dropped. */
  private addEdge(from: number, to: number): void {
    const { edge } = this;
    for (let e = 0; e < this.edges; e++) {
      if (edge[2 * e] !== to || edge[2 * e + 1] !== from) continue;
      this.edges--;
      edge[2 * e] = edge[2 * this.edges];
      edge[2 * e + 1] = edge[2 * this.edges + 1];
      return;
    }
    edge[2 * this.edges] = from;
    edge[2 * this.edges + 1] = to;
    this.edges++;
  }

  private addFace(p: number, q: number, r: number): boolean {
    const { plane, corner, s } = this;
    let f = 0;
    while (f < this.faces && !Number.isNaN(plane[4 * f + 3])) f++;
    if (f === MAX_FACES) return false;
    if (f === this.faces) this.faces++;
    corner[3 * f] = p;
    corner[3 * f + 1] = q;
    corner[3 * f + 2] = r;
    const ux = s[3 * q] - s[3 * p];
    const uy = s[3 * q + 1] - s[3 * p + 1];
    const uz = s[3 * q + 2] - s[3 * p + 2];
    const wx = s[3 * r] - s[3 * p];
    const wy = s[3 * r + 1] - s[3 * p + 1];
    const wz = s[3 * r + 2] - s[3 * p + 2];
    const nx = uy * wz - uz * wy;
    const ny = uz * wx - ux * wz;
    const nz = ux * wy - uy * wx;
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz);
    const flat = length <= 1e-10 * Math.sqrt((ux * ux + uy * uy + uz * uz) * (wx * wx + wy * wy + wz * wz));
    const scale = flat ? 0 : 1 / length;
    plane[4 * f] = nx * scale;
    plane[4 * f + 1] = ny * scale;
    plane[4 * f + 2] = nz * scale;
    plane[4 * f + 3] = flat
      ? Number.POSITIVE_INFINITY
      : scale * (nx * s[3 * p] + ny * s[3 * p + 1] + nz * s[3 * p + 2]);
    return true;
  }

  /** The point of A at the origin's projection to a face. */
  private witness(f: number): void {
    const { s, a, corner, plane, point_a } = this;
    const p = 3 * corner[3 * f];
    const q = 3 * corner[3 * f + 1];
    const r = 3 * corner[3 * f + 2];
    const d = plane[4 * f + 3];
    const ux = s[q] - s[p];
    const uy = s[q + 1] - s[p + 1];
    const uz = s[q + 2] - s[p + 2];
    const wx = s[r] - s[p];
    const wy = s[r + 1] - s[p + 1];
    const wz = s[r + 2] - s[p + 2];
    const ox = d * plane[4 * f] - s[p];
    const oy = d * plane[4 * f + 1] - s[p + 1];
    const oz = d * plane[4 * f + 2] - s[p + 2];
    const uu = ux * ux + uy * uy + uz * uz;
    const uw = ux * wx + uy * wy + uz * wz;
    const ww = wx * wx + wy * wy + wz * wz;
    const uo = ux * ox + uy * oy + uz * oz;
    const wo = wx * ox + wy * oy + wz * oz;
    const scale = 1 / (uu * ww - uw * uw);
    const g = (ww * uo - uw * wo) * scale;
    const h = (uu * wo - uw * uo) * scale;
    for (let k = 0; k < 3; k++) point_a[k] = (1 - g - h) * a[p + k] + g * a[q + k] + h * a[r + k];
  }
}
