import type { Vector3 } from '../../contracts/index.ts';
import { dot } from './contact_pair.ts';

/** Points of an object's surface (x y z, m) as one camera saw them from `viewpoint`, one frame for all. */
export interface View {
  readonly points: Float64Array;
  readonly viewpoint: Vector3;
}

/** A thinned cloud with outward unit normals, three numbers a point. */
export interface SurfaceCloud {
  readonly points: Float64Array;
  readonly normals: Float64Array;
}

export interface CloudOptions {
  /** Points nearer than this are joined (m). */
  readonly spacing_m?: number;
  /** Points within this make out the plane of the surface (m). */
  readonly radius_m?: number;
}

/**
 * Joins the views of one object: thins the points of each to one a cell, and gives every point the normal of the plane
 * that fits its neighbours best (Hoppe et al., SIGGRAPH 1992), turned to the camera that saw it. Points that are not finite
 * and points at edges, whose neighbours lie in no plane, are left out.
 */
export function surfaceCloud(
  views: readonly View[],
  { spacing_m = 0.004, radius_m = 0.01 }: CloudOptions = {},
): SurfaceCloud {
  const points: number[] = [];
  const normals: number[] = [];
  for (const { points: raw, viewpoint } of views) {
    const thin = thinned(raw, spacing_m);
    const grid = new PointGrid(thin, radius_m);
    for (let i = 0; i < thin.length; i += 3) {
      const p: Vector3 = [thin[i], thin[i + 1], thin[i + 2]];
      const normal = planeNormal(thin, grid.near(p, radius_m));
      if (normal === null) continue;
      const out = dot(normal, [viewpoint[0] - p[0], viewpoint[1] - p[1], viewpoint[2] - p[2]]) < 0 ? -1 : 1;
      points.push(...p);
      normals.push(out * normal[0], out * normal[1], out * normal[2]);
    }
  }
  return { points: Float64Array.from(points), normals: Float64Array.from(normals) };
}

/** The mean of the points in every cell of a grid, in the order in which cells are first met. */
function thinned(points: Float64Array, cell_m: number): Float64Array {
  const cells = new Map<string, [number, number, number, number]>();
  for (let i = 0; i + 2 < points.length; i += 3) {
    const [x, y, z] = [points[i], points[i + 1], points[i + 2]];
    if (!Number.isFinite(x + y + z)) continue;
    const key = `${Math.floor(x / cell_m)},${Math.floor(y / cell_m)},${Math.floor(z / cell_m)}`;
    const sum = cells.get(key) ?? [0, 0, 0, 0];
    cells.set(key, [sum[0] + x, sum[1] + y, sum[2] + z, sum[3] + 1]);
  }
  return Float64Array.from([...cells.values()].flatMap(([x, y, z, n]) => [x / n, y / n, z / n]));
}

/** Points by the cell of a grid they lie in. */
class PointGrid {
  private readonly points: Float64Array;
  private readonly cell_m: number;
  private readonly cells = new Map<string, number[]>();

  constructor(points: Float64Array, cell_m: number) {
    this.points = points;
    this.cell_m = cell_m;
    for (let i = 0; i < points.length; i += 3) {
      const key = this.key(points[i], points[i + 1], points[i + 2]);
      const list = this.cells.get(key);
      if (list === undefined) this.cells.set(key, [i]);
      else list.push(i);
    }
  }

  /** Offsets of the points within `radius_m`, which is at most a cell. */
  near([x, y, z]: Vector3, radius_m: number): number[] {
    const { points, cell_m } = this;
    const found: number[] = [];
    for (let k = 0; k < 27; k++) {
      const [dx, dy, dz] = [(k % 3) - 1, (Math.floor(k / 3) % 3) - 1, Math.floor(k / 9) - 1];
      for (const i of this.cells.get(this.key(x + dx * cell_m, y + dy * cell_m, z + dz * cell_m)) ?? []) {
        if (Math.hypot(points[i] - x, points[i + 1] - y, points[i + 2] - z) <= radius_m) found.push(i);
      }
    }
    return found;
  }

  private key(x: number, y: number, z: number): string {
    const { cell_m } = this;
    return `${Math.floor(x / cell_m)},${Math.floor(y / cell_m)},${Math.floor(z / cell_m)}`;
  }
}

/** Normal of the plane through points; null where they are few or no plane explains them. */
function planeNormal(points: Float64Array, members: readonly number[]): Vector3 | null {
  if (members.length < LEAST_NEIGHBOURS) return null;
  const mean = [0, 1, 2].map((k) => members.reduce((sum, i) => sum + points[i + k], 0) / members.length);
  // covariance xx, yy, zz, xy, xz, yz
  const C = [0, 0, 0, 0, 0, 0];
  for (const i of members) {
    const [x, y, z] = [points[i] - mean[0], points[i + 1] - mean[1], points[i + 2] - mean[2]];
    [x * x, y * y, z * z, x * y, x * z, y * z].forEach((value, k) => {
      C[k] += value / members.length;
    });
  }
  const [values, vectors] = eigen3(C);
  const order = [0, 1, 2].sort((a, b) => values[a] - values[b]);
  if (values[order[0]] > FLATNESS * values[order[1]]) return null;
  const k = order[0];
  return [vectors[k], vectors[3 + k], vectors[6 + k]];
}

/** Eigenvalues and eigenvectors (columns, row-major) of a symmetric 3 × 3 matrix by cyclic Jacobi rotations. */
function eigen3([xx, yy, zz, xy, xz, yz]: readonly number[]): [number[], number[]] {
  const A = [xx, xy, xz, xy, yy, yz, xz, yz, zz];
  const V = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  for (let sweep = 0; sweep < 12; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const off = A[3 * p + q];
      if (Math.abs(off) < 1e-300) continue;
      const theta = (A[3 * q + q] - A[3 * p + p]) / (2 * off);
      const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
      const c = 1 / Math.hypot(t, 1);
      const s = t * c;
      for (let k = 0; k < 3; k++) [A[3 * k + p], A[3 * k + q]] = turned(A[3 * k + p], A[3 * k + q], c, s);
      for (let k = 0; k < 3; k++) [A[3 * p + k], A[3 * q + k]] = turned(A[3 * p + k], A[3 * q + k], c, s);
      for (let k = 0; k < 3; k++) [V[3 * k + p], V[3 * k + q]] = turned(V[3 * k + p], V[3 * k + q], c, s);
    }
  }
  return [[A[0], A[4], A[8]], V];
}

const turned = (a: number, b: number, c: number, s: number): [number, number] => [c * a - s * b, s * a + c * b];

const LEAST_NEIGHBOURS = 6;
/** Largest share of the least spread in the middle one for points to count as a plane: curved sides pass, edges do not. */
const FLATNESS = 0.12;
