import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { PeriodMonitor } from './period_monitor.ts';

const create = (limits = {}) =>
  new PeriodMonitor('joint_states_late', 'joint states', { silence_s: 0.05, age_s: 0.04, ...limits });

describe('the monitor of periods', () => {
  it('waits for what was never heard', () => {
    expect(create().look(100)).toBeNull();
  });

  it('finds silence when it is too long and not before, and nothing once there is a message again', () => {
    const monitor = create();
    monitor.hear(1);
    expect(monitor.look(1.05)).toBeNull();
    expect(monitor.look(1.051)).toEqual({ fault: 'joint_states_late', detail: 'no joint states for over 50 ms' });
    monitor.hear(1.06);
    expect(monitor.look(1.06)).toBeNull();
    monitor.forget();
    expect(monitor.look(2)).toBeNull();
  });

  it('finds a message that was on its way for too long, for as long as somebody needs to see it', () => {
    const monitor = create();
    monitor.hear(1, 0.039);
    expect(monitor.look(1)).toBeNull();
    monitor.hear(1.01, 0.2);
    monitor.hear(1.02, 0);
    expect(monitor.look(1.03)?.detail).toBe('joint states came 200 ms late, at most 40');
    monitor.hear(1.06, 0);
    expect(monitor.look(1.065)).toBeNull();
  });

  it('finds messages that come at once, and not those that come evenly', () => {
    const monitor = create({ burst: { messages: 10, window_s: 0.05 } });
    for (let k = 0; k < 100; k++) {
      monitor.hear(0.01 * k);
      expect(monitor.look(0.01 * k)).toBeNull();
    }
    for (let k = 0; k < 6; k++) monitor.hear(1.04);
    expect(monitor.look(1.04)).toBeNull();
    for (let k = 0; k < 6; k++) monitor.hear(1.045);
    expect(monitor.look(1.05)?.detail).toBe('11 of joint states came at once, at most 10 in 50 ms');
  });

  it('has no false finding while the jitter of a period stays within the limit', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'jitter');
      const monitor = create({ burst: { messages: 12, window_s: 0.05 } });
      let last_s = 0;
      for (let k = 0; k < 200; k++) {
        const at_s = Math.max(last_s, 0.01 * k + rng.range(0, 0.03));
        for (let t = last_s; t <= at_s; t += 0.002) expect(monitor.look(t), `seed ${seed}, ${t} s`).toBeNull();
        monitor.hear(at_s, at_s - 0.01 * k);
        last_s = at_s;
      }
    }
  });
});
