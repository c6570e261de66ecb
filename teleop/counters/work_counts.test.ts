import { describe, expect, it } from 'vitest';
import { DECLINE, type PickPlaceGoal } from '../../contracts/index.ts';
import type { EndedMotion } from '../control/motions.ts';
import { WorkCounts } from './work_counts.ts';

const OPERATOR = { session: 's-ada', tab: 'tab-ada-1', user: 'ada' };
const GOAL: PickPlaceGoal = { object: { class: 'box', colour: 'red' }, target: [0.4, 0.2, 0] };

function rig() {
  const clock = { now_ms: 0 };
  const counts = new WorkCounts(() => clock.now_ms);
  const ended = (fields: Partial<EndedMotion> = {}) =>
    counts.hearDesk({
      kind: 'ended',
      motion: {
        kind: 'pick',
        ok: true,
        cancelled: false,
        stage: 'retreat',
        reason: '',
        attempts: 1,
        goal: GOAL,
        ...fields,
      },
    });
  const see = (name: 'box' | 'cylinder', x: number, score = 0.95) =>
    counts.hearObjects([
      { class: name, colour: 'red', score, pose: { position: [x, 0.2, 0.03], orientation: [0, 0, 0, 1] } },
    ]);
  return { clock, counts, ended, see, totals: () => counts.snapshot().totals };
}

describe('picks', () => {
  it('count by their ends; a batch by its picks', () => {
    const { ended, totals } = rig();
    ended();
    ended({ ok: false });
    ended({ kind: 'batch' });
    ended({ kind: 'home' });
    expect(totals()).toMatchObject({ picks: 2, successes: 1 });
  });

  it('are retried when something went wrong and the robot looks again', () => {
    const { counts, totals } = rig();
    counts.hearDesk({ kind: 'started', what: 'pick', operator: OPERATOR });
    const stage = (name: string, attempt: number, reason: string) =>
      counts.hearDesk({ kind: 'stage', stage: name, attempt, reason });
    stage('perceive', 1, '');
    stage('perceive', 1, 'not sure');
    stage('grasp', 1, '');
    stage('perceive', 2, 'the grasp slipped');
    stage('grasp', 2, '');
    stage('perceive', 3, '');
    expect(totals().retries).toBe(1);
  });

  it.each([
    ['something else lies there', 'cylinder', 0.41, 0.95, 1],
    ['it lies there', 'box', 0.41, 0.95, 0],
    ['what lies there is seen badly', 'cylinder', 0.41, 0.5, 0],
    ['nothing lies there', 'cylinder', 0.6, 0.95, 0],
  ] as const)('are wrong or not where %s afterwards', (_, name, x, score, wrong) => {
    const { clock, ended, see, totals } = rig();
    ended();
    see('cylinder', 0.4);
    for (let k = 0; k < 20; k++) {
      clock.now_ms += 500;
      if (clock.now_ms >= 1000) see(name, x, score);
    }
    see('cylinder', 0.4);
    expect(totals().wrong_picks).toBe(wrong);
  });
});

describe('questions', () => {
  it.each([
    ['red box', 'answered', { answered: 1, overruled: 0, saves: 0 }],
    ['red cylinder', 'answered', { answered: 1, overruled: 1, saves: 1 }],
    [DECLINE, 'answered', { answered: 1, overruled: 0, saves: 1 }],
    ['', 'expired', { answered: 0, overruled: 0, saves: 0 }],
    ['', 'refused', { answered: 0, overruled: 0, saves: 0 }],
  ] as const)('answered "%s" and %s', (answer, end, expected) => {
    const { counts, totals } = rig();
    const question = { id: 'q', options: ['red box', 'red cylinder', DECLINE] };
    counts.hearQuestion(question);
    counts.hearQuestion(question);
    counts.hearEnd({ id: 'q', end, answer });
    counts.hearEnd({ id: 'other', end: 'answered', answer: 'red box' });
    expect(totals()).toMatchObject({ asked: 1, ...expected });
    if (end !== 'refused') return;
    counts.hearEnd({ id: 'q', end: 'answered', answer: 'red box' });
    expect(totals()).toMatchObject({ answered: 1 });
  });
});

describe('stops and interventions', () => {
  it('count a stop once, until a reset', () => {
    const { counts, totals } = rig();
    const say = (mode: 'automatic' | 'protective_stop' | 'fault', latched: boolean) =>
      counts.hearSafety({ mode, latched });
    say('automatic', false);
    say('protective_stop', false);
    expect(totals().stops).toBe(0);
    for (let k = 0; k < 5; k++) say('protective_stop', true);
    say('fault', true);
    expect(totals().stops).toBe(1);
    say('automatic', false);
    say('fault', true);
    expect(totals().stops).toBe(2);
  });

  it('count what a person took over or stopped, not what they paused', () => {
    const { counts, totals } = rig();
    counts.hearDesk({ kind: 'taken_over', what: 'cancel', operator: OPERATOR });
    counts.hearDesk({ kind: 'taken_over', what: 'pause', operator: OPERATOR });
    counts.hearStop(true);
    counts.hearStop(false);
    expect(totals().interventions).toBe(2);
  });
});
