import { type ConvexMesh, InputError } from '../../contracts/index.ts';

/** Most faces and vertices of a hull, for which contacts have room. */
export const MAX_HULL_FACES = 512;
export const MAX_HULL_VERTICES = 256;
/** Most corners of a face that contacts look at. */
export const FACE_CORNERS = 8;
/** Triangles whose corners lie this near to a plane, times the hull's radius, are one face. */
const COPLANAR = 1e-5;

/** A convex polyhedron as the narrowphase reads it: faces of many corners, and which vertices are next to which. */
export interface Hull {
  /** x y z of every vertex, hull frame (m). */
  readonly vertices: Float64Array;
  readonly faces: number;
  /** Unit outward normal of every face, 3 each, and how far it lies from the origin along it (m). */
  readonly normals: Float64Array;
  readonly offsets: Float64Array;
  /** Corners of face f, counter-clockwise seen from outside: loop[loop_first[f]] .. loop[loop_first[f + 1] − 1]. */
  readonly loop: Int32Array;
  readonly loop_first: Int32Array;
  /** The same of at most FACE_CORNERS corners, a polygon inside the face. */
  readonly patch: Int32Array;
  readonly patch_first: Int32Array;
  /** Faces with vertex v as a corner: around[around_first[v]] .. around[around_first[v + 1] − 1]. */
  readonly around: Int32Array;
  readonly around_first: Int32Array;
  /** Vertices joined to vertex v by an edge: next[next_first[v]] .. next[next_first[v + 1] − 1]. */
  readonly next: Int32Array;
  readonly next_first: Int32Array;
  /** Mean of the vertices (m), and radius of a ball about it that is inside (m). */
  readonly centre: readonly [number, number, number];
  readonly inner: number;
  /** Radius about the frame's origin that holds all of it (m). */
  readonly radius: number;
}

const known = new WeakMap<ConvexMesh, Hull>();

/** The hull of a mesh; made once for a mesh. Throws InputError for a mesh that is not closed or has too many faces. */
export function hullOf(mesh: ConvexMesh): Hull {
  let hull = known.get(mesh);
  if (hull === undefined) {
    hull = buildHull(mesh);
    known.set(mesh, hull);
  }
  return hull;
}

/** The hull of a box, from its half sizes (m). */
export function boxHull(hx: number, hy: number, hz: number): Hull {
  const vertices = Float64Array.from({ length: 24 }, (_, i) => {
    const corner = Math.floor(i / 3);
    const k = i % 3;
    return [hx, hy, hz][k] * (corner & (1 << k) ? 1 : -1);
  });
  const quads = [1, 3, 7, 5, 0, 4, 6, 2, 2, 6, 7, 3, 0, 1, 5, 4, 4, 5, 7, 6, 0, 2, 3, 1];
  const triangles = Uint32Array.from(
    { length: 36 },
    (_, i) => quads[4 * Math.floor(i / 6) + [0, 1, 2, 0, 2, 3][i % 6]],
  );
  return buildHull({ type: 'mesh', convex: true, vertices, triangles, short_m: 0 });
}

function buildHull({ vertices, triangles }: ConvexMesh): Hull {
  const count = vertices.length / 3;
  if (count > MAX_HULL_VERTICES) {
    throw new InputError(`a hull of ${count} vertices`, `contacts have room for ${MAX_HULL_VERTICES}: simplify it`);
  }
  const centre = [0, 1, 2].map((k) => {
    let sum = 0;
    for (let i = k; i < vertices.length; i += 3) sum += vertices[i];
    return sum / count;
  });
  let radius = 0;
  for (let i = 0; i < count; i++) radius = Math.max(radius, Math.hypot(...vertices.subarray(3 * i, 3 * i + 3)));
  const loops = faceLoops(vertices, triangles, COPLANAR * radius);
  if (loops.length > MAX_HULL_FACES) {
    throw new InputError(`a hull of ${loops.length} faces`, `contacts have room for ${MAX_HULL_FACES}: simplify it`);
  }
  const normals = new Float64Array(3 * loops.length);
  const offsets = new Float64Array(loops.length);
  loops.forEach((loop, f) => {
    const n = loopNormal(vertices, loop);
    normals.set(n, 3 * f);
    offsets[f] = Math.max(...loop.map((v) => dot(n, vertices.subarray(3 * v, 3 * v + 3))));
  });
  const inner = Math.min(...offsets.map((offset, f) => offset - dot(normals.subarray(3 * f, 3 * f + 3), centre)));
  const neighbours = Array.from({ length: count }, () => new Set<number>());
  for (let t = 0; t < triangles.length; t++) {
    const v = triangles[t];
    const w = triangles[t % 3 === 2 ? t - 2 : t + 1];
    neighbours[v].add(w);
    neighbours[w].add(v);
  }
  const around = Array.from({ length: count }, (): number[] => []);
  loops.forEach((loop, f) => {
    for (const v of loop) around[v].push(f);
  });
  const patches = loops.map((loop, f) => fewerCorners(vertices, loop, normals.subarray(3 * f, 3 * f + 3)));
  return {
    vertices,
    faces: loops.length,
    normals,
    offsets,
    loop: Int32Array.from(loops.flat()),
    loop_first: starts(loops.map(({ length }) => length)),
    patch: Int32Array.from(patches.flat()),
    patch_first: starts(patches.map(({ length }) => length)),
    around: Int32Array.from(around.flat()),
    around_first: starts(around.map(({ length }) => length)),
    next: Int32Array.from(neighbours.flatMap((set) => [...set])),
    next_first: starts(neighbours.map(({ size }) => size)),
    centre: [centre[0], centre[1], centre[2]],
    inner: Math.max(0, inner),
    radius,
  };
}

