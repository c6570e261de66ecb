import { describe, expect, it } from 'vitest';
import { StopState } from './stop_state.ts';

function pressed(): StopState {
  const state = new StopState(41);
  expect(state.press(1000)).toBe(42);
  return state;
}
const say = (state: StopState, phase: 'taken' | 'stopping' | 'standstill' | 'failed', id = state.id) =>
  state.hear({ id, phase, detail: 'why', ...(phase === 'standstill' ? { travel_m: 0.01 } : {}) });

describe('a press of Stop', () => {
  it('goes from sent to standstill, and says how far the tool went', () => {
    const state = pressed();
    const phases = [state.phase];
    for (const phase of ['taken', 'stopping', 'standstill'] as const) {
      say(state, phase);
      phases.push(state.phase);
    }
    expect(phases).toEqual(['sent', 'taken', 'stopping', 'standstill']);
    expect(state.travel_m).toBe(0.01);
    expect(state.active).toBe(false);
  });

  it('is sent again, by the other way too, once it was not taken for 100 ms, and until it is taken', () => {
    const state = pressed();
    const tries = Array.from({ length: 200 }, (_, i) => 1000 + 10 * i).filter((now_ms) => state.turn(now_ms));
    expect(tries).toEqual([1100, 1500, 1900, 2300, 2700]);
    say(state, 'taken');
    expect(state.turn(3500)).toBe(false);
  });

  it.each([
    ['nobody takes it', [], 301],
    ['it is taken and nothing more comes', ['taken'], 601],
    ['the arm does not come to rest', ['taken', 'stopping'], 3001],
  ] as const)('is not confirmed when %s', (_, heard, after_ms) => {
    const state = pressed();
    for (const phase of heard) say(state, phase);
    state.turn(1000 + after_ms - 2);
    expect(state.phase).not.toBe('unconfirmed');
    state.turn(1000 + after_ms);
    expect(state.phase).toBe('unconfirmed');
    say(state, 'standstill');
    expect(state.phase).toBe('standstill');
  });

  it('that failed is not confirmed, whatever time has passed', () => {
    const state = pressed();
    say(state, 'failed');
    expect([state.phase, state.detail]).toEqual(['unconfirmed', 'why']);
    state.turn(1010);
    expect(state.phase).toBe('unconfirmed');
  });

  it('believes nothing that is said of an older press, and does not go back', () => {
    const state = pressed();
    say(state, 'stopping');
    say(state, 'taken');
    expect(state.phase).toBe('stopping');
    state.press(2000);
    say(state, 'standstill', 42);
    expect(state.phase).toBe('sent');
  });

  it('gives up after ten seconds, but stays unconfirmed', () => {
    const state = pressed();
    state.turn(11_001);
    expect(state.turn(11_500)).toBe(false);
    expect(state.phase).toBe('unconfirmed');
  });

  it('is forgotten when the stop was reset, unless it is on its way', () => {
    const state = pressed();
    state.rearm();
    expect(state.phase).toBe('sent');
    say(state, 'standstill');
    state.rearm();
    expect(state.phase).toBe('idle');
  });
});
