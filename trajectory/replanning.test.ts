import { expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { REPLANNED, replanOften } from '../test/support/replanning.ts';

test.each(REPLANNED)('the remainder of an own trajectory comes back with its time: $name', ({ name, ...draw }) => {
  for (const [way, result] of Object.entries(replanOften(createRng(11, name), 200, 5, draw))) {
    expect(result, way).toMatchObject({ count: 1000, late: 0, failed: 0 });
    expect(result.worst_late_s).toBeLessThan(1e-6);
    expect(result.max_end_error).toBeLessThan(1e-9);
  }
});