/** Joins triangles in one plane, the largest first, and gives the corners around each face. */
function faceLoops(vertices: Float64Array, triangles: Uint32Array, tolerance: number): number[][] {
  const count = triangles.length / 3;
  const edgeKey = (a: number, b: number) => a * (vertices.length / 3) + b;
  const owner = new Map<number, number>();
  for (let t = 0; t < count; t++) {
    for (let k = 0; k < 3; k++) owner.set(edgeKey(triangles[3 * t + k], triangles[3 * t + ((k + 1) % 3)]), t);
  }
  const cornersOf = (t: number) => [triangles[3 * t], triangles[3 * t + 1], triangles[3 * t + 2]];
  const areas = Array.from({ length: count }, (_, t) => Math.hypot(...areaVector(vertices, cornersOf(t))));
  const order = areas.map((_, t) => t).sort((s, t) => areas[t] - areas[s] || s - t);
  const face = new Int32Array(count).fill(-1);
  const loops: number[][] = [];
  for (const seed of order) {
    if (face[seed] >= 0) continue;
    const own = loops.length;
    const n = areaVector(vertices, cornersOf(seed)).map((x) => x / (areas[seed] || 1));
    const height = dot(n, vertices.subarray(3 * triangles[3 * seed], 3 * triangles[3 * seed] + 3));
    const follows = new Map<number, number>();
    const queue = [seed];
    face[seed] = own;
    for (let t = queue.pop(); t !== undefined; t = queue.pop()) {
      for (let k = 0; k < 3; k++) {
        const a = triangles[3 * t + k];
        const b = triangles[3 * t + ((k + 1) % 3)];
        const other = owner.get(edgeKey(b, a));
        if (other === undefined) throw new InputError('a mesh with a hole', 'a convex mesh is closed');
        if (face[other] === own) continue;
        const flat = cornersOf(other).every(
          (v) => Math.abs(dot(n, vertices.subarray(3 * v, 3 * v + 3)) - height) <= tolerance,
        );
        const faces = dot(areaVector(vertices, cornersOf(other)), n) >= 0;
        if (face[other] < 0 && flat && faces) {
          face[other] = own;
          queue.push(other);
        }
      }
    }
    for (let t = 0; t < count; t++) {
      if (face[t] !== own) continue;
      for (let k = 0; k < 3; k++) {
        const a = triangles[3 * t + k];
        const b = triangles[3 * t + ((k + 1) % 3)];
        if (face[owner.get(edgeKey(b, a)) ?? -1] !== own) follows.set(a, b);
      }
    }
    const start = triangles[3 * seed + [0, 1, 2].findIndex((k) => follows.has(triangles[3 * seed + k]))];
    const loop: number[] = [];
    for (let v = start, left = follows.size; left > 0; left--) {
      loop.push(v);
      v = follows.get(v) ?? start;
      if (v === start) break;
    }
    loops.push(loop);
  }
  return loops;
}

/** Of more than FACE_CORNERS corners those farthest in as many directions: a polygon inside the face's. */
function fewerCorners(vertices: Float64Array, loop: readonly number[], n: Float64Array): number[] {
  if (loop.length <= FACE_CORNERS) return [...loop];
  const u = cross(n, Math.abs(n[0]) < 0.7 ? [1, 0, 0] : [0, 1, 0]);
  const v = cross(n, u);
  const kept = new Set<number>();
  for (let k = 0; k < FACE_CORNERS; k++) {
    const angle = (2 * Math.PI * k) / FACE_CORNERS;
    const way = [0, 1, 2].map((i) => Math.cos(angle) * u[i] + Math.sin(angle) * v[i]);
    const reach = loop.map((corner) => dot(way, vertices.subarray(3 * corner, 3 * corner + 3)));
    kept.add(loop[reach.indexOf(Math.max(...reach))]);
  }
  return loop.filter((corner) => kept.has(corner));
}

function loopNormal(vertices: Float64Array, loop: readonly number[]): number[] {
  const sum = [0, 0, 0];
  for (let k = 1; k + 1 < loop.length; k++) {
    const area = areaVector(vertices, [loop[0], loop[k], loop[k + 1]]);
    for (let i = 0; i < 3; i++) sum[i] += area[i];
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((x) => x / length);
}

function areaVector(v: Float64Array, [a, b, c]: readonly number[]): number[] {
  const from = (i: number, j: number) => [0, 1, 2].map((k) => v[3 * j + k] - v[3 * i + k]);
  return cross(from(a, b), from(a, c));
}

function starts(lengths: readonly number[]): Int32Array {
  const first = new Int32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    first[i + 1] = first[i] + length;
  });
  return first;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
