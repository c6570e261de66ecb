import { describe, expect, it } from 'vitest';
import { createRng, wilson95 } from '../../contracts/index.ts';
import { type ClusterCount, clusteredWilson95 } from './clustered_share.ts';

const width = ([low, high]: readonly [number, number]): number => high - low;

/** Clusters of ten, each with a share of its own about 0.9; `spread` 0 for none. */
function draw(seed: number, clusters: number, spread: number): ClusterCount[] {
  const rng = createRng(seed);
  return Array.from({ length: clusters }, () => {
    const share = rng.uniform() < spread ? (rng.uniform() < 0.9 ? 1 : 0) : 0.9;
    return { of: 10, holds: Array.from({ length: 10 }, () => rng.uniform() < share).filter(Boolean).length };
  });
}

describe('the interval of a share over clusters', () => {
  it("is Wilson's of the clusters where members are all alike, and of the members where they are independent", () => {
    const alike = Array.from({ length: 50 }, (_, k) => ({ of: 10, holds: k < 45 ? 10 : 0 }));
    const [low, high] = clusteredWilson95(alike);
    const [lowOfClusters, highOfClusters] = wilson95(45, 50);
    expect(low).toBeCloseTo(lowOfClusters, 2);
    expect(high).toBeCloseTo(highOfClusters, 2);
    const independent = draw(3, 400, 0);
    const holds = independent.reduce((sum, one) => sum + one.holds, 0);
    expect(width(clusteredWilson95(independent)) / width(wilson95(holds, 4000))).toBeCloseTo(1, 0);
  });

  it('holds the true share in about 95 of 100 draws where the plain one does far less often', () => {
    let [clustered, plain] = [0, 0];
    for (let seed = 0; seed < 400; seed++) {
      const clusters = draw(seed, 100, 1);
      const [low, high] = clusteredWilson95(clusters);
      if (low <= 0.9 && 0.9 <= high) clustered++;
      const [from, to] = wilson95(
        clusters.reduce((sum, { holds }) => sum + holds, 0),
        1000,
      );
      if (from <= 0.9 && 0.9 <= to) plain++;
    }
    expect(clustered / 400).toBeGreaterThan(0.92);
    expect(plain / 400).toBeLessThan(0.7);
  });

  it('tells nothing of none, and all of one cluster by its members', () => {
    expect(clusteredWilson95([])).toEqual([0, 1]);
    expect(clusteredWilson95([{ of: 10, holds: 9 }])).toEqual(wilson95(9, 10));
  });
});
