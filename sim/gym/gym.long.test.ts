import { describe, expect, it } from 'vitest';
import { gymPython } from '../../test/support/gym.ts';

describe('the Python package, at length', () => {
  for (const [what, module, count] of [
    ['one environment by the rules of Gymnasium', 'test_env', 9],
    ['many environments over processes', 'test_vector', 4],
  ] as const) {
    it(`passes its tests of ${what}`, { timeout: 300_000 }, async (ctx) => {
      const printed = await gymPython(ctx, ['-m', 'unittest', `tests.${module}`]);
      expect(printed).toContain(`Ran ${count} tests`);
      expect(printed).toMatch(/\nOK\s*$/);
    });
  }

  it('has an example that measures how well the expert does, with and without noise', async (ctx) => {
    const printed = await gymPython(ctx, ['examples/evaluate_expert.py', '6']);
    const rows = [...printed.matchAll(/^noise (.*): success (.*), mean reward (.*)$/gm)].map((row) => row.map(Number));
    expect(rows.map(([, noise]) => noise)).toEqual([0, 0.2, 0.4, 1]);
    const [[, , expert, reward], , , [, , random, least]] = rows;
    expect(expert).toBeGreaterThan(0.8);
    expect(random).toBe(0);
    expect(reward).toBeGreaterThan(least + 0.2);
  });
});
