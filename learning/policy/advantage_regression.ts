import { advantageWeights, discountedReturns } from './advantage.ts';
import type { MlpShape } from './mlp.ts';
import { type Normalisation, normalise } from './normalisation.ts';
import { type ChunkLayout, cutChunks, type Demonstration } from './samples.ts';
import { type CloningOptions, type CloningState, cloneBehaviour, initialCloningState } from './trainer.ts';
import { fitValues } from './value_function.ts';

export interface AdvantageRegressionOptions extends Omit<CloningOptions, 'shape'> {
  readonly shape: MlpShape;
  readonly observation: Normalisation;
  readonly action: Normalisation;
  /** Of returns, a step. */
  readonly discount: number;
  /** Of advantages, in their standard deviations. */
  readonly temperature: number;
  readonly value: { readonly hidden: readonly number[]; readonly steps: number; readonly rate: number };
}

/**
 * One iteration of advantage-weighted regression (Peng et al., 2019): the value of every state by regression of the returns
 * that followed, and then the policy by regression of what was done, each action as often as it turned out better than the
 * value of its state.
 *
 * @param theta  the policy's parameters so far
 * @param episodes  of whatever drivers, successes and failures
 * @returns the policy's parameters, and the share of the returns' variance that the values explain
 */
export async function regressOnAdvantages(
  options: AdvantageRegressionOptions,
  theta: Float32Array,
  episodes: readonly Demonstration[],
  onStep: (loss: number, state: CloningState) => boolean | Promise<boolean>,
): Promise<{ readonly state: CloningState; readonly explained: number }> {
  const { shape, observation, action, discount, temperature, value, seed, batch, threads } = options;
  const layout: ChunkLayout = {
    ...{ observation: observation.mean.length, action: shape.action, history: 1, chunk: shape.chunk },
    gripper: shape.action - 1,
  };
  const returns = discountedReturns(episodes, discount);
  const all = cutChunks(
    episodes.map((one) => ({ ...one, followed: new Uint8Array(one.length).fill(1) })),
    { ...layout, chunk: 1 },
  );
  normalise(all, observation, action);
  const values = await fitValues(all.x, returns, { ...value, seed, batch, threads });
  const samples = cutChunks(episodes, layout);
  normalise(samples, observation, action);
  const weights = advantageWeights(samples.origin, returns, values, temperature);
  const start = { ...initialCloningState({ shape, seed }), theta };
  return {
    state: await cloneBehaviour(options, start, samples, onStep, weights),
    explained: explainedShare(returns, values),
  };
}

/** Share of the variance of `wanted` that `found` explains; 0 where there is none. */
function explainedShare(wanted: Float32Array, found: Float32Array): number {
  const mean = wanted.reduce((sum, y) => sum + y, 0) / wanted.length;
  const total = wanted.reduce((sum, y) => sum + (y - mean) ** 2, 0);
  const left = wanted.reduce((sum, y, k) => sum + (y - found[k]) ** 2, 0);
  return total === 0 ? 0 : 1 - left / total;
}
