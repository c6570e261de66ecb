import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { SerialChain } from './chain.ts';
import { PostureTable } from './posture_table.ts';

const panda = loadRobot('panda');
const { position_lower: lower, position_upper: upper } = panda.limits;
const chain = new SerialChain(panda);
const table = new PostureTable(chain, lower, upper, panda.home_q);
const count = table.postures.length / 7;
const anywhere = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0.3, 0, 0.3);

describe('posture table', () => {
  test('spreads every joint evenly over its range, the same every time', () => {
    table.rank(anywhere, 1);
    for (let j = 0; j < 7; j++) {
      const values = Float64Array.from({ length: count }, (_, i) => table.postures[7 * i + j]).sort();
      values.forEach((x, i) => {
        const cell = ((x - lower[j]) / (upper[j] - lower[j])) * count;
        expect(cell, `joint ${j}`).toBeGreaterThan(i - 1e-9);
        expect(cell, `joint ${j}`).toBeLessThan(i + 1 + 1e-9);
      });
    }
    const again = new PostureTable(chain, lower, upper, panda.home_q);
    again.rank(anywhere, 1);
    expect(again.postures).toEqual(table.postures);
  });

  test('orders postures by the distance of their tools', () => {
    const rng = createRng(1);
    const distance = (target: Float64Array, i: number): number => {
      chain.place(table.postures, 7 * i);
      let rotation = 0;
      for (let k = 0; k < 9; k++) rotation += (chain.tool[k] - target[k]) ** 2;
      const position = Math.hypot(...[9, 10, 11].map((k) => chain.tool[k] - target[k]));
      return rotation / 2 + (position / 0.3) ** 2;
    };
    for (let trial = 0; trial < 20; trial++) {
      chain.place(lower.map((low, j) => rng.range(low, upper[j])));
      const target = chain.tool.slice();
      table.rank(target, 10);
      const all = Array.from({ length: count }, (_, i) => distance(target, i)).sort((a, b) => a - b);
      for (let k = 0; k < 10; k++) expect(distance(target, table.nearest[k]), `trial ${trial}`).toBeCloseTo(all[k], 9);
    }
  });
});
