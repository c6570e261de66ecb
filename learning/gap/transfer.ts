import { InputError, quantile, type Rng, wilson95 } from '../../contracts/index.ts';
import { pearson } from './correlation.ts';
import { type Difference, pairedDifference } from './paired_difference.ts';
import { meanMaximumRankViolation } from './rank_violation.ts';

/** What became of the same episodes in two worlds. */
export interface PolicyOutcomes {
  readonly policy: string;
  readonly from: readonly boolean[];
  readonly to: readonly boolean[];
}

export interface TransferRow {
  readonly policy: string;
  /** Shares of success, with their intervals (Wilson). */
  readonly from: number;
  readonly to: number;
  readonly from_ci95: readonly [number, number];
  readonly to_ci95: readonly [number, number];
  readonly gap: Difference;
}

/** How well success in one world tells success in another. Intervals are of the bootstrap; null where r is not defined. */
export interface Transfer {
  readonly rows: readonly TransferRow[];
  readonly mmrv: number;
  readonly mmrv_ci95: readonly [number, number];
  readonly pearson_r: number | null;
  readonly pearson_r_ci95: readonly [number, number] | null;
  readonly mean_abs_gap: number;
  readonly mean_abs_gap_ci95: readonly [number, number];
}

/** Rounds of the bootstrap. */
export const BOOTSTRAP_ROUNDS = 2000;

/**
 * Compares a population of policies in two worlds. The bootstrap draws policies, and of each its episodes in pairs, both with
 * replacement (Efron and Tibshirani, 1993, percentile intervals). Throws InputError for no policy or unpaired episodes.
 */
export function compareWorlds(
  population: readonly PolicyOutcomes[],
  rng: Rng,
  rounds: number = BOOTSTRAP_ROUNDS,
): Transfer {
  if (population.length === 0) throw new InputError('population of 0 policies', 'at least 1');
  for (const { policy, from, to } of population) {
    if (from.length === 0 || from.length !== to.length)
      throw new InputError(`policy ${policy}: ${from.length} and ${to.length} episodes`, 'as many in both worlds');
  }
  const rows = population.map(rowOf);
  const from = rows.map((row) => row.from);
  const to = rows.map((row) => row.to);
  const drawn = bootstrap(population, rng, rounds);
  const r = pearson(from, to);
  const defined = drawn.r.filter(Number.isFinite);
  return {
    rows,
    mmrv: meanMaximumRankViolation(from, to),
    mmrv_ci95: interval(drawn.mmrv),
    pearson_r: Number.isFinite(r) ? r : null,
    pearson_r_ci95: defined.length === 0 ? null : interval(defined),
    mean_abs_gap: meanDistance(from, to),
    mean_abs_gap_ci95: interval(drawn.gap),
  };
}

function rowOf({ policy, from, to }: PolicyOutcomes): TransferRow {
  const [a, b] = [count(from), count(to)];
  const n = from.length;
  return {
    ...{ policy, from: a / n, to: b / n },
    ...{ from_ci95: wilson95(a, n), to_ci95: wilson95(b, n) },
    gap: pairedDifference(from, to),
  };
}

function bootstrap(population: readonly PolicyOutcomes[], rng: Rng, rounds: number) {
  const count = population.length;
  const [from, to] = [new Float64Array(count), new Float64Array(count)];
  const drawn = { r: new Array<number>(rounds), mmrv: new Array<number>(rounds), gap: new Array<number>(rounds) };
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < count; k++) {
      const policy = population[rng.int(count)];
      const n = policy.from.length;
      let [a, b] = [0, 0];
      for (let e = 0; e < n; e++) {
        const episode = rng.int(n);
        if (policy.from[episode]) a++;
        if (policy.to[episode]) b++;
      }
      from[k] = a / n;
      to[k] = b / n;
    }
    drawn.r[round] = pearson(from, to);
    drawn.mmrv[round] = meanMaximumRankViolation(from, to);
    drawn.gap[round] = meanDistance(from, to);
  }
  return drawn;
}

function meanDistance(from: ArrayLike<number>, to: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < from.length; i++) sum += Math.abs(from[i] - to[i]);
  return sum / from.length;
}

const interval = (values: readonly number[]): readonly [number, number] => [
  quantile(values, 0.025),
  quantile(values, 0.975),
];
const count = (outcomes: readonly boolean[]): number => outcomes.reduce((sum, success) => sum + (success ? 1 : 0), 0);
