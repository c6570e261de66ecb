import { InputError } from '../../contracts/index.ts';
import type { ChunkSamples, Demonstration } from './samples.ts';

/** Every number less its mean, over its scale. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

/** What hardly changes is not blown up: least scale, in the number's own unit. */
const LEAST_SCALE = 1e-3;

/**
 * Mean and standard deviation of every entry over all steps; what takes both signs keeps its zero, which means something,
 * and is scaled about it. Throws InputError if there are no steps.
 */
export function fitNormalisation(
  demonstrations: readonly Demonstration[],
  of: 'observations' | 'actions',
  size: number,
): Normalisation {
  const steps = demonstrations.reduce((sum, { length }) => sum + length, 0);
  if (steps === 0) throw new InputError('demonstrations: no steps', 'at least one');
  const mean = new Float64Array(size);
  const square = new Float64Array(size);
  const low = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  for (const { [of]: values } of demonstrations) {
    for (let i = 0; i < values.length; i++) {
      const k = i % size;
      mean[k] += values[i] / steps;
      low[k] = Math.min(low[k], values[i]);
      high[k] = Math.max(high[k], values[i]);
    }
  }
  for (let k = 0; k < size; k++) if (low[k] < 0 && high[k] > 0) mean[k] = 0;
  for (const { [of]: values } of demonstrations) {
    for (let i = 0; i < values.length; i++) square[i % size] += (values[i] - mean[i % size]) ** 2 / steps;
  }
  return { mean: [...mean], scale: Array.from(square, (s) => Math.max(Math.sqrt(s), LEAST_SCALE)) };
}

/** The samples as the network sees them, in place. Histories and chunks repeat the entries of one observation or action. */
export function normalise({ x, y }: ChunkSamples, observation: Normalisation, action: Normalisation): void {
  for (const [values, { mean, scale }] of [
    [x, observation],
    [y, action],
  ] as const) {
    const size = mean.length;
    for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean[i % size]) / scale[i % size];
  }
}
