import { describe, expect, it } from 'vitest';
import { SimClock, secondsToStamp, stampToSeconds } from './clock.ts';

describe('SimClock', () => {
  it('calls what is due in order of time, then of request, each at its own time', () => {
    const clock = new SimClock();
    const calls: string[] = [];
    const note = (name: string) => () => calls.push(`${name}@${clock.now_ns()}`);
    clock.schedule(20n, note('b'));
    clock.schedule(10n, note('a'));
    clock.schedule(20n, note('c'));
    const cancel = clock.schedule(15n, note('cancelled'));
    cancel();
    clock.advance(19n);
    expect(calls).toEqual(['a@10']);
    clock.advance(25n);
    expect(calls).toEqual(['a@10', 'b@20', 'c@20']);
    expect(clock.now_ns()).toBe(25n);
  });

  it('runs what a timer schedules for the same advance', () => {
    const clock = new SimClock();
    const times: bigint[] = [];
    const again = () => {
      times.push(clock.now_ns());
      if (times.length < 4) clock.schedule(clock.now_ns() + 5n, again);
    };
    clock.schedule(5n, again);
    clock.advance(100n);
    expect(times).toEqual([5n, 10n, 15n, 20n]);
  });

  it('converts seconds to nanoseconds and back', () => {
    for (const k of [0, 1, 499, 5_000_001]) expect(stampToSeconds(secondsToStamp(k * 0.002))).toBe(k * 0.002);
  });
});
