import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { ENGINE_NAMES, OBJECT_SETS, RANDOMIZATION_LEVELS, TASK_NAMES } from '../../sim/index.ts';
import { nodeKind } from './kind.ts';

export const sim = nodeKind({
  name: 'sim',
  description: 'The simulated world with its arm and cameras',
  parameters: z.strictObject({
    task: z.enum(TASK_NAMES).default('pick-place').describe('Task whose world it is'),
    engine: z.enum(ENGINE_NAMES).default('cannon').describe('Physics engine'),
    randomize: z.enum(RANDOMIZATION_LEVELS).default('none').describe('How the world differs from the nominal one'),
    objects: z.enum(OBJECT_SETS).default('all').describe('Kinds of objects worlds are drawn from'),
    seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0).describe('Of everything random in the world'),
    episode: z.int().min(0).max(1_000_000).default(0).describe('Which world of the seed'),
  }),
  busy_s: 1,
  alone: false,
  in_cell: true,
  channels: ['command', 'state'],
  async build() {
    throw new InputError('sim', 'runs in lock-step only: --bus embedded');
  },
});
