import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { ClockMonitor } from './clock_monitor.ts';

describe('the monitor of clocks', () => {
  it('finds time that goes back and time that goes ahead at once', () => {
    for (const [jump_s, says] of [
      [-0.5, /went back by 0.490 s/],
      [0.2, /went ahead by 0.200 s at once, at most 0.05/],
      [3600, /went ahead by 3600.000 s/],
      [0.04, null],
    ] as const) {
      const monitor = new ClockMonitor(0.05);
      for (let k = 0; k < 100; k++) monitor.hear(1000 + 0.01 * k, 0.01 * k);
      expect(monitor.look(0.99)).toBeNull();
      monitor.hear(1001 + jump_s, 1);
      if (says === null) expect(monitor.look(1)).toBeNull();
      else expect(monitor.look(1)?.detail).toMatch(says);
      monitor.hear(1001.2 + jump_s, 1.2);
      expect(monitor.look(1.2), `${jump_s} s`).toBeNull();
    }
  });

  it('finds no jump in time that lags, stands still and catches up, as that of a simulation does', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'lag');
      const monitor = new ClockMonitor(0.05, 1);
      let bus_s = 0;
      for (let k = 0; k < 500; k++) {
        const now_s = 0.01 * k;
        bus_s = rng.uniform() < 0.3 ? bus_s : Math.max(bus_s, now_s - rng.range(0, 0.5));
        monitor.hear(bus_s, now_s);
        expect(monitor.look(now_s), `seed ${seed}, ${now_s} s`).toBeNull();
      }
    }
  });

  it('does not judge a time that has yet to come', () => {
    const monitor = new ClockMonitor(0.05, 2);
    for (let k = 0; k < 100; k++) monitor.hear(0, 0.01 * k);
    monitor.hear(5000, 1);
    for (let k = 101; k < 400; k++) {
      monitor.hear(5000 + 0.01 * (k - 100) + (k > 150 ? 0.2 : 0), 0.01 * k);
      expect(monitor.look(0.01 * k)).toBeNull();
    }
    monitor.hear(5004, 4);
    expect(monitor.look(4)?.detail).toMatch(/ahead by 0.8/);
  });
});
