/** Probability of at least `hits` of `trials` where each comes with probability `rate`. */
export function binomialTail(hits: number, trials: number, rate: number): number {
  if (hits <= 0) return 1;
  if (rate <= 0) return 0;
  if (rate >= 1) return hits <= trials ? 1 : 0;
  let logChoose = 0;
  let sum = 0;
  for (let k = 0; k <= trials; k++) {
    if (k > 0) logChoose += Math.log((trials - k + 1) / k);
    if (k >= hits) sum += Math.exp(logChoose + k * Math.log(rate) + (trials - k) * Math.log1p(-rate));
  }
  return Math.min(1, sum);
}
