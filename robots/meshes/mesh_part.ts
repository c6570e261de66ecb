import { InputError, type TriangleMesh } from '../../contracts/index.ts';

/** Triangles of one colour in a mesh file; several parts may make one mesh. */
export interface MeshPart extends TriangleMesh {
  /** Colour 0..1 the file gives, or null if it gives none. */
  readonly rgba: readonly [number, number, number, number] | null;
}

/** What a mesh file may hold at most. */
export const MESH_LIMITS = { bytes: 128 * 1024 * 1024, triangles: 2_000_000, coordinate_m: 1e4 } as const;

/** Gathers triangles whose corners are given by their places; equal places become one vertex. */
export class TriangleGatherer {
  private readonly vertices: number[] = [];
  private readonly triangles: number[] = [];
  private readonly numbers = new Map<string, number>();

  /** Number of the vertex at x, y, z (m). */
  vertex(x: number, y: number, z: number): number {
    const key = `${x} ${y} ${z}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.vertices.length / 3;
      this.numbers.set(key, number);
      this.vertices.push(x, y, z);
    }
    return number;
  }

  /** A triangle of three vertices; one with two equal corners is left out. */
  triangle(a: number, b: number, c: number): void {
    if (a !== b && b !== c && c !== a) this.triangles.push(a, b, c);
  }

  part(rgba: MeshPart['rgba'] = null): MeshPart {
    return {
      type: 'mesh',
      vertices: Float64Array.from(this.vertices),
      triangles: Uint32Array.from(this.triangles),
      rgba,
    };
  }
}

/** Throws InputError unless a file's count of triangles is allowed; `place` says where it stands. */
export function checkTriangleCount(count: number, place: string): void {
  if (count > MESH_LIMITS.triangles) {
    throw new InputError(`${place}: ${count} triangles`, `at most ${MESH_LIMITS.triangles} are read`);
  }
}

/** A coordinate as it stands in a file. Throws InputError naming `place` unless it is a number of sensible size. */
export function coordinate(value: number, place: () => string): number {
  if (!(Math.abs(value) <= MESH_LIMITS.coordinate_m)) {
    throw new InputError(`${place()}: coordinate ${value}`, `must be a number of at most ${MESH_LIMITS.coordinate_m}`);
  }
  return value + 0;
}
