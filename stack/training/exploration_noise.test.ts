import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { ExplorationNoise } from './exploration_noise.ts';

it('noise has its standard deviation from the first step on, lasts some steps, and leaves the gripper alone', () => {
  const runs = 2000;
  const moments = { first: 0, tenth: 0, next: 0 };
  for (let seed = 0; seed < runs; seed++) {
    const noise = new ExplorationNoise(2, 0.1, createRng(seed));
    const seen = Array.from({ length: 11 }, () => {
      const action = new Float64Array(3);
      noise.add(action);
      expect(action[2]).toBe(0);
      return action[0];
    });
    moments.first += seen[0] ** 2 / runs;
    moments.tenth += seen[9] ** 2 / runs;
    moments.next += (seen[9] * seen[10]) / runs;
  }
  expect(Math.sqrt(moments.first)).toBeCloseTo(0.1, 2);
  expect(Math.sqrt(moments.tenth)).toBeCloseTo(0.1, 2);
  expect(moments.next / moments.tenth).toBeCloseTo(0.8, 1);
});
