import { z } from 'zod';
import { vector3 } from '../../contracts/index.ts';

const object = z.number().int().nonnegative();

/** An object is pushed (N, world axes, at its centre of mass) as soon as the tool is within a distance of its centre. */
const push = z.object({
  kind: z.literal('push'),
  on: object,
  within_m: z.number().positive(),
  duration_s: z.number().positive(),
  force_N: vector3,
});

/** The hand is without friction for some time, once the object is held so far above where it stood, and a time has passed. */
const slip = z.object({
  kind: z.literal('slip'),
  on: object,
  above_m: z.number().positive(),
  wait_s: z.number().nonnegative(),
  duration_s: z.number().positive(),
});

const texture = z.object({
  kind: z.enum(['checker', 'stripes', 'noise']),
  rgb: vector3,
  scale_m: z.number().positive(),
  offset_m: vector3,
  strength: z.number().min(0).max(1),
});

const patch = z.object({ position: vector3, size_m: z.number().positive(), rgb: vector3 });

/** What befalls an episode beyond how its world was drawn; plain JSON. */
export const disturbance = z.object({
  events: z.array(z.discriminatedUnion('kind', [push, slip])).readonly(),
  /** On the table in place of what else is on it. */
  table_texture: texture.exactOptional(),
  /** A coloured square on the table. */
  patch: patch.exactOptional(),
  /** Error of the camera by which those know objects who are told of them: position (m) and rotation vector (rad), optical frame. */
  told_by: z.object({ position_m: vector3, rotation_rad: vector3 }).exactOptional(),
});
export type Disturbance = Readonly<z.infer<typeof disturbance>>;
export type DisturbanceEvent = Disturbance['events'][number];
