import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { compareWorlds, type PolicyOutcomes } from './transfer.ts';

/** A population whose policies succeed by chance, in the second world less often by `loss`. */
function population(seed: number, qualities: readonly number[], loss: number, episodes: number): PolicyOutcomes[] {
  const rng = createRng(seed);
  return qualities.map((quality, k) => {
    const from = Array.from({ length: episodes }, () => rng.uniform() < quality);
    const to = Array.from({ length: episodes }, () => rng.uniform() < quality - loss);
    return { policy: `p${k}`, from, to };
  });
}

const SPREAD = [0.25, 0.35, 0.45, 0.5, 0.55, 0.65, 0.7, 0.75, 0.9, 0.95];

describe('two worlds by the same policies', () => {
  it('tell the same in the same world, and the whole loss in a worse one', () => {
    const alike = compareWorlds(population(1, SPREAD, 0, 500), createRng(1), 400);
    const worse = compareWorlds(population(1, SPREAD, 0.15, 500), createRng(1), 400);
    expect(alike.pearson_r).toBeGreaterThan(0.97);
    expect(worse.pearson_r).toBeGreaterThan(0.97);
    expect(alike.mean_abs_gap).toBeLessThan(0.05);
    expect(worse.mean_abs_gap).toBeCloseTo(0.15, 1);
    expect(worse.mean_abs_gap_ci95[0]).toBeGreaterThan(alike.mean_abs_gap_ci95[1]);
    for (const { gap } of worse.rows) expect(gap.ci95[1]).toBeLessThan(0);
  });

  it('have wider intervals with fewer episodes, which hold the figure itself', () => {
    const width = (episodes: number) => {
      const { pearson_r, pearson_r_ci95 } = compareWorlds(population(2, SPREAD, 0.1, episodes), createRng(1), 400);
      if (pearson_r === null || pearson_r_ci95 === null) throw new Error('r is not defined');
      expect(pearson_r_ci95[1]).toBeGreaterThanOrEqual(pearson_r - 0.02);
      expect(pearson_r_ci95[0]).toBeLessThanOrEqual(pearson_r);
      return pearson_r_ci95[1] - pearson_r_ci95[0];
    };
    expect(width(30)).toBeGreaterThan(width(300));
  });

  it('give the same numbers for the same stream, and no r of policies that are all alike', () => {
    const drawn = population(3, SPREAD, 0.1, 60);
    expect(compareWorlds(drawn, createRng(5), 200)).toEqual(compareWorlds(drawn, createRng(5), 200));
    const always = [true, true, true];
    const same = compareWorlds([{ policy: 'a', from: always, to: always }], createRng(1), 50);
    expect(same).toMatchObject({ pearson_r: null, pearson_r_ci95: null, mmrv: 0, mean_abs_gap: 0 });
  });

  it('are refused without policies, or with episodes that are no pairs', () => {
    expect(() => compareWorlds([], createRng(1))).toThrow(/population of 0 policies: at least 1/);
    expect(() => compareWorlds([{ policy: 'a', from: [true], to: [] }], createRng(1))).toThrow(/policy a: 1 and 0/);
  });
});
