/** Flat convex faces of a mesh. */
export interface Polygons {
  /** Where every face starts in `corners`, and where the last one ends. */
  readonly starts: Int32Array;
  /** Vertices of the faces, counter-clockwise seen from outside. */
  readonly corners: Int32Array;
  /** Unit normal of every face, mesh frame. */
  readonly normals: Float64Array;
  /** Distance of every face's plane from the origin along its normal. */
  readonly offsets: Float64Array;
}

/** Normals of triangles in one plane differ by less than this in every coordinate. */
const SAME_PLANE = 1e-6;

/**
 * Joins triangles that follow each other, share an edge and lie in one plane, as long as what they form is convex: the
 * sides of boxes and cylinders become rectangles, their ends polygons.
 * @param indices three vertices a triangle, counter-clockwise
 * @param normals unit normal of every triangle
 */
export function joinTriangles(
  positions: ArrayLike<number>,
  indices: ArrayLike<number>,
  normals: ArrayLike<number>,
): Polygons {
  const starts = [0];
  const corners: number[] = [];
  const kept: number[] = [];
  const offsets: number[] = [];
  let face: number[] = [];
  let normal: readonly number[] = [];
  const finish = (): void => {
    if (face.length === 0) return;
    corners.push(...face);
    starts.push(corners.length);
    kept.push(...normal);
    offsets.push([0, 1, 2].reduce((sum, k) => sum + normal[k] * positions[3 * face[0] + k], 0));
  };
  for (let t = 0; 3 * t < indices.length; t++) {
    const triangle = [indices[3 * t], indices[3 * t + 1], indices[3 * t + 2]];
    const own = [normals[3 * t], normals[3 * t + 1], normals[3 * t + 2]];
    const flat = face.length > 0 && own.every((value, k) => Math.abs(value - normal[k]) < SAME_PLANE);
    const joined = flat ? join(face, triangle) : null;
    if (joined !== null && isConvex(positions, joined, normal)) face = joined;
    else {
      finish();
      face = triangle;
      normal = own;
    }
  }
  finish();
  return {
    starts: Int32Array.from(starts),
    corners: Int32Array.from(corners),
    normals: Float64Array.from(kept),
    offsets: Float64Array.from(offsets),
  };
}

/** The face with the triangle's third corner put into the edge that they share; null if they share none. */
function join(face: readonly number[], triangle: readonly number[]): number[] | null {
  for (let k = 0; k < 3; k++) {
    const [from, to, third] = [triangle[k], triangle[(k + 1) % 3], triangle[(k + 2) % 3]];
    for (let i = 0; i < face.length; i++) {
      // A neighbour goes along a shared edge the other way.
      if (face[i] !== to || face[(i + 1) % face.length] !== from || face.includes(third)) continue;
      return [...face.slice(0, i + 1), third, ...face.slice(i + 1)];
    }
  }
  return null;
}

function isConvex(positions: ArrayLike<number>, face: readonly number[], normal: readonly number[]): boolean {
  return face.every((b, i) => {
    const a = face[(i + face.length - 1) % face.length];
    const c = face[(i + 1) % face.length];
    const u = [0, 1, 2].map((k) => positions[3 * b + k] - positions[3 * a + k]);
    const v = [0, 1, 2].map((k) => positions[3 * c + k] - positions[3 * b + k]);
    const turn =
      normal[0] * (u[1] * v[2] - u[2] * v[1]) +
      normal[1] * (u[2] * v[0] - u[0] * v[2]) +
      normal[2] * (u[0] * v[1] - u[1] * v[0]);
    return turn >= 0;
  });
}
