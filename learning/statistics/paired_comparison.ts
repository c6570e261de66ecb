import { InputError } from '../../contracts/index.ts';

/** Two policies on the same worlds. */
export interface PairedComparison {
  readonly pairs: number;
  /** Worlds in which the first alone succeeded, and the second alone. */
  readonly first_only: number;
  readonly second_only: number;
  /** Success rate of the first less that of the second, with its interval. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** Probability of so uneven a split if they were equally good, two-sided. */
  readonly p_value: number;
}

/**
 * Compares by the worlds in which only one succeeded: exact McNemar test, and the interval of the difference of paired
 * proportions by Bonett and Price (Journal of Educational and Behavioral Statistics 37, 2012).
 * @param z  quantile of the normal distribution; by default of 95 %
 */
export function comparePaired(
  first: readonly boolean[],
  second: readonly boolean[],
  z = 1.959963984540054,
): PairedComparison {
  const pairs = first.length;
  if (pairs !== second.length) throw new InputError(`${pairs} and ${second.length} outcomes`, 'one pair a world');
  const first_only = first.filter((success, k) => success && !second[k]).length;
  const second_only = second.filter((success, k) => success && !first[k]).length;
  const difference = pairs === 0 ? 0 : (first_only - second_only) / pairs;
  const a = (first_only + 1) / (pairs + 2);
  const b = (second_only + 1) / (pairs + 2);
  const half = z * Math.sqrt((a + b - (a - b) ** 2) / (pairs + 2));
  const interval = [Math.max(-1, a - b - half), Math.min(1, a - b + half)] as const;
  return { pairs, first_only, second_only, difference, interval, p_value: mcnemar(first_only, second_only) };
}

/** Two-sided p-value of the exact McNemar test: the split of a fair coin. */
export function mcnemar(first_only: number, second_only: number): number {
  const n = first_only + second_only;
  const least = Math.min(first_only, second_only);
  let log = -n * Math.LN2;
  let sum = 0;
  for (let k = 0; k <= least; k++) {
    sum += Math.exp(log);
    log += Math.log((n - k) / (k + 1));
  }
  return Math.min(1, 2 * sum);
}
