import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { plainArm } from '../../test/support/plain_arm.ts';
import { StateJumpMonitor } from './state_jump.ts';

const { limits, arm_joints: N } = plainArm();
const names = Array.from({ length: N }, (_, i) => `joint${i + 1}`);
const state = (t_s: number, position: number[]) => ({
  ...{ stamp_ns: BigInt(Math.round(1e9 * t_s)), names, position: Float64Array.from(position) },
  ...{ velocity: new Float64Array(N), effort: new Float64Array(N) },
});

describe('the monitor of jumps', () => {
  it('finds no jump in any motion within the robot’s limits, noise included', () => {
    for (let seed = 0; seed < 100; seed++) {
      const rng = createRng(seed, 'motion');
      const monitor = new StateJumpMonitor(limits, N);
      const q = new Array<number>(N).fill(0);
      let t_s = 1;
      for (let k = 0; k < 100; k++) {
        const dt_s = rng.range(0.001, 0.2);
        t_s += dt_s;
        for (let i = 0; i < N; i++) q[i] += rng.range(-1, 1) * limits.velocity[i] * dt_s;
        monitor.hear(
          state(
            t_s,
            q.map((x) => x + rng.range(-1e-3, 1e-3)),
          ),
          t_s,
        );
        expect(monitor.look(t_s), `seed ${seed}, ${k}`).toBeNull();
      }
    }
  });

  it('finds a joint that is elsewhere at once, names it, and forgets it after 50 ms', () => {
    const monitor = new StateJumpMonitor(limits, N);
    monitor.hear(state(1, new Array<number>(N).fill(0)), 1);
    monitor.hear(state(1.01, [0, 0, 0.1, 0, 0, 0, 0]), 1.01);
    expect(monitor.look(1.01)?.detail).toBe('joint3 moved by 0.100 rad within 10 ms, at most 0.046');
    expect(monitor.look(1.07)).toBeNull();
  });

  it('says nothing of states that are far apart, or older than the one before', () => {
    const monitor = new StateJumpMonitor(limits, N);
    monitor.hear(state(1, new Array<number>(N).fill(0)), 1);
    monitor.hear(state(0.9, new Array<number>(N).fill(1)), 1);
    monitor.hear(state(2, new Array<number>(N).fill(1)), 2);
    expect(monitor.look(2)).toBeNull();
  });
});
