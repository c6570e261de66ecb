import type { Quaternion, Shape, Vector3 } from '../contracts/index.ts';
import { shapeHeight, type TableObject } from './table_objects.ts';

/**
 * How an object is turned between where it is taken and where it is put down, in its own upright frame and up to the yaw
 * it gets there: a rotation, row-major.
 */
export type Turn = Float64Array;

export const UNTURNED: Turn = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

/** Turns that bring another side of a box up: a quarter about either horizontal axis, both ways, and upside down. */
export const SIDE_TURNS: readonly Turn[] = [
  Float64Array.of(1, 0, 0, 0, 0, -1, 0, 1, 0),
  Float64Array.of(1, 0, 0, 0, 0, 1, 0, -1, 0),
  Float64Array.of(0, 0, 1, 0, 1, 0, -1, 0, 0),
  Float64Array.of(0, 0, -1, 0, 1, 0, 1, 0, 0),
  Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1),
];

/** Product of two rotations, row-major. */
export function rotate(A: ArrayLike<number>, B: ArrayLike<number>): Float64Array {
  const C = new Float64Array(9);
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++) C[3 * r + c] = A[3 * r] * B[c] + A[3 * r + 1] * B[3 + c] + A[3 * r + 2] * B[6 + c];
  }
  return C;
}

export function transposed(A: ArrayLike<number>): Float64Array {
  return Float64Array.of(A[0], A[3], A[6], A[1], A[4], A[7], A[2], A[5], A[8]);
}

export function aboutVertical(yaw_rad: number): Float64Array {
  const [c, s] = [Math.cos(yaw_rad), Math.sin(yaw_rad)];
  return Float64Array.of(c, -s, 0, s, c, 0, 0, 0, 1);
}

/** The rotation in the world that a turn of an object is, before any yaw. */
export function turnInWorld({ yaw_rad }: TableObject, turn: Turn): Float64Array {
  return rotate(rotate(aboutVertical(yaw_rad), turn), aboutVertical(-yaw_rad));
}

/** Height of a shape after a turn (m). */
export function turnedHeight(shape: Shape, turn: Turn): number {
  const up = [Math.abs(turn[6]), Math.abs(turn[7]), Math.abs(turn[8])];
  if (shape.type === 'sphere') return 2 * shape.radius;
  if (shape.type === 'cylinder') return shape.length * up[2] + 2 * shape.radius * Math.hypot(up[0], up[1]);
  return shape.size[0] * up[0] + shape.size[1] * up[1] + shape.size[2] * up[2];
}

/** An object where it was put down: as one that stands upright again, with its sides named anew. */
export interface Standing {
  readonly object: TableObject;
  /** Rotation from the frame it had before to its upright frame now, row-major. */
  readonly sides: Float64Array;
}

/**
 * An object put down.
 * @param R  orientation of the frame it had before, frame world, row-major
 * @param spot  where its centre is, at the height of what it stands on (m)
 * @returns null for a cylinder that would lie
 */
export function standing(object: TableObject, R: ArrayLike<number>, spot: Vector3): Standing | null {
  const vertical = [Math.abs(R[6]), Math.abs(R[7]), Math.abs(R[8])];
  const up = vertical.indexOf(Math.max(...vertical));
  const { shape } = object;
  if (shape.type === 'cylinder' && up !== 2) return null;
  const [a, b] = [(up + 1) % 3, (up + 2) % 3];
  const way = R[6 + up] < 0 ? -1 : 1;
  const sides = new Float64Array(9);
  sides[a] = 1;
  sides[3 + b] = way;
  sides[6 + up] = way;
  const now: Shape =
    shape.type === 'box' ? { type: 'box', size: [shape.size[a], shape.size[b], shape.size[up]] } : shape;
  const position: Vector3 = [spot[0], spot[1], spot[2] + shapeHeight(now) / 2];
  return { object: { ...object, shape: now, position, yaw_rad: Math.atan2(R[3 + a], R[a]) }, sides };
}

/** What is left of a turn for an object that was put down on the way, in its frame there. */
export function remainingTurn(turn: Turn, { sides }: Standing): Turn {
  return rotate(turn, transposed(sides));
}

/** Whether two turns bring the same side up. */
export function sameSideUp(a: Turn, b: Turn): boolean {
  return Math.abs(a[6] - b[6]) + Math.abs(a[7] - b[7]) + Math.abs(a[8] - b[8]) < 1e-6;
}

export function uprightQuaternion(yaw_rad: number): Quaternion {
  return [0, 0, Math.sin(yaw_rad / 2), Math.cos(yaw_rad / 2)];
}
