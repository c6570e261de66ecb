import { z } from 'zod';
import { type Pose, quaternion, type Shape, shape, type Vector3, vector3 } from '../contracts/index.ts';

/** A capsule about its z axis: all points within `radius` of a segment of `length` centred at the origin (m). */
export const capsule = z
  .object({ type: z.literal('capsule'), radius: z.number().positive(), length: z.number().nonnegative() })
  .readonly();

export const obstacleShape = z.union([shape, capsule]);
export type ObstacleShape = Shape | z.infer<typeof capsule>;

const unitQuaternion = quaternion.refine((q) => Math.abs(Math.hypot(...q) - 1) < 1e-3, {
  error: 'must be a unit quaternion x, y, z, w',
});

/** Something the arm must stay clear of: pose (m) and linear velocity (m/s) in the root link's frame. */
export const obstacleSchema = z
  .strictObject({
    id: z.string().min(1).max(64),
    shape: obstacleShape,
    pose: z.strictObject({ position: vector3, orientation: unitQuaternion.default([0, 0, 0, 1]) }).readonly(),
    velocity_m_per_s: vector3.default([0, 0, 0]),
  })
  .readonly();
export interface Obstacle {
  readonly id: string;
  readonly shape: ObstacleShape;
  readonly pose: Pose;
  readonly velocity_m_per_s: Vector3;
}

/** How many obstacles the gate can keep in sight at once, keep-out volumes of the envelope included. */
export const MAX_OBSTACLES = 128;
