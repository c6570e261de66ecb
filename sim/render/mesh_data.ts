import type { BufferGeometry } from 'three';
import { joinTriangles, type Polygons } from './polygons.ts';

/** Triangles of a geometry as the rasteriser reads them: vertices of equal position joined, unit face normals. */
export interface MeshData {
  /** x, y, z of every vertex, mesh frame. */
  readonly positions: Float64Array;
  /** Three vertices a triangle, counter-clockwise seen from outside. */
  readonly indices: Uint32Array;
  /** Unit normal of every triangle, mesh frame. */
  readonly normals: Float64Array;
  /** The same surface in as few faces as are found, in the order of the triangles. */
  readonly faces: Polygons;
  /** Centre (3) and radius of a sphere around all vertices. */
  readonly bound: Float64Array;
  /** No vertex is farther from the origin. */
  readonly reach: number;
}

/**
 * Reads a triangle geometry (indexed or not). Faces without area are left out.
 * @throws Error if the geometry has no position attribute
 */
export function readMeshData(geometry: BufferGeometry): MeshData {
  const attribute = geometry.getAttribute('position');
  if (attribute === undefined) throw new Error(`geometry ${geometry.name || geometry.type} has no positions`);
  const joined = new Map<string, number>();
  const vertices: number[] = [];
  const vertexOf = new Uint32Array(attribute.count);
  for (let i = 0; i < attribute.count; i++) {
    const key = `${rounded(attribute.getX(i))},${rounded(attribute.getY(i))},${rounded(attribute.getZ(i))}`;
    let vertex = joined.get(key);
    if (vertex === undefined) {
      vertex = vertices.length / 3;
      vertices.push(attribute.getX(i), attribute.getY(i), attribute.getZ(i));
      joined.set(key, vertex);
    }
    vertexOf[i] = vertex;
  }
  const index = geometry.getIndex();
  const corners = index === null ? attribute.count : index.count;
  const corner = (i: number): number => vertexOf[index === null ? i : index.getX(i)];
  const indices: number[] = [];
  const normals: number[] = [];
  for (let i = 0; i + 2 < corners; i += 3) {
    const a = corner(i);
    const b = corner(i + 1);
    const c = corner(i + 2);
    const normal = faceNormal(vertices, a, b, c);
    if (normal === null) continue;
    indices.push(a, b, c);
    normals.push(...normal);
  }
  const positions = Float64Array.from(vertices);
  const bound = boundingSphere(positions);
  return {
    positions,
    faces: joinTriangles(positions, indices, normals),
    indices: Uint32Array.from(indices),
    normals: Float64Array.from(normals),
    bound,
    reach: Math.hypot(bound[0], bound[1], bound[2]) + bound[3],
  };
}

/** Places nearer than a micrometre are one; −0 is 0. */
function rounded(value: number): number {
  return Math.round(value * 1e6) + 0;
}

function faceNormal(v: readonly number[], a: number, b: number, c: number): [number, number, number] | null {
  const ux = v[3 * b] - v[3 * a];
  const uy = v[3 * b + 1] - v[3 * a + 1];
  const uz = v[3 * b + 2] - v[3 * a + 2];
  const wx = v[3 * c] - v[3 * a];
  const wy = v[3 * c + 1] - v[3 * a + 1];
  const wz = v[3 * c + 2] - v[3 * a + 2];
  const x = uy * wz - uz * wy;
  const y = uz * wx - ux * wz;
  const z = ux * wy - uy * wx;
  const length = Math.hypot(x, y, z);
  return length > 1e-12 ? [x / length, y / length, z / length] : null;
}

function boundingSphere(positions: Float64Array): Float64Array {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    low[i % 3] = Math.min(low[i % 3], positions[i]);
    high[i % 3] = Math.max(high[i % 3], positions[i]);
  }
  const centre = low.map((value, axis) => (value + high[axis]) / 2);
  let radius = 0;
  for (let i = 0; i < positions.length; i += 3) {
    radius = Math.max(
      radius,
      Math.hypot(positions[i] - centre[0], positions[i + 1] - centre[1], positions[i + 2] - centre[2]),
    );
  }
  return Float64Array.from([...centre, radius]);
}
