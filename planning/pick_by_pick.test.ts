import { describe, expect, it } from 'vitest';
import { StageError } from '../contracts/index.ts';
import { AttemptError, Manipulation } from './manipulation.ts';
import { type PickLimits, pickByPick } from './pick_by_pick.ts';

const LIMITS: PickLimits = { most_picks: 10, most_failures: 3, in_a_row: false, undone: 'not all is done' };

/** Plays `script`, a letter a pick: m(ore), d(one), f(ailed attempt), x (any other failure). */
function play(script: string, limits: Partial<PickLimits> = {}) {
  const reasons: string[] = [];
  const arm = new Manipulation({});
  const steps = pickByPick(arm, { ...LIMITS, ...limits }, function* (pick) {
    yield* arm.enter('plan');
    const letter = script[pick - 1];
    if (letter === 'f') throw new AttemptError('grasp', `missed in pick ${pick}`);
    if (letter === 'x') throw new StageError('safety', 'stopped');
    return letter === 'd' ? 'done' : 'more';
  });
  for (let next = steps.next(); ; next = steps.next({ kind: 'noted', time_s: 0 })) {
    if (next.done) return { ...next.value, reasons };
    if (next.value.kind === 'stage' && next.value.name === 'perceive') reasons.push(next.value.reason);
  }
}

describe('picks one after the other', () => {
  it('end when nothing is left, and say in every pick why the one before failed', () => {
    expect(play('mfmd')).toMatchObject({ ok: true, attempts: 4, reasons: ['', '', 'missed in pick 2', ''] });
  });

  it('are given up after so many failures, in all or in a row', () => {
    expect(play('fmfmf')).toMatchObject({ ok: false, stage: 'grasp', reason: 'missed in pick 5', attempts: 5 });
    expect(play('fmfmfd', { in_a_row: true })).toMatchObject({ ok: true, attempts: 6 });
    expect(play('mfffd', { in_a_row: true })).toMatchObject({ ok: false, stage: 'grasp', attempts: 4 });
  });

  it('end at once for any other failure, and after the most picks', () => {
    expect(play('mxd')).toMatchObject({ ok: false, stage: 'safety', reason: 'stopped', attempts: 2 });
    expect(play('mmmmmmmmmmmm')).toMatchObject({ ok: false, stage: 'place', reason: 'not all is done after 10 picks' });
  });
});
