import { expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { REPLANNED, replanOften } from '../test/support/replanning.ts';

test.each(REPLANNED)('10,000 single and 10,000 chained remainders: $name', ({ name, ...draw }) => {
  const seed = 1 + Math.floor(Math.random() * 1e9);
  for (const [way, result] of Object.entries(replanOften(createRng(seed, name), 1000, 10, draw))) {
    process.stdout.write(`${name}, ${way}: ${JSON.stringify(result)}\n`);
    expect(result, `seed ${seed} ${way}`).toMatchObject({ count: 10_000, late: 0, failed: 0 });
    expect(result.max_end_error, `seed ${seed} ${way}`).toBeLessThan(1e-9);
  }
});
