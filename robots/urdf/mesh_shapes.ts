import { type ConvexMesh, InputError, meshBounds, type TriangleMesh, type Vector3 } from '../../contracts/index.ts';
import { convexHull } from '../meshes/convex_hull.ts';
import type { MeshPart } from '../meshes/mesh_part.ts';
import { readMesh } from '../meshes/read_mesh.ts';
import type { UrdfMesh } from './document.ts';
import { resolveMesh } from './mesh_path.ts';

/** Links' hulls have at most so many vertices, or leave out what lies no farther outside than this (m). */
const LINK_HULL = { max_vertices: 256, tolerance_m: 1e-4 };

/** A mesh moved so that the middle of its bounding box is its origin; `centre` is that middle in the file's frame (m). */
export interface Centred<M extends TriangleMesh> {
  readonly mesh: M;
  readonly centre: Vector3;
}

/** Reads the meshes a URDF names, each file once. */
export class MeshShapes {
  private readonly urdf_file: string;
  private readonly package_dir: string | null;
  private readonly read = new Map<string, readonly MeshPart[]>();
  private readonly hulls = new Map<string, Centred<ConvexMesh>>();

  /** @param package_dir  where `package://NAME/…` is looked for first, or null */
  constructor(urdf_file: string, package_dir: string | null) {
    this.urdf_file = urdf_file;
    this.package_dir = package_dir;
  }

  /** Throws InputError unless the mesh's file exists. */
  resolve(mesh: UrdfMesh, link: string): string {
    return resolveMesh(mesh.filename, this.urdf_file, this.package_dir, `link "${link}"`);
  }

  /** Convex hull of all of a file's triangles. */
  hull(mesh: UrdfMesh, link: string): Centred<ConvexMesh> {
    const key = this.key(mesh, link);
    let hull = this.hulls.get(key);
    if (hull === undefined) {
      hull = this.makeHull(this.parts(mesh, link), link, mesh.filename);
      this.hulls.set(key, hull);
    }
    return hull;
  }

  /** The file's triangles, one mesh for each of its colours. */
  surfaces(mesh: UrdfMesh, link: string): (Centred<TriangleMesh> & { readonly rgba: MeshPart['rgba'] })[] {
    return this.parts(mesh, link)
      .filter(({ triangles }) => triangles.length > 0)
      .map((part) => ({ ...centred(part), rgba: part.rgba }));
  }

  private makeHull(parts: readonly MeshPart[], link: string, filename: string): Centred<ConvexMesh> {
    const used = parts.flatMap(({ vertices, triangles }) =>
      [...new Set(triangles)].flatMap((v) => [...vertices.subarray(3 * v, 3 * v + 3)]),
    );
    try {
      return centred(convexHull(Float64Array.from(used), LINK_HULL));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new InputError(
        `${this.urdf_file}: link "${link}": collision mesh ${filename}: ${error.message}`,
        'a collision mesh encloses a volume',
        { cause: error },
      );
    }
  }

  private parts(mesh: UrdfMesh, link: string): readonly MeshPart[] {
    const key = this.key(mesh, link);
    let parts = this.read.get(key);
    if (parts === undefined) {
      parts = readMesh(this.resolve(mesh, link), mesh.scale);
      this.read.set(key, parts);
    }
    return parts;
  }

  private key(mesh: UrdfMesh, link: string): string {
    return `${this.resolve(mesh, link)} ${mesh.scale.join(' ')}`;
  }
}

/** Moves a mesh's middle to its origin. */
export function centred<M extends TriangleMesh>(mesh: M): Centred<M> {
  const { lower, upper } = meshBounds(mesh);
  const middle = (k: 0 | 1 | 2) => (lower[k] + upper[k]) / 2;
  const centre: Vector3 = [middle(0), middle(1), middle(2)];
  return { mesh: { ...mesh, vertices: mesh.vertices.map((x, i) => x - centre[i % 3]) }, centre };
}
