import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { RiskAccount } from './risk_account.ts';
import { parseRiskBudget } from './risk_budget.ts';

const budget = parseRiskBudget(
  {
    ...{ schema: 'surepick.risk_budget', version: 1, purpose: 'training', tool_speed_m_per_s: 0.5 },
    ...{ joint_speed_share: 0.5, region: null, force_N: 30, interventions_per_hour: 3 },
  },
  'budget',
);

describe('the account of a risk budget', () => {
  it('is spent by as many interventions within an hour as it has, and no longer when the first is an hour ago', () => {
    const account = new RiskAccount(budget);
    for (const now_s of [10, 20]) account.intervene(now_s);
    expect(account.spent(20)).toBe(false);
    account.intervene(30);
    expect(account.spent(30)).toBe(true);
    expect(account.spent(3609.9)).toBe(true);
    expect(account.left(3610)).toBe(1);
    expect(account.spent(3610)).toBe(false);
  });

  it('agrees with a count over all interventions, whenever they come', () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed, 'risk');
      const account = new RiskAccount(budget);
      const all: number[] = [];
      let now_s = 0;
      for (let k = 0; k < 60; k++) {
        now_s += rng.uniform() * (rng.uniform() < 0.2 ? 4000 : 900);
        if (rng.uniform() < 0.5 && !account.spent(now_s)) {
          account.intervene(now_s);
          all.push(now_s);
        }
        const within = all.filter((at_s) => now_s - at_s < 3600).length;
        expect(account.left(now_s), `seed ${seed}, event ${k}`).toBe(3 - within);
        expect(account.left(now_s), `seed ${seed}, event ${k}`).toBeGreaterThanOrEqual(0);
      }
      expect(account.statement(now_s).interventions).toBe(all.length);
    }
  });

  it('states time of motion and greatest force', () => {
    const account = new RiskAccount(budget);
    account.observe(0, true, 1);
    account.observe(2, true, 12);
    account.observe(3, false, 2);
    account.observe(5, true, 2);
    expect(account.statement(5)).toEqual({
      ...{ purpose: 'training', exploring_s: 4, interventions: 0, in_last_hour: 0, left: 3 },
      most_force_N: 12,
    });
  });
});
