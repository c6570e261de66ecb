import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { nodeKind } from './kind.ts';

export const safety = nodeKind({
  name: 'safety',
  description: 'The supervisor: grants motion, watches every process, serves /safety',
  parameters: z.strictObject({}),
  busy_s: 2,
  alone: true,
  in_cell: true,
  async build() {
    throw new InputError('safety', 'runs in lock-step only: --bus embedded');
  },
});
