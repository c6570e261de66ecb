import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { requirePeer } from '../../test/support/peer.ts';
import { pythonEnvironment } from '../../test/support/python.ts';
import { assign, assignGated } from './assignment.ts';

const total = (cost: Float64Array, columns: number, found: Int32Array) =>
  found.reduce((sum, j, i) => sum + (j < 0 ? 0 : cost[i * columns + j]), 0);

/** Least cost over all ways to pair, by trying them. */
function exhaustive(cost: Float64Array, rows: number, columns: number, alone: number, row = 0, taken = 0): number {
  if (row === rows) {
    let free = 0;
    for (let j = 0; j < columns; j++) if ((taken & (1 << j)) === 0) free++;
    return (free * alone) / 2;
  }
  let best = alone / 2 + exhaustive(cost, rows, columns, alone, row + 1, taken);
  for (let j = 0; j < columns; j++) {
    if ((taken & (1 << j)) !== 0) continue;
    best = Math.min(best, cost[row * columns + j] + exhaustive(cost, rows, columns, alone, row + 1, taken | (1 << j)));
  }
  return best;
}

describe('assignment', () => {
  it('with gates costs as little as any way to pair', () => {
    const rng = createRng(81, 'gated');
    for (let round = 0; round < 400; round++) {
      const [rows, columns] = [rng.int(6), rng.int(6)];
      const cost = Float64Array.from({ length: rows * columns }, () =>
        rng.uniform() < 0.2 ? Number.POSITIVE_INFINITY : 20 * rng.uniform(),
      );
      const alone = 20 * rng.uniform();
      const found = assignGated(cost, rows, columns, alone);
      const used = Array.from(found).filter((j) => j >= 0);
      const say = `round ${round}: ${rows}x${columns}, alone ${alone}, ${cost.join(' ')}`;
      expect(new Set(used).size, say).toBe(used.length);
      const spent = total(cost, columns, found) + ((rows + columns - 2 * used.length) * alone) / 2;
      expect(spent, say).toBeCloseTo(exhaustive(cost, rows, columns, alone), 9);
    }
  });

  it('costs as little as what scipy finds', async (ctx) => {
    const environment = await pythonEnvironment('statistics', ['numpy==2.2.6', 'scipy==1.15.3']);
    const missing = 'missing' in environment ? environment.missing : '';
    requirePeer(ctx, 'scipy', missing, missing === '');
    if (!('python' in environment)) return;
    const seed = 82;
    const rng = createRng(seed, 'scipy');
    const cases = Array.from({ length: 80 }, () => {
      const [rows, columns] = [1 + rng.int(30), 1 + rng.int(30)];
      return { rows, columns, cost: Array.from({ length: rows * columns }, () => rng.normal()) };
    });
    const program = `import json,sys,numpy as np
from scipy.optimize import linear_sum_assignment
out = []
for c in json.load(sys.stdin):
    m = np.array(c['cost']).reshape(c['rows'], c['columns'])
    i, j = linear_sum_assignment(m)
    out.append(float(m[i, j].sum()))
print(json.dumps(out))`;
    const text = execFileSync(environment.python, ['-c', program], { input: JSON.stringify(cases), encoding: 'utf8' });
    const theirs: unknown = JSON.parse(text);
    if (!Array.isArray(theirs)) return expect.fail('no answer');
    cases.forEach(({ rows, columns, cost }, k) => {
      const ours = Float64Array.from(cost);
      const found = assign(ours, rows, columns);
      expect(found.filter((j) => j >= 0)).toHaveLength(Math.min(rows, columns));
      expect(total(ours, columns, found), `seed ${seed}, case ${k}`).toBeCloseTo(theirs[k], 9);
    });
  }, 600_000);
});
