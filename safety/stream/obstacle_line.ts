import { z } from 'zod';
import { quaternion, vector3 } from '../../contracts/index.ts';
import { type Obstacle, type ObstacleShape, obstacleSchema } from '../obstacle.ts';

const positive = z.number().positive();
const pose = z.union([
  z.object({ position: vector3, orientation: quaternion.default([0, 0, 0, 1]) }),
  z
    .tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number(), z.number()])
    .transform(([x, y, z_, qx, qy, qz, qw]) => ({
      position: [x, y, z_] as const,
      orientation: [qx, qy, qz, qw] as const,
    })),
  vector3.transform((position) => ({ position, orientation: [0, 0, 0, 1] as const })),
]);

/**
 * An obstacle as streams and problem files write it. `pose`: {position, orientation}, seven numbers x y z qx qy qz qw, or a
 * position alone; or `position` and `orientation` beside it. `size`: a box's edges x y z; [radius] or a radius for a sphere;
 * [length, radius] for a cylinder or capsule, whose length is between the capsule's centres; or `radius` and `length`.
 */
const obstacleLine = z.object({
  id: z.union([z.string().min(1), z.number()]),
  type: z.enum(['box', 'sphere', 'cylinder', 'capsule']),
  pose: pose.optional(),
  position: vector3.optional(),
  orientation: quaternion.default([0, 0, 0, 1]),
  size: z.union([z.array(positive).min(1).max(3), positive]).optional(),
  radius: positive.optional(),
  length: positive.optional(),
  velocity: vector3.nullish(),
});

/** Reads one obstacle; null if it is none. */
export function readObstacle(value: unknown): Obstacle | null {
  const parsed = obstacleLine.safeParse(value);
  if (!parsed.success) return null;
  const line = parsed.data;
  const shape = shapeOf(line);
  const place = line.pose ?? (line.position && { position: line.position, orientation: line.orientation });
  if (shape === null || place === undefined) return null;
  const norm = Math.hypot(...place.orientation);
  if (!(norm > 0.5 && norm < 2)) return null;
  const [x, y, z_, w] = place.orientation;
  const obstacle = obstacleSchema.safeParse({
    id: String(line.id).slice(0, 64),
    shape,
    pose: { position: place.position, orientation: [x / norm, y / norm, z_ / norm, w / norm] },
    velocity_m_per_s: line.velocity ?? [0, 0, 0],
  });
  return obstacle.success ? obstacle.data : null;
}

function shapeOf({ type, size, radius, length }: z.infer<typeof obstacleLine>): ObstacleShape | null {
  const sizes = typeof size === 'number' ? [size] : (size ?? []);
  switch (type) {
    case 'box':
      return sizes.length === 3 ? { type, size: [sizes[0], sizes[1], sizes[2]] } : null;
    case 'sphere': {
      // Three sizes are the edges of the box about it.
      const r = radius ?? (sizes.length === 3 ? Math.max(...sizes) / 2 : sizes[0]);
      return r === undefined ? null : { type, radius: r };
    }
    case 'cylinder':
    case 'capsule': {
      const box = sizes.length === 3;
      const l = length ?? (box ? sizes[2] : sizes[0]);
      const r = radius ?? (box ? Math.max(sizes[0], sizes[1]) / 2 : sizes[1]);
      return l === undefined || r === undefined ? null : { type, length: l, radius: r };
    }
  }
}
