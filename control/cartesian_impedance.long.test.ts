import { it } from 'vitest';
import { expectStiffness } from '../test/support/stiffness.ts';

it.each(['base', 'tool'] as const)(
  'reaches its stiffness to a twentieth in many poses, axes of the %s',
  (frame) => {
    expectStiffness(frame, [800, 1500, 600, 40, 60, 30], 40, 4000);
  },
  600_000,
);
