import { z } from 'zod';
import { InputError, type TaskGoal, taskGoal } from '../../contracts/index.ts';
import { MissionNode } from '../mission.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';
import { sim } from './sim.ts';

export const mission = nodeKind({
  name: 'mission',
  description: 'Sends a goal to /task when it becomes active, as an operator would',
  parameters: z.strictObject({
    goal: z
      .string()
      .refine((text) => text === 'world' || parsedGoal(text) !== null, {
        error: 'must be world, or the JSON of a task goal with its field task',
      })
      .default('world')
      .describe('The goal as JSON, or world for the order that belongs to the simulated world'),
    repeat: z.int().min(1).max(1_000_000).default(1).describe('How often it is sent, one after the other'),
    reset: z
      .boolean()
      .default(false)
      .describe('Reset a stop before the goal is sent; for simulated arms, where nobody can be hurt'),
    wait_s: z.number().min(0).max(600).default(30).describe('How long to wait until the graph takes a goal (s)'),
  }),
  busy_s: 2,
  realtime: false,
  pictures: false,
  alone: false,
  in_cell: false,
  channels: [],
  async build({ name, robot, parameters, parametersOf, report }) {
    const { drawUnrecordedWorld } = await import('../../stack/index.ts');
    return new LateNode(name, async () => {
      const { goal, ...options } = parameters();
      const { episode, ...world } = parametersOf(sim);
      const order = goal === 'world' ? drawUnrecordedWorld(world, episode, robot).instance.goal : parsedGoal(goal);
      if (order === null) throw new InputError(`goal ${goal}`, 'world, or the JSON of a task goal');
      return { nodes: [new MissionNode({ name, goal: order, report, ...options })] };
    });
  },
});

/** The goal that a text says as JSON; null if it says none. */
function parsedGoal(text: string): TaskGoal | null {
  try {
    return taskGoal.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
