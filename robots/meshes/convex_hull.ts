import type { ConvexMesh } from '../../contracts/index.ts';
import { distanceToTriangle } from './triangle_distance.ts';

export interface HullOptions {
  /** Most vertices of the hull. Default 64. */
  readonly max_vertices?: number;
  /** Points that lie outside by no more than this are left out (m). Default 0.1 mm. */
  readonly tolerance_m?: number;
}

/** A triangle of the hull as it grows: corners, the faces across its edges (ab, bc, ca), plane, and points outside it. */
interface Face {
  readonly corners: readonly [number, number, number];
  readonly across: [Face | null, Face | null, Face | null];
  readonly normal: readonly [number, number, number];
  readonly offset: number;
  outside: number[];
  farthest: number;
  distance: number;
  alive: boolean;
}

/** Points nearer to a plane than this, times the size of all, are in it. */
const FLAT = 1e-10;

/**
 * Convex hull of points by Quickhull (Barber, Dobkin and Huhdanpaa, 1996), which adds the point farthest outside first.
 * So it can stop early: at `max_vertices`, or when no point is farther outside than `tolerance_m`. What is then still
 * outside is within the hull's `short_m`. Throws RangeError if the points lie in a plane or fewer than four differ.
 *
 * @param points  x y z each (m)
 */
export function convexHull(points: Float64Array, options: HullOptions = {}): ConvexMesh {
  const { max_vertices = 64, tolerance_m = 1e-4 } = options;
  const builder = new Builder(points);
  const enough = Math.max(tolerance_m, builder.eps);
  for (let vertices = 4; vertices < max_vertices; vertices++) {
    const face = builder.farthestFace();
    if (face === null || face.distance <= enough) break;
    builder.add(face);
  }
  return builder.result();
}

class Builder {
  readonly eps: number;
  private readonly points: Float64Array;
  private faces: Face[] = [];

  constructor(points: Float64Array) {
    this.points = points;
    const size = extentOf(points);
    this.eps = FLAT * size;
    this.start();
  }

  /** The face with the point farthest outside of all, or null if none is outside. */
  farthestFace(): Face | null {
    let best: Face | null = null;
    for (const face of this.faces) if (face.outside.length > 0 && face.distance > (best?.distance ?? 0)) best = face;
    return best;
  }

  /** Makes the farthest point of a face a vertex: the faces it sees give way to a cone from their horizon. */
  add(seed: Face): void {
    const apex = seed.farthest;
    const seen: Face[] = [];
    const horizon: { readonly from: number; readonly to: number; readonly beyond: Face; readonly side: number }[] = [];
    const visit = (face: Face, entered: number): void => {
      face.alive = false;
      seen.push(face);
      for (let k = 1; k <= 3; k++) {
        const side = (entered + k) % 3;
        const next = face.across[side];
        if (next === null || !next.alive) continue;
        const back = next.across.indexOf(face);
        if (this.height(next, apex) > this.eps) visit(next, back);
        else {
          horizon.push({ from: face.corners[side], to: face.corners[(side + 1) % 3], beyond: next, side: back });
        }
      }
    };
    visit(seed, 2);
    const byStart = new Map<number, Face>();
    const byEnd = new Map<number, Face>();
    const fresh = horizon.map(({ from, to, beyond, side }) => {
      const face = this.face(from, to, apex);
      face.across[0] = beyond;
      beyond.across[side] = face;
      byStart.set(from, face);
      byEnd.set(to, face);
      return face;
    });
    for (const face of fresh) {
      face.across[1] = byStart.get(face.corners[1]) ?? null;
      face.across[2] = byEnd.get(face.corners[0]) ?? null;
    }
    this.faces = this.faces.filter((face) => face.alive);
    this.faces.push(...fresh);
    for (const face of seen) this.share(face.outside, fresh);
  }

  result(): ConvexMesh {
    const { points, faces } = this;
    const number = new Map<number, number>();
    const vertices: number[] = [];
    const triangles = faces.flatMap(({ corners }) =>
      corners.map((p) => {
        let v = number.get(p);
        if (v === undefined) {
          v = vertices.length / 3;
          vertices.push(points[3 * p], points[3 * p + 1], points[3 * p + 2]);
          number.set(p, v);
        }
        return v;
      }),
    );
    let short_m = 0;
    for (const face of faces) for (const p of face.outside) short_m = Math.max(short_m, this.distanceOf(p));
    return {
      type: 'mesh',
      convex: true,
      vertices: Float64Array.from(vertices),
      triangles: Uint32Array.from(triangles),
      short_m,
    };
  }

