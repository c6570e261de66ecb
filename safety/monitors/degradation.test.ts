import { describe, expect, it } from 'vitest';
import { createRng, type DEGRADATIONS } from '../../contracts/index.ts';
import { DegradationLadder, graver, RECOVERY_S, SLOWER_PACE } from './degradation.ts';
import type { Finding } from './finding.ts';
import { DEFAULT_REACTIONS, FAULTS, type Fault } from './reactions.ts';

const found = (fault: Fault, detail = 'too much'): Finding => ({ fault, detail });

describe('the ladder of degradations', () => {
  it('does what is declared for every fault, at once', () => {
    for (const fault of FAULTS) {
      const ladder = new DegradationLadder();
      const change = ladder.update([found(fault)], 1);
      const { degradation } = DEFAULT_REACTIONS[fault];
      expect(change).toMatchObject({ before: 'none', now: degradation });
      expect(ladder.degradation).toBe(degradation);
      expect(ladder.pace).toBe({ none: 1, slower: SLOWER_PACE, scripted: 1, hold: 0, stop: 0 }[degradation]);
      expect(ladder.policies).toBe(degradation === 'none' || degradation === 'slower');
      expect(ladder.stopping).toEqual(degradation === 'stop' ? [found(fault)] : []);
    }
  });

  it('takes the envelope’s reactions before its own, and a finding’s before the envelope’s where that is graver', () => {
    const ladder = new DegradationLadder({ temperature: { within_s: 1, degradation: 'hold' } });
    ladder.update([found('temperature')], 0);
    expect(ladder.degradation).toBe('hold');
    expect(ladder.update([{ ...found('temperature'), at_least: 'slower' }], 0.1)).toBeNull();
    expect(ladder.degradation).toBe('hold');
    expect(ladder.update([{ ...found('temperature'), at_least: 'stop' }], 0.2)).toMatchObject({ now: 'stop' });
    expect(
      new DegradationLadder({ disk_full: { within_s: 1, degradation: 'none' } }).update([found('disk_full')], 0),
    ).toBe(null);
  });

  it('becomes normal by itself half a second after the finding is gone, and not before', () => {
    const ladder = new DegradationLadder();
    ladder.update([found('wrench_frozen')], 1);
    expect(ladder.update([], 1 + RECOVERY_S - 0.01)).toBeNull();
    // There again: the wait begins anew.
    expect(ladder.update([found('wrench_frozen', 'still')], 1.6)).toBeNull();
    expect(ladder.update([], 2)).toBeNull();
    expect(ladder.degradation).toBe('slower');
    const change = ladder.update([], 1.6 + RECOVERY_S);
    expect(change).toMatchObject({ before: 'slower', now: 'none' });
    expect(change?.ended).toEqual([{ finding: found('wrench_frozen'), degradation: 'slower', since_s: 1 }]);
  });

  it('keeps a stop until it is cleared, which does nothing while the finding is there', () => {
    const ladder = new DegradationLadder();
    ladder.update([found('state_jump')], 0);
    expect(ladder.clear()).toBeNull();
    expect(ladder.stopping).toHaveLength(1);
    ladder.update([], 10);
    expect(ladder.degradation).toBe('stop');
    expect(ladder.stopping).toEqual([]);
    expect(ladder.clear()).toMatchObject({ before: 'stop', now: 'none' });
    expect(ladder.inForce).toEqual([]);
  });

  it('takes a reset once what was grave is so no more, and stays at what is left of it', () => {
    const ladder = new DegradationLadder();
    const hot: Finding = { ...found('temperature', 'hot'), at_least: 'stop' };
    const warm = found('temperature', 'warm');
    ladder.update([warm], 0);
    ladder.update([hot], 1);
    expect(ladder.stopping).toEqual([hot]);
    ladder.update([warm], 2);
    expect([ladder.degradation, ladder.stopping]).toEqual(['stop', []]);
    expect(ladder.clear()).toMatchObject({ before: 'stop', now: 'slower' });
    expect(ladder.inForce.map(({ finding }) => finding.detail)).toEqual(['warm']);
  });

  it('is slower, and lets policies rest, where two faults ask for one each', () => {
    const ladder = new DegradationLadder();
    ladder.update([found('temperature'), found('policy_unknown_input')], 0);
    expect([ladder.degradation, ladder.pace, ladder.policies]).toEqual(['scripted', SLOWER_PACE, false]);
  });

  it('is at every moment the gravest of what was found within the last half second, and of stops since the last reset', () => {
    for (let seed = 0; seed < 200; seed++) {
      const rng = createRng(seed, 'ladder');
      const ladder = new DegradationLadder();
      const seen = new Map<Fault, number>();
      let stops = new Set<Fault>();
      for (let k = 0; k < 120; k++) {
        const now_s = 0.1 * k;
        const findings = FAULTS.filter(() => rng.uniform() < 0.03).map((fault) => found(fault));
        ladder.update(findings, now_s);
        for (const { fault } of findings) {
          seen.set(fault, now_s);
          if (DEFAULT_REACTIONS[fault].degradation === 'stop') stops.add(fault);
        }
        if (rng.uniform() < 0.1) {
          ladder.clear();
          stops = new Set([...stops].filter((fault) => findings.some((finding) => finding.fault === fault)));
        }
        let expected: (typeof DEGRADATIONS)[number] = stops.size > 0 ? 'stop' : 'none';
        for (const [fault, at_s] of seen) {
          const { degradation } = DEFAULT_REACTIONS[fault];
          if (degradation !== 'stop' && now_s - at_s < RECOVERY_S - 1e-9) expected = graver(expected, degradation);
        }
        expect(ladder.degradation, `seed ${seed}, ${now_s} s`).toBe(expected);
      }
    }
  });
});
