import type { Rng } from '../../contracts/index.ts';
import type { ReliabilityBin } from '../models/index.ts';

/** A probability that was given, and whether it came true. */
export interface Judged {
  readonly probability: number;
  readonly right: boolean;
  /** Samples of one picture stand or fall together: they are drawn together when intervals are made. */
  readonly picture: number;
}

export const BINS = 15;

/** Samples in order of their probability, cut into bins of equal counts (within one); no bin is empty. */
export function reliabilityBins(samples: readonly Judged[], bins = BINS): ReliabilityBin[] {
  const sorted = [...samples].sort((a, b) => a.probability - b.probability);
  const found: ReliabilityBin[] = [];
  for (let k = 0; k < bins; k++) {
    const from = Math.floor((k * sorted.length) / bins);
    const to = Math.floor(((k + 1) * sorted.length) / bins);
    if (from === to) continue;
    let [confidence, accuracy] = [0, 0];
    for (let i = from; i < to; i++) {
      confidence += sorted[i].probability;
      accuracy += sorted[i].right ? 1 : 0;
    }
    const count = to - from;
    found.push({ confidence: confidence / count, accuracy: accuracy / count, count });
  }
  return found;
}

/** Expected calibration error over bins of equal mass (Naeini, Cooper, Hauskrecht, 2015; Nixon et al., 2019). */
export function calibrationError(samples: readonly Judged[], bins = BINS): number {
  let sum = 0;
  for (const { confidence, accuracy, count } of reliabilityBins(samples, bins)) {
    sum += count * Math.abs(confidence - accuracy);
  }
  return sum / Math.max(1, samples.length);
}

/** Mean squared difference of probability and outcome (Brier, 1950). */
export function brierScore(samples: readonly Judged[]): number {
  let sum = 0;
  for (const { probability, right } of samples) sum += (probability - (right ? 1 : 0)) ** 2;
  return sum / Math.max(1, samples.length);
}

/**
 * 95 % interval of a statistic by the percentile bootstrap (Efron, 1979), whole pictures drawn with replacement. The
 * calibration error is biased upwards by noise in its bins, and its interval with it.
 */
export function bootstrapInterval95<T extends { readonly picture: number }>(
  samples: readonly T[],
  statistic: (drawn: readonly T[]) => number,
  rng: Rng,
  rounds = 400,
): readonly [number, number] {
  const pictures = new Map<number, T[]>();
  for (const sample of samples) {
    const of = pictures.get(sample.picture);
    if (of === undefined) pictures.set(sample.picture, [sample]);
    else of.push(sample);
  }
  const groups = [...pictures.values()];
  const values = Float64Array.from({ length: rounds }, () => {
    const drawn: T[] = [];
    for (let i = 0; i < groups.length; i++) drawn.push(...groups[rng.int(groups.length)]);
    return statistic(drawn);
  }).sort();
  return [values[Math.floor(0.025 * rounds)], values[Math.min(rounds - 1, Math.ceil(0.975 * rounds) - 1)]];
}
