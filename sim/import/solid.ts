import {
  type ConvexMesh,
  InputError,
  meshBounds,
  type Shape,
  type TriangleMesh,
  type Vector3,
} from '../../contracts/index.ts';
import { convexHull, massProperties, readMesh } from '../../robots/index.ts';

/** Vertices and tolerance (m) of the hulls that stand for imported meshes. */
const OBJECT_HULL = { max_vertices: 128, tolerance_m: 1e-4 };
/** Corners around a capsule or an ellipsoid, and rings from pole to pole of a half of one. */
const SIDES = 16;
const RINGS = 4;

/** A solid body in the frame of its description. */
export interface Solid {
  /** What touches, its frame at `centre` of the description's (m). */
  readonly shape: Shape | ConvexMesh;
  readonly centre: Vector3;
  /** What is seen, in the description's frame; null: the shape itself. */
  readonly surface: TriangleMesh | null;
  /** Colour the description's file gives, if any. */
  readonly rgb?: Vector3;
  readonly volume_m3: number;
  /** Centre of mass (m) and inertia about it for 1 kg, description's axes: xx yy zz xy xz yz (m²). */
  readonly com: Vector3;
  readonly inertia: readonly number[];
}

const ORIGIN: Vector3 = [0, 0, 0];

/** A box, cylinder or sphere. */
export function primitive(shape: Shape): Solid {
  const at = { shape, centre: ORIGIN, surface: null, com: ORIGIN };
  switch (shape.type) {
    case 'box': {
      const [x, y, z] = shape.size;
      const inertia = [(y * y + z * z) / 12, (x * x + z * z) / 12, (x * x + y * y) / 12, 0, 0, 0];
      return { ...at, volume_m3: x * y * z, inertia };
    }
    case 'cylinder': {
      const { radius: r, length } = shape;
      const across = (3 * r * r + length * length) / 12;
      return { ...at, volume_m3: Math.PI * r * r * length, inertia: [across, across, (r * r) / 2, 0, 0, 0] };
    }
    case 'sphere': {
      const i = 0.4 * shape.radius ** 2;
      return { ...at, volume_m3: (4 / 3) * Math.PI * shape.radius ** 3, inertia: [i, i, i, 0, 0, 0] };
    }
  }
}

/** A cylinder about z of a length (m) with half balls on its ends; touches as a polyhedron inside it. */
export function capsule(radius: number, length: number): Solid {
  const rings = [1, -1].flatMap((end) =>
    Array.from({ length: RINGS }, (_, i) => (Math.PI / 2) * (i / RINGS)).map((angle) => ({
      r: radius * Math.cos(angle),
      z: end * (length / 2 + radius * Math.sin(angle)),
    })),
  );
  const pole = length / 2 + radius;
  const barrel = Math.PI * radius ** 2 * length;
  const caps = (4 / 3) * Math.PI * radius ** 3;
  const volume_m3 = barrel + caps;
  const [a, b] = [barrel / volume_m3, caps / volume_m3];
  // The two half balls: about their own middle 2/5 r², moved out by h/2 and their 3/8 r.
  const across =
    a * (radius ** 2 / 4 + length ** 2 / 12) + b * (0.4 * radius ** 2 + length ** 2 / 4 + (3 * length * radius) / 8);
  const along = (a * radius ** 2) / 2 + b * 0.4 * radius ** 2;
  const shape = ringHull(
    rings,
    pole,
    radius * (1 - Math.cos(Math.PI / SIDES)) + radius * (1 - Math.cos(Math.PI / 4 / RINGS)),
  );
  return { shape, centre: ORIGIN, surface: null, volume_m3, com: ORIGIN, inertia: [across, across, along, 0, 0, 0] };
}

