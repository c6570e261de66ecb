import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { RosClock } from './ros_clock.ts';

const MS = 1_000_000n;
const nobody = (error: unknown) => {
  throw error;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'hrtime'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('system time', () => {
  it('is the wall clock, and never goes back between its steps', () => {
    const clock = new RosClock(false, nobody);
    const start_ns = clock.now_ns();
    expect(start_ns / MS).toBe(BigInt(Date.now()));
    vi.advanceTimersByTime(1234);
    expect(clock.now_ns() - start_ns).toBe(1234n * MS);
  });

  it('follows when the wall clock is set', () => {
    const clock = new RosClock(false, nobody);
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(clock.now_ns() / MS).toBe(BigInt(Date.now()));
  });

  it('calls what is scheduled in order of time, then of request, and never early', () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = createRng(seed, 'timers');
      const clock = new RosClock(false, nobody);
      const begin_ns = clock.now_ns();
      const due: { at: number; n: number }[] = [];
      const called: { at: number; n: number }[] = [];
      for (let n = 0; n < 40; n++) {
        const at = Math.floor(rng.range(-2, 30));
        const entry = { at, n };
        const cancel = clock.schedule(begin_ns + BigInt(at) * MS, () => {
          expect(clock.now_ns(), `seed ${seed}`).toBeGreaterThanOrEqual(begin_ns + BigInt(at) * MS);
          called.push(entry);
        });
        if (rng.range(0, 1) < 0.2) cancel();
        else due.push(entry);
      }
      vi.advanceTimersByTime(40);
      due.sort((a, b) => a.at - b.at || a.n - b.n);
      expect(called, `seed ${seed}`).toEqual(due);
    }
  });

  it('lets a chain of timers for now give way to others', () => {
    const clock = new RosClock(false, nobody);
    let chained = 0;
    const again = () => {
      chained++;
      clock.schedule(clock.now_ns(), again);
    };
    clock.schedule(clock.now_ns(), again);
    vi.advanceTimersToNextTimer();
    vi.advanceTimersToNextTimer();
    expect(chained).toBe(2);
    clock.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on when a callback throws', () => {
    const errors: unknown[] = [];
    const clock = new RosClock(false, (error) => errors.push(error));
    let called = 0;
    clock.schedule(0n, () => {
      throw new Error('broke');
    });
    clock.schedule(0n, () => called++);
    vi.advanceTimersByTime(1);
    expect(called).toBe(1);
    expect(errors).toEqual([new Error('broke')]);
  });
});

describe('simulated time', () => {
  it('is 0 until it begins, and stands still while nothing comes', () => {
    const clock = new RosClock(true, nobody);
    let called = 0;
    clock.schedule(50n * MS, () => called++);
    expect(clock.now_ns()).toBe(0n);
    vi.advanceTimersByTime(10_000);
    expect(called).toBe(0);
    clock.tick(40n * MS);
    expect(called).toBe(0);
    clock.tick(60n * MS);
    expect(called).toBe(1);
    expect(clock.now_ns()).toBe(60n * MS);
  });

  it('calls what is already due in the next turn', () => {
    const clock = new RosClock(true, nobody);
    clock.tick(100n * MS);
    let called = 0;
    clock.schedule(100n * MS, () => called++);
    expect(called).toBe(0);
    vi.advanceTimersByTime(0);
    expect(called).toBe(1);
  });

  it('leaves timers what was left to them when time jumps back, and says so', () => {
    let jumps = 0;
    const clock = new RosClock(true, nobody, () => jumps++);
    clock.tick(10_000n * MS);
    const called: bigint[] = [];
    clock.schedule(10_020n * MS, () => called.push(clock.now_ns()));
    clock.tick(10_010n * MS);
    clock.tick(0n);
    expect(jumps).toBe(1);
    clock.tick(9n * MS);
    expect(called).toEqual([]);
    clock.tick(10n * MS);
    expect(called).toEqual([10n * MS]);
  });

  it('can be left for system time and taken up again', () => {
    const clock = new RosClock(true, nobody);
    clock.tick(5n * MS);
    let called = 0;
    clock.schedule(25n * MS, () => called++);
    clock.useSimTime = false;
    vi.advanceTimersByTime(19);
    expect(called).toBe(0);
    vi.advanceTimersByTime(2);
    expect(called).toBe(1);
    clock.useSimTime = true;
    expect(clock.now_ns()).toBe(5n * MS);
  });
});
