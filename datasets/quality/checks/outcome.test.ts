import { describe, expect, it } from 'vitest';
import { createRng } from '../../../contracts/index.ts';
import { bareEpisode, evenStamps, jointsAt, movesWithTime, tellsFaults } from '../../../test/support/quality_checks.ts';
import type { EpisodeSeries, Evidence } from '../../index.ts';
import { findOutcome } from './outcome.ts';

const TIME_S = evenStamps(50, 6);
const SLIDES = new Map([['left_finger_joint', { lower: 0, upper: 0.04, velocity: 0.2, effort: 70, slides: true }]]);
const TURNS = new Map([['left_finger_joint', { lower: 0, upper: 0.8, velocity: 2, effort: 70, slides: false }]]);
const succeeded = { success: true, stage: '', reason: '' };

/** A pick whose gripper is open to the share `grip(t)`; the arm turns at 0.4 rad/s. */
function pick(grip: (t: number) => number, given: Partial<EpisodeSeries> = {}, turns = false): Evidence {
  const joints = jointsAt(TIME_S, (t, i) => (i === 0 ? 0.4 * t : turns ? 0.8 * (1 - grip(t)) : 0.04 * grip(t)), {
    names: ['arm_joint1', 'left_finger_joint'],
  });
  return bareEpisode({ joints, ...given }, { outcome: succeeded, limits: turns ? TURNS : SLIDES });
}
/** Closes to `held` at 2 s, opens to `end` at 4 s. */
const grasp =
  (held: number, end = 1) =>
  (t: number) =>
    t < 2 ? 1 : t < 4 ? held : end;
const details = (of: Evidence) => findOutcome(of).map(({ detail }) => detail);

describe('an outcome', () => {
  tellsFaults(findOutcome, 'outcome');

  it('fits a pick that closed on something and let it go, of fingers that slide and of those that turn', () => {
    for (let seed = 0; seed < 40; seed++) {
      const held = createRng(seed, 'held').range(0.06, 0.85);
      for (const turns of [false, true]) expect(details(pick(grasp(held), {}, turns)), `seed ${seed}`).toEqual([]);
    }
  });

  it('does not fit a gripper that closed to less than 4 % of its travel, and says when', () => {
    for (let seed = 0; seed < 20; seed++) {
      const held = createRng(seed, 'empty').range(0, 0.035);
      for (const turns of [false, true]) {
        const [found, ...more] = findOutcome(pick(grasp(held), {}, turns));
        expect(more, `seed ${seed}`).toEqual([]);
        expect(found, `seed ${seed}`).toMatchObject({ severity: 'major', fix: 'mark as failed, or drop' });
        expect(found.detail).toContain(`down to ${(100 * held).toFixed(1)} % of its travel`);
        expect(found.detail).toContain('4 % is empty');
        expect(found.from_s).toBeCloseTo(2, 6);
        expect(found.to_s).toBeCloseTo(3.98, 6);
      }
    }
  });

  it('does not fit a gripper that never closed, never opened, or still holds', () => {
    expect(details(pick(() => 1))[0]).toContain('the gripper never closed: it moved by 0.0 % of its travel');
    expect(details(pick(() => 0.3))[0]).toContain('the gripper never opened');
    const ending = (end: number) => details(pick((t) => (t < 2 ? 1 : t < 5 ? 0.4 : end)));
    expect(ending(0.42)[0]).toContain('still holds at the end (42 % open, 40 % while it carried)');
    expect(ending(0.44)).toEqual([]);
  });

  it('does not fit an arm that goes less than 0.2 rad, or an episode under 1 s', () => {
    const joints = jointsAt(TIME_S, (t) => 0.03 * t);
    expect(details(pick(grasp(0.5), { joints }))[0]).toContain('moved 0.179 rad in all, at least 0.2 expected');
    expect(details(pick(grasp(0.5), { duration_s: 0.6 }))).toEqual([
      'success, but it lasts 0.60 s, at least 1.00 s expected',
    ]);
  });

  it('does not fit last words of a failure', () => {
    const said = (...texts: readonly string[]) =>
      details(pick(grasp(0.5), { notes: texts.map((text, k) => ({ time_s: k, name: 'pick_place', text })) }));
    for (const text of ['lift failed', 'gave up after 3 attempts', 'the object slipped', 'timed out'])
      expect(said('approach', text)[0], text).toContain(`its last words, at 1.00 s, are "${text}"`);
    expect(said('lift failed', 'lift, attempt 2', 'done')).toEqual([]);
    expect(said('failsafe checked')).toEqual([]);
  });

  it('is doubted of successes alone', () => {
    for (const success of [false, null]) {
      const of = pick(() => 1, { notes: [{ time_s: 1, name: 'pick_place', text: 'failed' }] });
      expect(details({ ...of, outcome: { ...succeeded, success } })).toEqual([]);
      const short = { ...pick(() => 1, { duration_s: 0.5 }), outcome: { ...succeeded, success } };
      expect(findOutcome(short)).toMatchObject([{ severity: 'note' }]);
    }
  });

  it('stays the same later in time', () => {
    movesWithTime(findOutcome, pick(grasp(0.01)), 8);
  });
});
