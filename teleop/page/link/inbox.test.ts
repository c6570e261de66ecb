import { describe, expect, it } from 'vitest';
import type { StateFrame, Welcome } from '../../protocol/index.ts';
import { stateAge_ms } from '../core/jog_refusal.ts';
import { emptyPageState } from '../page_state.ts';
import { Inbox } from './inbox.ts';

const state = (tick: number, sent_ms: number, age_ms = 4) => ({ type: 'state', tick, sent_ms, age_ms }) as StateFrame;

function rig() {
  const page = emptyPageState();
  const inbox = new Inbox(page);
  inbox.linkIs('connecting', '');
  inbox.linkIs('open', '');
  return { page, inbox };
}

describe('what comes', () => {
  it('is as old as it was when it was sent, and as it took longer than the quickest did', () => {
    const { page, inbox } = rig();
    inbox.hear(state(1, 5000), 10);
    expect(stateAge_ms(page, 10)).toBeCloseTo(4);
    inbox.hear(state(2, 5033, 20), 143);
    expect(stateAge_ms(page, 143)).toBeCloseTo(120, 0);
  });

  it('makes the age of the state grow while nothing comes', () => {
    const { page, inbox } = rig();
    inbox.hear(state(1, 5000), 10);
    expect(stateAge_ms(page, 510)).toBeCloseTo(504);
  });

  it('is not counted twice, so that a state that is repeated does not look new', () => {
    const { page, inbox } = rig();
    inbox.hear(state(7, 5000), 10);
    inbox.hear(state(7, 5300), 310);
    expect(page.state?.at_ms).toBe(10);
    expect(stateAge_ms(page, 310)).toBeCloseTo(304);
  });

  it('of another server after a new connection is judged by that server’s clock', () => {
    const { page, inbox } = rig();
    inbox.hear(state(100, 900_000), 10);
    inbox.linkIs('connecting', '');
    inbox.hear({ type: 'welcome' } as Welcome, 500);
    inbox.linkIs('open', '');
    inbox.hear(state(1, 20), 520);
    expect(stateAge_ms(page, 520)).toBeCloseTo(4);
  });

  it('tells how many states a second there are, and forgets them without growing', () => {
    const { page, inbox } = rig();
    for (let i = 0; i < 3000; i++) inbox.hear(state(i + 1, i * 33.3), i * 33.3);
    expect(page.stateRate_hz).toBeGreaterThanOrEqual(30);
    expect(page.stateRate_hz).toBeLessThanOrEqual(31);
  });

  it('adds up what the server dropped', () => {
    const { page, inbox } = rig();
    inbox.hear({ type: 'refused', reasons: { late: 2 } }, 1);
    inbox.hear({ type: 'refused', reasons: { late: 1, lease: 4 } }, 2);
    expect(page.refused).toEqual({ late: 3, lease: 4 });
  });
});

it('whoever is logged out is shown nothing of the robot', () => {
  const { page, inbox } = rig();
  inbox.hear(state(1, 5000), 10);
  inbox.linkIs('login', 'The session has ended');
  expect([page.state, page.welcome]).toEqual([null, null]);
});
