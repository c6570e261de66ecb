const ROUNDS = 15;
const ROUND_CALLS = 1000;

/**
 * How long `ours` takes in units of `other`: the least times of rounds that take turns, so that load on the machine hits
 * both. From the fourth round on, one that finds less than `enough` is the last.
 */
export function bestRatio(ours: () => unknown, other: () => unknown, enough: number): number {
  let [least_ours, least_other] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS && !(round > 3 && least_ours / least_other < enough); round++) {
    least_ours = Math.min(least_ours, timed(ours));
    least_other = Math.min(least_other, timed(other));
  }
  return least_ours / least_other;
}

function timed(work: () => unknown): number {
  const start = performance.now();
  for (let call = 0; call < ROUND_CALLS; call++) work();
  return performance.now() - start;
}
