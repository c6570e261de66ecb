import {
  type ConvexMesh,
  InputError,
  meshBounds,
  type Pose,
  type TriangleMesh,
  type Vector3,
} from '../contracts/index.ts';
import { composePoses } from '../dynamics/index.ts';
import { convexHull, massProperties, readMesh } from '../robots/index.ts';
import { type ElementTree, triangleTree } from './element_tree.ts';
import type { Obstacle } from './world.ts';

/** Hulls of obstacles have at most so many vertices, or leave out what lies no farther outside than this (m). */
const HULL = { max_vertices: 400, tolerance_m: 1e-5 };
/** A closed mesh whose hull has hardly more volume (by this part) is taken to be its hull. */
const CONVEX = 1e-3;

export interface MeshObstacleOptions {
  /** Pose of the mesh's frame in the world. Default the identity. */
  readonly pose?: Pose;
  readonly padding_m?: number;
  /**
   * `hull`: the convex hull, quick to check and larger than a hollow thing. `triangles`: as it is. Default `fit`: the hull
   * where the mesh is convex, else its triangles.
   */
  readonly shape?: 'hull' | 'triangles' | 'fit';
}

/**
 * A mesh as an obstacle. A mesh that is closed counts as solid, else its surface alone counts.
 * Throws InputError if it has no triangle, a coordinate that is not finite, or, as a hull, no volume.
 */
export function meshObstacle(name: string, mesh: TriangleMesh, options: MeshObstacleOptions = {}): Obstacle {
  const { pose = IDENTITY, padding_m = 0, shape = 'fit' } = options;
  if (mesh.triangles.length < 3) throw new InputError(`mesh ${name} has no triangle`, 'give at least one triangle');
  const stray = mesh.triangles.find((v) => v >= mesh.vertices.length / 3);
  if (stray !== undefined) {
    throw new InputError(`mesh ${name}: a triangle names vertex ${stray}`, `there are ${mesh.vertices.length / 3}`);
  }
  const wrong = mesh.vertices.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) {
    throw new InputError(`mesh ${name}: vertex ${Math.floor(wrong / 3)} is ${mesh.vertices[wrong]}`, 'must be finite');
  }
  const { lower, upper } = meshBounds(mesh);
  const centre: Vector3 = [(lower[0] + upper[0]) / 2, (lower[1] + upper[1]) / 2, (lower[2] + upper[2]) / 2];
  const centred = { ...mesh, vertices: mesh.vertices.map((x, i) => x - centre[i % 3]) };
  return {
    name,
    shape: shapeOf(name, centred, shape),
    pose: composePoses(pose, { position: centre, orientation: IDENTITY.orientation }),
    padding_m,
  };
}

/** As meshObstacle, of an STL, OBJ or COLLADA file. */
export function meshFileObstacle(
  name: string,
  file: string,
  options: MeshObstacleOptions & { readonly scale?: Vector3 } = {},
): Obstacle {
  return meshObstacle(name, joined(readMesh(file, options.scale ?? [1, 1, 1])), options);
}

const IDENTITY: Pose = { position: [0, 0, 0], orientation: [0, 0, 0, 1] };

function shapeOf(name: string, mesh: TriangleMesh, wanted: 'hull' | 'triangles' | 'fit'): ConvexMesh | ElementTree {
  const closed = isClosed(mesh);
  if (wanted === 'triangles') return triangleTree(mesh, closed);
  let hull: ConvexMesh;
  try {
    hull = convexHull(mesh.vertices, HULL);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // what is flat has no hull, but its triangles are there to be touched
    if (wanted === 'fit') return triangleTree(mesh, false);
    throw new InputError(`mesh ${name}: ${error.message}`, 'a hull needs a volume; take its triangles', {
      cause: error,
    });
  }
  if (wanted === 'hull') return hull;
  const volume = Math.abs(massProperties(mesh).volume);
  const convex = closed && volume >= (1 - CONVEX) * massProperties(hull).volume;
  return convex ? hull : triangleTree(mesh, closed);
}

/** True if every edge of a triangle is that of one other, the other way round; corners at one place are one. */
export function isClosed({ vertices, triangles }: TriangleMesh): boolean {
  const numbers = new Map<string, number>();
  const number = (v: number): number => {
    const key = `${vertices[3 * v]} ${vertices[3 * v + 1]} ${vertices[3 * v + 2]}`;
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  };
  const balance = new Map<number, number>();
  const corners = Array.from(triangles, number);
  const many = numbers.size;
  for (let t = 0; t < corners.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const from = corners[t + k];
      const to = corners[t + ((k + 1) % 3)];
      if (from === to) continue;
      const key = Math.min(from, to) * many + Math.max(from, to);
      balance.set(key, (balance.get(key) ?? 0) + (from < to ? 1 : -1));
    }
  }
  for (const sum of balance.values()) if (sum !== 0) return false;
  return balance.size > 0;
}

function joined(parts: readonly TriangleMesh[]): TriangleMesh {
  let count = 0;
  const triangles = parts.flatMap((part) => {
    const first = count;
    count += part.vertices.length / 3;
    return Array.from(part.triangles, (v) => first + v);
  });
  const vertices = new Float64Array(3 * count);
  let at = 0;
  for (const part of parts) {
    vertices.set(part.vertices, at);
    at += part.vertices.length;
  }
  return { type: 'mesh', vertices, triangles: Uint32Array.from(triangles) };
}
