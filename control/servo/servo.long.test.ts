import { it } from 'vitest';
import { judgeRandomArm, judgeRandomCommands } from '../../test/support/servo_sweeps.ts';

it.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'keeps every limit under random commands, on the Panda and on random arms, seed %d',
  (seed) => {
    judgeRandomCommands(seed);
    for (let k = 0; k < 7; k++) judgeRandomArm(7 * seed + k);
  },
  120_000,
);
