export interface Difference {
  /** Share of successes after, less that before. */
  readonly value: number;
  readonly ci95: readonly [number, number];
}

const Z = 1.959963984540054;

/**
 * Difference of two shares of success over the same episodes, with the interval of Agresti and Min (Statistics in Medicine
 * 24, 2005): Wald's, half a pair added to each cell of the table.
 */
export function pairedDifference(before: readonly boolean[], after: readonly boolean[]): Difference {
  const n = Math.min(before.length, after.length);
  if (n === 0) return { value: 0, ci95: [-1, 1] };
  let [gained, lost] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (after[i] && !before[i]) gained++;
    if (before[i] && !after[i]) lost++;
  }
  const [b, c, m] = [lost + 0.5, gained + 0.5, n + 2];
  const middle = (c - b) / m;
  const half = (Z * Math.sqrt(b + c - (c - b) ** 2 / m)) / m;
  return { value: (gained - lost) / n, ci95: [Math.max(-1, middle - half), Math.min(1, middle + half)] };
}
