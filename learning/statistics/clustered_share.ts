import { wilson95 } from '../../contracts/index.ts';

/** How many of a cluster there are, and of how many of them something holds. */
export interface ClusterCount {
  readonly of: number;
  readonly holds: number;
}

/**
 * Interval at 95 % of a share over clusters whose members stand or fall together: Wilson's, at as many independent ones as give
 * the variance that the clusters show (Korn and Graubard, Survey Methodology 24, 1998). Never narrower than Wilson's own.
 */
export function clusteredWilson95(clusters: readonly ClusterCount[]): readonly [number, number] {
  const n = clusters.reduce((sum, { of }) => sum + of, 0);
  const holds = clusters.reduce((sum, one) => sum + one.holds, 0);
  const share = holds / n;
  const m = clusters.length;
  if (n === 0 || m < 2) return wilson95(holds, n);
  const squares = clusters.reduce((sum, one) => sum + (one.holds - share * one.of) ** 2, 0);
  const variance = (squares / n ** 2) * (m / (m - 1));
  const independent = variance === 0 ? n : Math.min(n, (share * (1 - share)) / variance);
  return wilson95(share * independent, independent);
}
