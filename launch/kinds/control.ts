import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { nodeKind } from './kind.ts';

export const control = nodeKind({
  name: 'control',
  description: 'Controller, safety gate and driver at loop rate, and their proxy on the bus',
  parameters: z.strictObject({
    driver: z.enum(['sim', 'ros2_control']).default('sim').describe('What the arm is behind'),
  }),
  busy_s: 0.25,
  alone: true,
  in_cell: true,
  channels: ['command', 'state', 'observation', 'grant'],
  async build() {
    throw new InputError('control', 'runs in lock-step only: --bus embedded');
  },
});
