import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { DEFAULT_COSTS } from './costs.ts';
import { areaUnderRisk, costReport, type Outcome, riskCoverage } from './risk_coverage.ts';

/** Outcomes drawn at the probabilities given. */
function outcomes(n: number, seed: number): Outcome[] {
  const rng = createRng(seed, 'outcomes');
  return Array.from({ length: n }, () => {
    const probability = 1 - rng.uniform() ** 3;
    return { probability, right: rng.uniform() < probability };
  });
}

describe('risk and coverage', () => {
  it('take all in the end, at the risk of all', () => {
    const of = outcomes(500, 1);
    const points = riskCoverage(of);
    expect(points).toHaveLength(500);
    expect(points[499]).toEqual({ coverage: 1, risk: of.filter(({ right }) => !right).length / 500 });
    expect(points.map(({ coverage }) => coverage)).toEqual(
      points.map(({ coverage }) => coverage).sort((a, b) => a - b),
    );
  });

  it('have less area under them than any other order', () => {
    const rng = createRng(2, 'orders');
    const of = outcomes(2000, 2);
    const area = areaUnderRisk(riskCoverage(of));
    for (let round = 0; round < 20; round++) {
      const other = of.map(({ right }) => ({ probability: rng.uniform(), right }));
      expect(area).toBeLessThan(areaUnderRisk(riskCoverage(other)));
    }
    const oracle = of.map(({ right }) => ({ probability: right ? 1 : 0, right }));
    expect(areaUnderRisk(riskCoverage(oracle))).toBeLessThan(area);
  });
});

describe('costs of decisions', () => {
  it('are least for the policy, then for deciding alone, where probabilities are true', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const report = costReport(outcomes(5000, seed), 40, DEFAULT_COSTS, ['ask_full', 'look_again', 'escalate']);
      expect(report.policy_s, `seed ${seed}`).toBeLessThan(report.alone_s);
      expect(report.alone_s).toBeLessThan(Math.min(report.always_accept_s, report.always_skip_s));
      expect(report.oracle_s).toBeLessThan(report.policy_s);
    }
  });

  it('count every detection once, and what was missed as skipped', () => {
    const of = outcomes(1000, 3);
    const report = costReport(of, 100, DEFAULT_COSTS, ['look_again']);
    expect(Object.values(report.actions).reduce((a, b) => a + b)).toBe(1000);
    expect(report.wrong_picks + report.saves).toBe(of.filter(({ right }) => !right).length);
    expect(report.oracle_s * report.objects).toBeCloseTo(100 * DEFAULT_COSTS.skip_s, 6);
    expect(report.always_skip_s).toBeCloseTo(DEFAULT_COSTS.skip_s, 9);
    expect(costReport([], 0, DEFAULT_COSTS, []).policy_s).toBe(0);
  });
});
