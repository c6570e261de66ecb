import { describe, expect, it } from 'vitest';
import { DEGRADATIONS } from '../contracts/index.ts';
import type { DrillMeasures } from './drill.ts';
import { judge } from './judge.ts';

const GOOD: DrillMeasures = {
  ...{ injected_s: 2, stage: 'approach', detected_s: 0.05, degraded_s: 0.06, degradation: 'stop', moving: true },
  ...{ effect_s: 0.062, standstill_s: 0.2, promised_stop_s: 0.15, ended_s: 1.1, refusal: 'it lasts' },
  ...{ recovered_s: 1.5, goal_reached_s: 9, reasons: ['it lasts'], wrong: [] },
};
const STOP = { within_s: 0.1, degradation: 'stop' } as const;
const LASTING = { lasting: true, moment: 'moving' } as const;

const failed = (change: Partial<DrillMeasures>, errors: readonly string[] = []) =>
  judge(LASTING, STOP, { ...GOOD, ...change }, errors).flatMap(({ what, ok }) => (ok ? [] : [what]));

describe('what a drill has to show', () => {
  it('is all shown', () => {
    expect(failed({})).toEqual([]);
  });

  it.each([
    [{ detected_s: 0.102 }, 'detected'],
    [{ detected_s: null }, 'detected'],
    [{ degraded_s: 0.102 }, 'degradation stop'],
    [{ degradation: 'hold' }, 'no less than declared'],
    [{ effect_s: 0.102, standstill_s: 0.24 }, 'first effect on the motion'],
    [{ effect_s: null }, 'first effect on the motion'],
    [{ standstill_s: 0.214 }, 'standstill within the promised stop'],
    [{ standstill_s: null }, 'standstill within the promised stop'],
    [{ refusal: '' }, 'reset refused while it lasts'],
    [{ refusal: null }, 'reset refused while it lasts'],
    [{ recovered_s: null }, 'normal work again'],
    [{ goal_reached_s: null }, 'goal reached afterwards'],
    [{ wrong: ['object_2'] }, 'nothing moved that nobody asked for'],
  ] as const)('%j fails in one thing: %s', (change, what) => {
    expect(failed(change)).toEqual([what]);
  });

  it('an exception in a node fails it', () => {
    expect(failed({}, ['planning: no'])).toEqual(['no exceptions in nodes']);
  });

  it('a graver degradation than declared is enough, a lesser one is not', () => {
    for (const declared of DEGRADATIONS)
      for (const reached of DEGRADATIONS) {
        const checks = judge(LASTING, { within_s: 0.1, degradation: declared }, { ...GOOD, degradation: reached }, []);
        const enough = DEGRADATIONS.indexOf(reached) >= DEGRADATIONS.indexOf(declared);
        expect(checks.find(({ what }) => what === 'no less than declared')?.ok, `${declared} ${reached}`).toBe(enough);
      }
  });

  it('no effect is asked for where the arm would stand anyway, or where only policies rest', () => {
    expect(failed({ moving: false, effect_s: null })).toEqual([]);
    const scripted = { within_s: 0.1, degradation: 'scripted' } as const;
    const of = (moment: 'moving' | 'policy') =>
      judge({ lasting: true, moment }, scripted, { ...GOOD, effect_s: null }, []).every(({ ok }) => ok);
    expect([of('moving'), of('policy')]).toEqual([true, false]);
  });
});
