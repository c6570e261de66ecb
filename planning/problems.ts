import { z } from 'zod';
import { quaternion, vector3 } from '../contracts/index.ts';

const size = z.number().positive().finite();
const placed = { id: z.string(), position: vector3, orientation: quaternion };

const obstacle = z.discriminatedUnion(
  'type',
  [
    z.object({ ...placed, type: z.literal('box'), size: z.tuple([size, size, size]).readonly() }),
    z.object({ ...placed, type: z.literal('cylinder'), length: size, radius: size }),
    z.object({ ...placed, type: z.literal('sphere'), radius: size }),
    z.object({
      ...placed,
      type: z.literal('mesh'),
      file: z.string(),
      scale: z.tuple([size, size, size]).readonly().default([1, 1, 1]),
    }),
    z.object({
      id: z.string(),
      type: z.literal('points'),
      points: z.array(vector3).min(1),
      radius: size,
      position: vector3.default([0, 0, 0]),
      orientation: quaternion.default([0, 0, 0, 1]),
    }),
  ],
  { error: 'type: box, cylinder, sphere, mesh or points' },
);
export type ProblemObstacle = z.infer<typeof obstacle>;

/** One planning problem: positions of the file's joints (rad), obstacles in the frame of the robot's base (m). */
export const planningProblem = z.object({
  set: z.string(),
  index: z.number(),
  start: z.array(z.number()),
  goal: z.array(z.number()),
  obstacles: z.array(obstacle),
  /** Pairs of link and obstacle that may touch. */
  allowed_contacts: z.array(z.tuple([z.string(), z.string()])).optional(),
});
export type PlanningProblem = z.infer<typeof planningProblem>;

/** A file of problems. What is wrong with a single problem is that problem's own affair. */
export const problemFile = z.object({
  robot: z.string().optional(),
  /** Order of the joints in `start` and `goal`; left out: the robot's own. */
  joints: z.array(z.string()).optional(),
  problems: z.array(z.unknown()),
});

const label = z.object({ set: z.string().catch(''), index: z.number().catch(-1) }).catch({ set: '', index: -1 });

/** A problem, or what is wrong with it, in one line. */
export type ReadProblem =
  | { readonly set: string; readonly index: number; readonly problem: PlanningProblem }
  | { readonly set: string; readonly index: number; readonly problem: null; readonly reason: string };

/** Reads one entry of a problem file; `place` is its number, which stands in where it has no index. */
export function readProblem(value: unknown, place: number): ReadProblem {
  const named = label.parse(value);
  const set = named.set;
  const index = named.index < 0 ? place : named.index;
  const result = planningProblem.safeParse(value);
  if (result.success) return { set, index, problem: result.data };
  const { path, message } = result.error.issues[0];
  const where = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return { set, index, problem: null, reason: `${where.replace(/^\./, '') || 'the problem'}: ${message}` };
}
