import { describe, expect, it } from 'vitest';
import { HOLD_MARGIN_MS, HoldWatch, REST_RAD_S, SLOWING_MS } from './hold_watch.ts';

/** Watches an arm whose speed (rad/s) is told by the time since it was let go, ms. */
function watched(speedAt: (t_ms: number) => number, stop_time_s = 0.3, age_ms = 10) {
  const watch = new HoldWatch();
  watch.begin(1000, { speed_rad_s: speedAt(0), age_ms: 0 }, stop_time_s);
  for (let t_ms = 0; t_ms <= 3000; t_ms += 10) {
    watch.step(1000 + t_ms, { speed_rad_s: speedAt(t_ms), age_ms });
    if (watch.state !== 'slowing') return { ...{ state: watch.state, reason: watch.reason }, t_ms };
  }
  return { state: watch.state, reason: watch.reason, t_ms: 3000 };
}

const ramp = (from: number, in_ms: number) => (t_ms: number) => Math.max(0, from * (1 - t_ms / in_ms));

describe('a hold', () => {
  it('is kept by an arm that slows down and stays at rest', () => {
    expect(watched(ramp(0.5, 300))).toMatchObject({ state: 'still', reason: '' });
    expect(watched(() => 0)).toMatchObject({ state: 'still', t_ms: 100 });
    // still speeding up when it is let go, as a limited jerk has it
    const late = (t_ms: number) => (t_ms < 80 ? 0.3 + t_ms / 1000 : ramp(0.38, 300)(t_ms - 80));
    expect(watched(late).state).toBe('still');
  });

  it('fails at once when the arm does not slow down, sooner than by its stop time', () => {
    for (const speed_rad_s of [REST_RAD_S, 0.05, 0.3, 2]) {
      const failed = watched(() => speed_rad_s, 5);
      expect(failed).toMatchObject({ state: 'failed', reason: expect.stringContaining('has not slowed down') });
      expect(failed.t_ms).toBe(SLOWING_MS + 10);
    }
    expect(watched((t_ms) => 0.1 + t_ms / 1000, 5).state).toBe('failed');
  });

  it('fails when standstill takes longer than the stop time and its margin', () => {
    for (const stop_time_s of [0.1, 0.5, 1.2]) {
      const failed = watched(ramp(0.5, 10_000), stop_time_s);
      expect(failed).toMatchObject({ state: 'failed', reason: expect.stringContaining('still moves') });
      expect(failed.t_ms).toBe(1000 * stop_time_s + HOLD_MARGIN_MS + 10);
    }
  });

  it('fails when nobody sees the arm stop', () => {
    expect(watched(() => 0, 0.3, 400)).toMatchObject({ state: 'failed', reason: expect.stringContaining('seen') });
  });

  it('is not kept by an arm that only passes through rest', () => {
    const swing = (t_ms: number) => 0.3 * Math.abs(Math.cos(t_ms / 100));
    expect(watched(swing).state).toBe('failed');
  });

  it('watches nothing once it has ended', () => {
    const watch = new HoldWatch();
    watch.begin(0, { speed_rad_s: 1, age_ms: 0 }, 0.1);
    watch.end();
    expect(watch.step(5000, { speed_rad_s: 1, age_ms: 0 })).toBe('none');
  });
});
