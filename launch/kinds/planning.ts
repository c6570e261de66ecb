import { z } from 'zod';
import { createRng } from '../../contracts/index.ts';
import type { GoNode, PlanningNode } from '../../planning/index.ts';
import { nodeKind } from './kind.ts';
import { LateNode } from './late_node.ts';
import { robotWithTool, splitTool, toolParameters, toolTold } from './tool_parameters.ts';

const stopwatch = () => performance.now() / 1000;

export const planning = nodeKind({
  name: 'planning',
  description: 'Tasks of the cell as the actions /pick_place and /task, previews of picks, and ways home for operators',
  parameters: z.strictObject({
    seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('Of the random streams of the search'),
    tool_speed_m_s: z
      .number()
      .min(0.01)
      .max(3)
      .default(1)
      .describe('Bound on the speed of the tool in free motion (m/s)'),
    margin_m: z.number().min(0).max(0.1).default(0.002).describe('Distance kept from obstacles (m)'),
    max_iterations: z.int().min(100).max(1_000_000).default(3000).describe('Of one search for a path'),
    max_attempts: z.int().min(1).max(100).default(3).describe('Attempts at a task before it counts as failed'),
    last_start_s: z.number().min(0).max(3600).default(60).describe('No new attempt begins later than this (s)'),
    grip_force_N: z.number().min(1).max(140).default(35).describe('Force of the fingers on an object (N)'),
    sample_s: z
      .number()
      .min(0.002)
      .max(0.1)
      .default(0.02)
      .describe('Time between the points of a trajectory (s); in lock-step every control period has its own'),
    input_timeout_s: z
      .number()
      .min(0.1)
      .max(60)
      .default(2)
      .describe('A goal that waits this long for a picture or joint states is given up (s)'),
    unanswered: z
      .enum(['skip', 'fail'])
      .default('skip')
      .describe(
        'What becomes of an object that a person was asked about and nobody answered: left alone, or the task fails',
      ),
    ...toolParameters,
  }),
  busy_s: 10,
  realtime: false,
  pictures: false,
  alone: false,
  in_cell: false,
  channels: [],
  async build({ name, robot: bare, parameters, channels }) {
    const { GoNode, PlanningNode, PreviewNode } = await import('../../planning/index.ts');
    return new LateNode(name, async () => {
      const { tool, rest } = splitTool(parameters());
      const robot = robotWithTool(bare, tool);
      const { seed, input_timeout_s, max_attempts, last_start_s, grip_force_N, sample_s, unanswered, ...search } = rest;
      // Points cost a message their time: controllers draw the curve between them.
      const motion = channels === null ? search : { ...search, sample_s };
      const rng = createRng(seed).stream('policy');
      const task = { max_attempts, last_start_s, grip_force_N, unanswered };
      const planner: PlanningNode = new PlanningNode({
        ...{ robot, rng, stopwatch, input_timeout_s, motion, task },
        taken: () => go.busy,
      });
      const beside = { robot, input_timeout_s, motion, planning: planner };
      const go: GoNode = new GoNode({ ...beside, rng });
      return { nodes: [planner, new PreviewNode({ ...beside, task }), go], told: toolTold(tool) };
    });
  },
});
