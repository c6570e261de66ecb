import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { DEFAULT_COSTS, type DecisionCosts, decisionCosts } from './costs.ts';
import { acceptThreshold, decide, type Inquiry, inquiryOf } from './decide.ts';

const ALL: readonly Inquiry[] = ['ask_full', 'look_again', 'escalate'];

function drawCosts(rng: Rng): DecisionCosts {
  const price = () => Math.exp(rng.range(-3, 5));
  return {
    ...{ wrong_pick_s: price(), skip_s: price(), look_again_s: price(), ask_full_s: price(), ask_person_s: price() },
    ...{ look_again_settles: rng.uniform(), ask_full_settles: rng.uniform(), ask_person_settles: rng.uniform() },
  };
}
const some = (rng: Rng) => ALL.filter(() => rng.uniform() < 0.6);

describe('decisions by cost', () => {
  it('accepts from the threshold on and nowhere below', () => {
    const rng = createRng(51, 'decide');
    for (let round = 0; round < 3000; round++) {
      const costs = drawCosts(rng);
      const available = some(rng);
      const threshold = acceptThreshold(costs, available);
      const p = rng.uniform() < 0.5 ? rng.uniform() : threshold + 0.01 * rng.normal();
      if (p < 0 || p > 1 || Math.abs(p - threshold) < 1e-9) continue;
      const { action } = decide(p, costs, available);
      expect(action === 'accept', `p ${p}, threshold ${threshold}, ${JSON.stringify({ costs, available })}`).toBe(
        p > threshold,
      );
    }
  });

  it('never costs more than any of its choices, nor than it would with fewer', () => {
    const rng = createRng(52, 'least');
    for (let round = 0; round < 3000; round++) {
      const costs = drawCosts(rng);
      const available = some(rng);
      const p = rng.uniform();
      const { cost_s } = decide(p, costs, available);
      const alone = Math.min((1 - p) * costs.wrong_pick_s, p * costs.skip_s);
      expect(cost_s).toBeLessThanOrEqual(alone);
      for (const inquiry of available) {
        const { price_s, settles } = inquiryOf(costs, inquiry);
        expect(cost_s).toBeLessThanOrEqual(price_s + (1 - settles) * alone + 1e-12);
      }
      expect(decide(p, costs, ALL).cost_s).toBeLessThanOrEqual(cost_s);
    }
  });

  it('moves the threshold one way with each cost', () => {
    const rng = createRng(53, 'monotone');
    for (let round = 0; round < 2000; round++) {
      const costs = drawCosts(rng);
      const available = some(rng);
      const more = 1 + rng.uniform();
      const at = (change: Partial<DecisionCosts>) => acceptThreshold({ ...costs, ...change }, available);
      const here = at({});
      const say = `x ${more}, ${JSON.stringify({ costs, available })}`;
      expect(at({ wrong_pick_s: more * costs.wrong_pick_s }), say).toBeGreaterThanOrEqual(here);
      for (const name of ['skip_s', 'look_again_s', 'ask_full_s', 'ask_person_s'] as const) {
        expect(at({ [name]: more * costs[name] }), say).toBeLessThanOrEqual(here);
      }
      for (const name of ['look_again_settles', 'ask_full_settles', 'ask_person_settles'] as const) {
        expect(at({ [name]: costs[name] / more }), say).toBeLessThanOrEqual(here);
      }
    }
  });

  it('is the better of taking and leaving where nobody can be asked', () => {
    expect(decide(0.76, DEFAULT_COSTS, []).action).toBe('accept');
    expect(decide(0.74, DEFAULT_COSTS, []).action).toBe('skip');
    expect(acceptThreshold(DEFAULT_COSTS, [])).toBeCloseTo(0.75, 12);
  });

  it('takes its costs as data, and refuses what are none', () => {
    expect(decisionCosts.parse(DEFAULT_COSTS)).toEqual(DEFAULT_COSTS);
    for (const wrong of [{ wrong_pick_s: 0 }, { skip_s: -1 }, { look_again_settles: 1.1 }, { other: 1 }]) {
      expect(decisionCosts.safeParse({ ...DEFAULT_COSTS, ...wrong }).success, JSON.stringify(wrong)).toBe(false);
    }
  });
});
