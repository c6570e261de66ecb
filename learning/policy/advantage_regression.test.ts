import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { regressOnAdvantages } from './advantage_regression.ts';
import { mlpForward } from './mlp.ts';
import type { Demonstration } from './samples.ts';
import { initialCloningState } from './trainer.ts';

const SHAPE = { inputs: 1, hidden: [16], chunk: 1, action: 2 };
const PLAIN = { mean: [0], scale: [1] };
const OPTIONS = {
  ...{ shape: SHAPE, seed: 1, steps: 400, batch: 64, rate: 1e-2, threads: 1, discount: 0.99, temperature: 0.3 },
  ...{ observation: PLAIN, action: { mean: [0, 0], scale: [1, 1] }, value: { hidden: [8], steps: 200, rate: 1e-2 } },
};

/** Episodes of one step in which an action succeeds the more likely the nearer its first number is to what is seen. */
function episodes(count: number): Demonstration[] {
  const rng = createRng(9);
  return Array.from({ length: count }, () => {
    const seen = rng.range(-1, 1);
    const done = rng.range(-1, 1);
    return {
      ...{ length: 1, followed: Uint8Array.of(1), success: rng.uniform() < Math.exp(-4 * (done - seen) ** 2) },
      ...{ observations: Float32Array.of(seen), actions: Float32Array.of(done, 0) },
    };
  });
}

it('regression on advantages finds what succeeds where plain cloning of the same episodes finds their mean', async () => {
  const { theta } = initialCloningState({ shape: SHAPE, seed: 1 });
  const own = await regressOnAdvantages(OPTIONS, theta, episodes(600), () => false);
  const plain = await regressOnAdvantages({ ...OPTIONS, temperature: 1e6 }, theta, episodes(600), () => false);
  const at = (found: typeof own, seen: number) => mlpForward(SHAPE, found.state.theta, [seen])[0];
  for (const seen of [-0.7, 0.7]) {
    expect(at(own, seen) * Math.sign(seen), `at ${seen}`).toBeGreaterThan(0.3);
    expect(Math.abs(at(plain, seen)), `cloned at ${seen}`).toBeLessThan(0.25);
  }
  expect(own.explained).toBeLessThan(1);
  const again = await regressOnAdvantages({ ...OPTIONS, threads: 2 }, theta, episodes(600), () => false);
  expect(again.state.theta).toEqual(own.state.theta);
});