/** An ellipsoid of half axes (m); touches as a polyhedron inside it. */
export function ellipsoid([a, b, c]: Vector3): Solid {
  const rings = Array.from(
    { length: 2 * RINGS - 1 },
    (_, i) => (Math.PI / 2) * (i / RINGS) - (Math.PI / 2) * (1 - 1 / RINGS),
  ).map((angle) => ({ r: Math.cos(angle), z: Math.sin(angle) }));
  const most = Math.max(a, b, c);
  const short_m = most * (1 - Math.cos(Math.PI / SIDES)) + most * (1 - Math.cos(Math.PI / 4 / RINGS));
  const shape = stretch(ringHull(rings, 1, 0), [a, b, c], short_m);
  const inertia = [(b * b + c * c) / 5, (a * a + c * c) / 5, (a * a + b * b) / 5, 0, 0, 0];
  return { shape, centre: ORIGIN, surface: null, volume_m3: (4 / 3) * Math.PI * a * b * c, com: ORIGIN, inertia };
}

/**
 * A mesh file: touches as its convex hull, is seen as its triangles, and weighs as its triangles enclose, or, if they
 * are not closed, as its hull does. Throws InputError for a mesh without volume.
 */
export function meshSolid(file: string, scale: Vector3): Solid {
  const parts = readMesh(file, scale);
  const vertices: number[] = [];
  const triangles: number[] = [];
  for (const part of parts) {
    const first = vertices.length / 3;
    for (const x of part.vertices) vertices.push(x);
    for (const v of part.triangles) triangles.push(first + v);
  }
  const surface: TriangleMesh = {
    type: 'mesh',
    vertices: Float64Array.from(vertices),
    triangles: Uint32Array.from(triangles),
  };
  let hull: ConvexMesh;
  try {
    hull = convexHull(Float64Array.from(triangles.flatMap((v) => vertices.slice(3 * v, 3 * v + 3))), OBJECT_HULL);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`mesh ${file}: ${error.message}`, 'an object encloses a volume', { cause: error });
  }
  const { volume, com, inertia } = massProperties(isClosed(surface) ? surface : hull);
  const { lower, upper } = meshBounds(hull);
  const middle = (k: 0 | 1 | 2) => (lower[k] + upper[k]) / 2;
  const centre: Vector3 = [middle(0), middle(1), middle(2)];
  const shape = { ...hull, vertices: hull.vertices.map((x, i) => x - centre[i % 3]) };
  const rgba = parts.find((part) => part.rgba !== null)?.rgba;
  const paint = rgba ? { rgb: [rgba[0], rgba[1], rgba[2]] as const } : {};
  return { shape, centre, surface, volume_m3: volume, com, inertia, ...paint };
}

/** Whether each edge is walked once in each direction, and the triangles face outwards on the whole. */
function isClosed(mesh: TriangleMesh): boolean {
  const { triangles } = mesh;
  const edges = new Set<string>();
  for (let t = 0; t < triangles.length; t++) {
    const edge = `${triangles[t]} ${triangles[t % 3 === 2 ? t - 2 : t + 1]}`;
    if (edges.has(edge)) return false;
    edges.add(edge);
  }
  for (const edge of edges) if (!edges.has(edge.split(' ').reverse().join(' '))) return false;
  return massProperties(mesh).volume > 0;
}

function ringHull(
  rings: readonly { readonly r: number; readonly z: number }[],
  pole: number,
  short_m: number,
): ConvexMesh {
  const points = rings.flatMap(({ r, z }) =>
    Array.from({ length: SIDES }, (_, i) => {
      const angle = (2 * Math.PI * i) / SIDES;
      return [r * Math.cos(angle), r * Math.sin(angle), z];
    }).flat(),
  );
  const all = Float64Array.from([...points, 0, 0, pole, 0, 0, -pole]);
  return { ...convexHull(all, { max_vertices: all.length / 3, tolerance_m: 0 }), short_m };
}

function stretch(mesh: ConvexMesh, scale: Vector3, short_m: number): ConvexMesh {
  return { ...mesh, vertices: mesh.vertices.map((x, i) => x * scale[i % 3]), short_m };
}
