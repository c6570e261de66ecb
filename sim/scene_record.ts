import { z } from 'zod';
import { colour, objectClass, pose, shape, vector3 } from '../contracts/index.ts';
import type { SceneModel } from './scene.ts';

const texture = z.object({
  kind: z.enum(['checker', 'stripes', 'noise', 'spot']),
  rgb: vector3,
  scale_m: z.number(),
  offset_m: vector3,
  strength: z.number().min(0).max(1),
});

const appearance = { rgb: vector3, texture: texture.exactOptional() };

const fixture = z.object({ size: vector3, pose, friction: z.number().nonnegative(), ...appearance });

const object = z.object({
  name: z.string(),
  class: objectClass,
  colour,
  shape,
  mass_kg: z.number().positive(),
  com_m: vector3.exactOptional(),
  inertia_kg_m2: z.array(z.number()).readonly().exactOptional(),
  friction: z.number().nonnegative(),
  pose,
  ...appearance,
});

const zone = z.object({
  position: vector3,
  radius_m: z.number().exactOptional(),
  size_m: z.tuple([z.number(), z.number()]).readonly().exactOptional(),
  rgb: vector3,
});

/** A scene of primitive shapes as JSON holds it: what tasks draw. */
export const sceneRecord = z.object({
  table: fixture,
  fixtures: z.array(fixture).readonly().exactOptional(),
  objects: z.array(object).readonly(),
  zones: z.array(zone).readonly(),
  finger_friction: z.number().nonnegative(),
  light: z.object({ key_direction: vector3, key: z.number(), ambient: z.number(), rgb: vector3 }).exactOptional(),
}) satisfies z.ZodType<SceneModel>;
