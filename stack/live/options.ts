import { z } from 'zod';
import { loadRobot, type Robot, type ToolChange, withTool } from '../../robots/index.ts';
import { ENGINES, OBJECT_SETS, RANDOMIZATIONS, TASKS } from '../options.ts';
import { CAMERA_HZ } from '../rates.ts';

/** What fixes the world of a live cell, and how fast its time passes. */
export const liveCellOptions = z.strictObject({
  robot: z.string().default('panda').describe('panda, or the path of a URDF'),
  task: z.enum(TASKS).default('pick-place').describe('whose worlds the cell is drawn from'),
  engine: z.enum(ENGINES).default('cannon').describe('physics engine'),
  randomize: z.enum(RANDOMIZATIONS).default('none').describe('how far the cell differs from what the robot knows'),
  objects: z.enum(OBJECT_SETS).default('all').describe('kinds of objects that worlds are drawn from'),
  seed: z.int().nonnegative().default(0).describe('of the world and of all noise in it'),
  episode: z.int().nonnegative().default(0).describe('which of the worlds of this seed'),
  pace: z
    .number()
    .min(0.01)
    .max(100)
    .default(1)
    .describe('simulated seconds a second; whoever controls the arm must run at the same pace'),
  cameras: z.boolean().default(true).describe('whether cameras take pictures'),
  camera_hz: z.number().min(1).max(60).default(CAMERA_HZ).describe('pictures of each camera a second (simulated)'),
  joint_states: z.boolean().default(false).describe('publishes /joint_states itself, where no control does'),
});
export type LiveCellOptions = Readonly<z.infer<typeof liveCellOptions>> & {
  /** What hangs on the arm besides what its URDF has; its mass is in the world, a shape it has not. */
  readonly tool?: ToolChange | null;
};

/** The robot of a cell, with the tool that hangs on it. */
export function robotOfCell({ robot, tool = null }: LiveCellOptions, visualMeshes: boolean): Robot {
  const bare = loadRobot(robot, { visualMeshes });
  return tool === null ? bare : withTool(bare, tool);
}