  /** Distance of a point outside from the hull: the closest of its points is on a face that the point sees. */
  private distanceOf(p: number): number {
    let least = Infinity;
    for (const face of this.faces) {
      if (this.height(face, p) > 0) least = Math.min(least, distanceToTriangle(this.points, p, face.corners));
    }
    return least === Infinity ? 0 : least;
  }

  /** Hands points to the face they are farthest outside of; those inside all are dropped. */
  private share(list: readonly number[], faces: readonly Face[]): void {
    for (const p of list) {
      let best: Face | null = null;
      let most = this.eps;
      for (const face of faces) {
        const height = this.height(face, p);
        if (height <= most) continue;
        most = height;
        best = face;
      }
      if (best === null) continue;
      best.outside.push(p);
      if (most <= best.distance) continue;
      best.distance = most;
      best.farthest = p;
    }
  }

  private height({ normal, offset }: Face, p: number): number {
    const { points } = this;
    return normal[0] * points[3 * p] + normal[1] * points[3 * p + 1] + normal[2] * points[3 * p + 2] - offset;
  }

  private face(a: number, b: number, c: number): Face {
    const p = this.points;
    const ux = p[3 * b] - p[3 * a];
    const uy = p[3 * b + 1] - p[3 * a + 1];
    const uz = p[3 * b + 2] - p[3 * a + 2];
    const wx = p[3 * c] - p[3 * a];
    const wy = p[3 * c + 1] - p[3 * a + 1];
    const wz = p[3 * c + 2] - p[3 * a + 2];
    const n = [uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx];
    const length = Math.hypot(n[0], n[1], n[2]) || 1;
    const normal = [n[0] / length, n[1] / length, n[2] / length] as const;
    const offset = Math.max(
      ...[a, b, c].map((i) => normal[0] * p[3 * i] + normal[1] * p[3 * i + 1] + normal[2] * p[3 * i + 2]),
    );
    return {
      corners: [a, b, c],
      across: [null, null, null],
      normal,
      offset,
      outside: [],
      farthest: -1,
      distance: 0,
      alive: true,
    };
  }

  /** A tetrahedron of points far apart. */
  private start(): void {
    const { points, eps } = this;
    const count = points.length / 3;
    const at = (i: number) => [points[3 * i], points[3 * i + 1], points[3 * i + 2]] as const;
    const farthest = (measure: (x: readonly [number, number, number]) => number): number => {
      let best = 0;
      let most = -Infinity;
      for (let i = 0; i < count; i++) {
        const value = measure(at(i));
        if (value > most) {
          most = value;
          best = i;
        }
      }
      return best;
    };
    const ends = [0, 1, 2].map((k) => [farthest((x) => -x[k]), farthest((x) => x[k])] as const);
    const spans = ends.map(([low, high], k) => points[3 * high + k] - points[3 * low + k]);
    const [a, b] = ends[spans.indexOf(Math.max(...spans))] ?? [0, 0];
    const A = at(a);
    const along = subtract(at(b), A);
    const c = farthest((x) => norm(cross(along, subtract(x, A))));
    const across = cross(along, subtract(at(c), A));
    const d = farthest((x) => Math.abs(dot(across, subtract(x, A))));
    const height = dot(across, subtract(at(d), A)) / (norm(across) || 1);
    if (!(norm(across) > eps * norm(along)) || !(Math.abs(height) > eps)) {
      throw new RangeError('all points lie in a plane');
    }
    const [e, f] = height > 0 ? [c, b] : [b, c];
    const faces = [this.face(a, e, f), this.face(a, f, d), this.face(f, e, d), this.face(e, a, d)];
    for (const face of faces) {
      for (let k = 0; k < 3; k++) {
        const from = face.corners[k];
        const to = face.corners[(k + 1) % 3];
        face.across[k] =
          faces.find(({ corners }) => corners.some((x, i) => x === to && corners[(i + 1) % 3] === from)) ?? null;
      }
    }
    this.faces = faces;
    this.share(
      Array.from({ length: count }, (_, i) => i),
      faces,
    );
  }
}

type V = readonly [number, number, number];
const subtract = (a: V, b: V): V => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: V, b: V): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: V, b: V): V => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const norm = (a: V): number => Math.hypot(a[0], a[1], a[2]);

function extentOf(points: Float64Array): number {
  let extent = 0;
  for (let k = 0; k < 3; k++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = k; i < points.length; i += 3) {
      low = Math.min(low, points[i]);
      high = Math.max(high, points[i]);
    }
    extent = Math.max(extent, high - low, 1e-3 * Math.abs(high), 1e-3 * Math.abs(low));
  }
  return extent;
}
