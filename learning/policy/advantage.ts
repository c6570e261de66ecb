import type { Demonstration } from './samples.ts';

/**
 * Discounted return of every step of every episode, one after the other: a success pays 1 at its last step and nothing else
 * pays, so that a sooner success is worth more.
 */
export function discountedReturns(
  episodes: readonly Pick<Demonstration, 'length' | 'success'>[],
  discount: number,
): Float32Array {
  const returns = new Float32Array(episodes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const { length, success } of episodes) {
    for (let step = 0; success && step < length; step++) returns[at + step] = discount ** (length - 1 - step);
    at += length;
  }
  return returns;
}

/** No sample weighs more than so much, before weights are normalised. */
const MOST_WEIGHT = 20;

/**
 * Weights exp(A / temperature) of samples with advantage A = return − value, in standard deviations of A (Peng et al.,
 * Advantage-Weighted Regression, 2019, eq. 9), at most 20, with mean 1.
 *
 * @param origin  of every sample: its step among all that `returns` and `values` are of
 */
export function advantageWeights(
  origin: Int32Array,
  returns: Float32Array,
  values: Float32Array,
  temperature: number,
): Float32Array {
  const advantages = Float64Array.from(origin, (step) => returns[step] - values[step]);
  const mean = advantages.reduce((sum, a) => sum + a / advantages.length, 0);
  const deviation = Math.sqrt(advantages.reduce((sum, a) => sum + (a - mean) ** 2 / advantages.length, 0));
  const scale = deviation > 0 ? temperature * deviation : 1;
  const weights = Float32Array.from(advantages, (a) => Math.min(MOST_WEIGHT, Math.exp((a - mean) / scale)));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => (w * weights.length) / total);
}
