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

export const OBJECT_CLASSES = ['box', 'cylinder'] as const;
export const objectClass = z.enum(OBJECT_CLASSES);
export type ObjectClass = z.infer<typeof objectClass>;

export const COLOURS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const;
export const colour = z.enum(COLOURS);
export type Colour = z.infer<typeof colour>;
