import { z } from 'zod';

/** Column-free small vectors as they stand in messages and files. */
export const vector3 = z.tuple([z.number(), z.number(), z.number()]).readonly();
export type Vector3 = z.infer<typeof vector3>;

/** Unit quaternion x, y, z, w with w ≥ 0. */
export const quaternion = z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly();
export type Quaternion = z.infer<typeof quaternion>;

/** Pose of a frame b in a frame a: position of b's origin in a (m), and the rotation that maps b to a. */
export const pose = z.object({ position: vector3, orientation: quaternion }).readonly();
export type Pose = z.infer<typeof pose>;

/** Convex primitives in their own frame, centred at its origin; a cylinder's axis is z. Metres, full sizes. */
export const shape = z.discriminatedUnion('type', [
  z.object({ type: z.literal('box'), size: vector3 }).readonly(),
  z.object({ type: z.literal('cylinder'), radius: z.number().positive(), length: z.number().positive() }).readonly(),
  z.object({ type: z.literal('sphere'), radius: z.number().positive() }).readonly(),
]);
export type Shape = z.infer<typeof shape>;

/** Triangles in their own frame; they need not be closed or convex. What cameras see, not what touches. */
export interface TriangleMesh {
  readonly type: 'mesh';
  /** x y z of every vertex (m). */
  readonly vertices: Float64Array;
  /** Three vertices a triangle, counter-clockwise seen from outside. */
  readonly triangles: Uint32Array;
}

/** A convex polyhedron: closed, every triangle's plane has all vertices behind it. Made by `convexHull` of `robots`. */
export interface ConvexMesh extends TriangleMesh {
  readonly convex: true;
  /** How far what it stands for reaches beyond it at most (m): 0 for a full hull. */
  readonly short_m: number;
}

/** Least and greatest coordinates of a mesh's vertices, in its own frame (m). */
export function meshBounds({ vertices }: TriangleMesh): { readonly lower: Vector3; readonly upper: Vector3 } {
  const lower: [number, number, number] = [Infinity, Infinity, Infinity];
  const upper: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < vertices.length; i++) {
    const k = i % 3;
    if (vertices[i] < lower[k]) lower[k] = vertices[i];
    if (vertices[i] > upper[k]) upper[k] = vertices[i];
  }
  return { lower, upper };
}

export const OBJECT_CLASSES = ['box', 'cylinder'] as const;
export const objectClass = z.enum(OBJECT_CLASSES);
export type ObjectClass = z.infer<typeof objectClass>;

export const COLOURS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const;
export const colour = z.enum(COLOURS);
export type Colour = z.infer<typeof colour>;
