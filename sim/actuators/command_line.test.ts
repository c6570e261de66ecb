import { describe, expect, it } from 'vitest';
import { armRig } from '../../test/support/arm_rig.ts';

/** Positions of joint 1 after every cycle of a motion that begins at once. */
function response(latency_cycles: number): number[] {
  const rig = armRig({ latency_cycles });
  const seen: number[] = [];
  for (let k = 1; k <= 300; k++) {
    rig.command.velocity[0] = 0.3 * Math.sin(0.02 * k);
    rig.command.position[0] += rig.command.velocity[0] * rig.engine.dt_s;
    rig.run(1);
    seen.push(rig.engine.q[0]);
  }
  return seen;
}

describe('latency of commands', () => {
  it('shifts the response by exactly so many cycles', () => {
    const prompt = response(0);
    for (const n of [1, 5, 12]) {
      const late = response(n);
      const error = (shift: number) => Math.max(...late.slice(20).map((q, k) => Math.abs(q - prompt[20 + k - shift])));
      expect(error(n), `${n} cycles`).toBeLessThan(1e-9);
      expect(error(n - 1)).toBeGreaterThan(1e-5);
      expect(error(n + 1)).toBeGreaterThan(1e-5);
    }
  });

  it('delays the gripper, but not the loss of power', () => {
    const rig = armRig({ latency_cycles: 10 });
    rig.grip(0.02, 70);
    rig.run(10);
    const before = rig.engine.q[7];
    rig.run(5);
    expect(rig.engine.q[7]).toBeLessThan(before);
    rig.command.drives_on = false;
    rig.run(1);
    expect(rig.arm.stoppedByWatchdog).toBe(true);
    rig.command.drives_on = true;
    rig.run(10);
    expect(rig.arm.stoppedByWatchdog).toBe(true);
    rig.run(1);
    expect(rig.arm.stoppedByWatchdog).toBe(false);
  });

  it('beyond the patience of the watchdog leaves the arm braked, until the first command has come through', () => {
    const rig = armRig({ latency_cycles: 30, watchdog_cycles: 20 });
    rig.run(25);
    expect(rig.arm.stoppedByWatchdog).toBe(true);
    rig.run(10);
    expect(rig.arm.stoppedByWatchdog).toBe(false);
  });
});
