/** So many of the fewer ones, from which on the normal distribution will do. */
const MANY = 10;

/**
 * Two-sided p-value of the rank sum test (Wilcoxon, 1945; Mann and Whitney, 1947): how probable so uneven a place of the
 * `chosen` values among all is if they were chosen by lot. Exact for few, normal for many; equal values share their ranks.
 */
export function rankSumPValue(values: readonly number[], chosen: readonly boolean[]): number {
  const all = values.length;
  const few = chosen.filter(Boolean).length;
  if (few === 0 || few === all) return 1;
  const order = values.map((_, k) => k).sort((a, b) => values[a] - values[b]);
  let sum = 0;
  let ties = 0;
  for (let from = 0; from < all; ) {
    let to = from + 1;
    while (to < all && values[order[to]] === values[order[from]]) to++;
    const rank = (from + 1 + to) / 2;
    for (let k = from; k < to; k++) if (chosen[order[k]]) sum += rank;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const middle = (few * (all + 1)) / 2;
  const off = Math.abs(sum - middle);
  if (few < MANY && ties === 0) return Math.min(1, 2 * upperTail(all, few, middle + off));
  const variance = ((few * (all - few)) / 12) * (all + 1 - ties / (all * (all - 1)));
  return variance === 0 ? 1 : Math.min(1, 2 * normalTail((off - 0.5) / Math.sqrt(variance)));
}

/** Probability that `few` of the ranks 1..all, drawn without replacement, sum to at least `least`. */
function upperTail(all: number, few: number, least: number): number {
  const most = (few * (2 * all - few + 1)) / 2;
  const ways = Array.from({ length: few + 1 }, () => new Float64Array(most + 1));
  ways[0][0] = 1;
  for (let rank = 1; rank <= all; rank++) {
    for (let taken = Math.min(few, rank); taken >= 1; taken--) {
      for (let sum = most; sum >= rank; sum--) ways[taken][sum] += ways[taken - 1][sum - rank];
    }
  }
  let [tail, total] = [0, 0];
  for (let sum = 0; sum <= most; sum++) {
    total += ways[few][sum];
    if (sum >= least) tail += ways[few][sum];
  }
  return tail / total;
}

/** Probability of more than z ≥ 0 of a standard normal variable, within 1e-7 (Abramowitz and Stegun, 1964, 26.2.17). */
function normalTail(z: number): number {
  if (z <= 0) return 0.5;
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
