import type { ConvexMesh, Shape, Vector3 } from '../../contracts/index.ts';
import type { ContactPair } from './contact_pair.ts';
import { pairsFromHull } from './pairs_from_hull.ts';

export interface PairOptions {
  /** Widest the fingers open (m). */
  readonly max_width_m: number;
  /** Distance between the contacts tried on one face (m). */
  readonly spacing_m?: number;
  /** Distance kept from the edges of a face where it is wide enough (m): half of a pad. */
  readonly edge_m?: number;
  /** Directions tried round a cylinder, half a turn; a sphere gets its square over two. */
  readonly directions?: number;
}

/**
 * Antipodal contacts of a shape, in its frame: a box between each pair of faces, a cylinder across its axis and between its
 * caps, a sphere through its middle, a hull between the faces that rays meet. Contacts in the middle of a face come first.
 */
export function pairsFromShape(shape: Shape | ConvexMesh, options: PairOptions): ContactPair[] {
  switch (shape.type) {
    case 'box':
      return boxPairs(shape.size, options);
    case 'cylinder':
      return cylinderPairs(shape.radius, shape.length, options);
    case 'sphere':
      return spherePairs(shape.radius, options);
    case 'mesh':
      return pairsFromHull(shape, options);
  }
}

function boxPairs(size: Vector3, { max_width_m, spacing_m = SPACING_M, edge_m = EDGE_M }: PairOptions): ContactPair[] {
  return ([0, 1, 2] as const).flatMap((axis) => {
    if (size[axis] > max_width_m) return [];
    const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
    return offsets(size[u], spacing_m, edge_m).flatMap((du) =>
      offsets(size[v], spacing_m, edge_m).map((dv): ContactPair => {
        const at = (side: number): Vector3 => place(axis, (side * size[axis]) / 2, u, du, v, dv);
        return { a: at(-1), b: at(1), normal_a: place(axis, -1), normal_b: place(axis, 1) };
      }),
    );
  });
}

function cylinderPairs(
  radius: number,
  length: number,
  { max_width_m, spacing_m = SPACING_M, edge_m = EDGE_M, directions = DIRECTIONS }: PairOptions,
): ContactPair[] {
  const pairs: ContactPair[] = [];
  if (2 * radius <= max_width_m) {
    for (const z of offsets(length, spacing_m, edge_m)) {
      for (let k = 0; k < directions; k++) {
        const turn = (Math.PI * k) / directions;
        const [c, s] = [Math.cos(turn), Math.sin(turn)];
        pairs.push({
          a: [-radius * c, -radius * s, z],
          b: [radius * c, radius * s, z],
          normal_a: [-c, -s, 0],
          normal_b: [c, s, 0],
        });
      }
    }
  }
  if (length <= max_width_m) {
    const half = length / 2;
    pairs.push({ a: [0, 0, -half], b: [0, 0, half], normal_a: [0, 0, -1], normal_b: [0, 0, 1] });
  }
  return pairs;
}

/** Directions by a Fibonacci lattice on the half sphere. */
function spherePairs(radius: number, { max_width_m, directions = DIRECTIONS }: PairOptions): ContactPair[] {
  if (2 * radius > max_width_m) return [];
  const count = Math.ceil((directions * directions) / 2);
  return Array.from({ length: count }, (_, k): ContactPair => {
    const z = (k + 0.5) / count;
    const turn = Math.PI * (1 + Math.sqrt(5)) * k;
    const n: Vector3 = [Math.sqrt(1 - z * z) * Math.cos(turn), Math.sqrt(1 - z * z) * Math.sin(turn), z];
    const back: Vector3 = [-n[0], -n[1], -n[2]];
    const at = (d: Vector3): Vector3 => [radius * d[0], radius * d[1], radius * d[2]];
    return { a: at(back), b: at(n), normal_a: back, normal_b: n };
  });
}

/** Places along an extent, from the middle outwards. */
function offsets(extent_m: number, spacing_m: number, edge_m: number): number[] {
  const half = Math.max(0, extent_m / 2 - edge_m);
  const steps = Math.floor(half / spacing_m);
  const places = [0];
  for (let k = 1; k <= steps; k++) places.push(k * spacing_m, -k * spacing_m);
  return places;
}

function place(i: number, x: number, u = 0, du = 0, v = 0, dv = 0): Vector3 {
  const at: [number, number, number] = [0, 0, 0];
  if (u !== v) {
    at[u] = du;
    at[v] = dv;
  }
  at[i] = x;
  return at;
}

const SPACING_M = 0.01;
const EDGE_M = 0.006;
const DIRECTIONS = 12;
