import { InputError, type Rng } from '../../contracts/index.ts';

/** Number of a sample, drawn with replacement. */
export type Draw = (rng: Rng) => number;

export function evenDraw(count: number): Draw {
  return (rng) => rng.int(count);
}

/**
 * Each sample as often as its weight says, by bisection of the cumulative weights.
 * @throws InputError naming the first weight that is negative or not finite, or if all are 0
 */
export function weightedDraw(weights: Float32Array): Draw {
  const wrong = weights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)));
  if (wrong >= 0) throw new InputError(`weight ${wrong} is ${weights[wrong]}`, 'finite and at least 0');
  const cumulative = new Float64Array(weights.length);
  let sum = 0;
  for (let k = 0; k < weights.length; k++) cumulative[k] = sum += weights[k];
  if (sum === 0) throw new InputError(`all ${weights.length} weights are 0`, 'one above 0');
  return (rng) => {
    const wanted = rng.uniform() * sum;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
