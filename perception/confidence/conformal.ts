import { InputError } from '../../contracts/index.ts';

/**
 * Threshold of split conformal prediction: the ⌈(n + 1)(1 − α)⌉-th smallest nonconformity of n calibration samples. A new
 * exchangeable sample lies at or below it with a probability of at least 1 − α, and below 1 − α + 1/(n + 1) where values
 * differ (Vovk, Gammerman, Shafer, 2005; Angelopoulos and Bates, 2021, theorem 1).
 * @param level  1 − α, within (0, 1)
 * @returns 1 where n is too small for the level: then every class is possible
 */
export function conformalQuantile(nonconformity: ArrayLike<number>, level: number): number {
  if (!(level > 0 && level < 1)) throw new InputError(`conformal level ${level}`, 'between 0 and 1, e.g. 0.99');
  const sorted = Float64Array.from(nonconformity).sort();
  const rank = conformalRank(sorted.length, level);
  return rank > sorted.length ? 1 : sorted[rank - 1];
}

/** ⌈(n + 1) level⌉; above n the level cannot be had. */
export function conformalRank(n: number, level: number): number {
  return Math.ceil((n + 1) * level - 1e-9);
}

/**
 * Classes that cannot be ruled out: those whose probability is at least 1 − quantile (least ambiguous sets; Sadinle, Lei,
 * Wasserman, 2019), the likeliest first. Empty where none is likely enough.
 * @param quantiles  one for all classes, or one of each (class-conditional, Vovk, 2012)
 */
export function conformalSet(probabilities: ArrayLike<number>, quantiles: ArrayLike<number>): number[] {
  const of = (k: number): number => quantiles[quantiles.length === 1 ? 0 : k];
  return Array.from({ length: probabilities.length }, (_, k) => k)
    .filter((k) => 1 - probabilities[k] <= of(k))
    .sort((a, b) => probabilities[b] - probabilities[a]);
}

/**
 * Interval within which the covered share of m new samples lies with a probability of 95 %, given a threshold from n
 * exchangeable ones: covered ~ BetaBinomial(m, k, n + 1 − k), k = ⌈(n + 1) level⌉ (Angelopoulos and Bates, 2021, 3.2).
 */
export function coverageInterval95(n: number, level: number, m: number): readonly [number, number] {
  const k = conformalRank(n, level);
  if (k > n || m === 0) return [k > n ? 1 : 0, 1];
  let [low, high] = [0, m];
  let sum = 0;
  let first = true;
  for (let covered = 0; covered <= m; covered++) {
    sum += Math.exp(logBetaBinomial(covered, m, k, n + 1 - k));
    if (first && sum >= 0.025) {
      low = covered;
      first = false;
    }
    if (sum >= 0.975) {
      high = covered;
      break;
    }
  }
  return [low / m, high / m];
}

/** Log probability of x out of m under BetaBinomial(m, a, b). */
export function logBetaBinomial(x: number, m: number, a: number, b: number): number {
  return logGamma(m + 1) - logGamma(x + 1) - logGamma(m - x + 1) + logBeta(x + a, m - x + b) - logBeta(a, b);
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0 (Lanczos, 1964, g = 7; relative error below 1e-13). */
export function logGamma(x: number): number {
  const z = x - 1;
  let sum: number = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (z + i);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}
