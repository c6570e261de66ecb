import { afterEach, describe, expect, it } from 'vitest';
import { reasonNames } from '../../safety/index.ts';
import { DriverRig, type DriverRigOptions } from '../../test/support/driver_rig.ts';

/** Greatest acceleration that the arm's controller commands on a swing beside the same without any trouble. */
const AS_WITHOUT = 1.2;

describe('the bridge to an arm under ros2_control', () => {
  const rigs: DriverRig[] = [];
  afterEach(() => {
    for (const rig of rigs.splice(0)) rig.close();
  });
  const start = (options: DriverRigOptions = {}) => {
    const rig = new DriverRig('ros2_control', options);
    rigs.push(rig);
    return rig;
  };
  /** A swing, with something done to it half-way; the greatest acceleration commanded, rad/s². */
  const swing = (rig: DriverRig, halfway: () => void = () => {}) => {
    const from = rig.history.length;
    rig.swing(1.2, 1.1);
    rig.run(0.55);
    halfway();
    rig.run(1);
    const rows = rig.history.slice(from);
    let most = 0;
    for (let k = 2; k < rows.length; k++) {
      for (let i = 0; i < rig.robot.arm_joints; i++) {
        const change = rows[k].commanded[i] - 2 * rows[k - 1].commanded[i] + rows[k - 2].commanded[i];
        most = Math.max(most, Math.abs(change) * 1e6);
      }
    }
    return most;
  };
  let without_trouble = 0;
  const plain = () => {
    if (without_trouble === 0) without_trouble = swing(start());
    return without_trouble;
  };

  it('moves the arm as if messages came at once, as long as they are less late than its delay allows', () => {
    const without = plain();
    for (const { publish_hz, delay_s, jitter_s } of [
      { publish_hz: 100, delay_s: 0.04, jitter_s: 0.02 },
      { publish_hz: 100, delay_s: 0.06, jitter_s: 0.03 },
      { publish_hz: 50, delay_s: 0.06, jitter_s: 0.03 },
    ]) {
      const rig = start({ publish_hz, delay_s, jitter_s, seed: 3 });
      expect(swing(rig), `${publish_hz} Hz`).toBeLessThan(AS_WITHOUT * without);
      expect(rig.loop.follower.outcome).toBe('done');
      expect(rig.bridge?.status().jitter_s).toBeLessThan(jitter_s + 2e-3);
      expect(rig.bridge?.status().jitter_s).toBeGreaterThan(0.5 * jitter_s);
    }
  });

  it('says so when messages come later than that', () => {
    const rig = start({ delay_s: 0.03, jitter_s: 0.03 });
    expect(rig.bridge?.status().problem).toBe('');
    expect(rig.bridge?.status().warning).toMatch(/messages come up to \d+ ms late: delay_s 0.03 should be 0.04/);
  });

  it('does without messages that are lost', () => {
    const rig = start({ delay_s: 0.08, arm: { faults: { drop_commands: 0.3, drop_states: 0.3 } } });
    expect(swing(rig)).toBeLessThan(AS_WITHOUT * plain());
    expect(rig.loop.follower.outcome).toBe('done');
  });

  it('makes up for a turn that is late by less than the delay, unseen', () => {
    const rig = start();
    const late = () => {
      rig.bridge_alive = false;
      rig.run(0.025);
      rig.bridge_alive = true;
    };
    expect(swing(rig, late)).toBeLessThan(AS_WITHOUT * plain());
    expect(rig.loop.follower.outcome).toBe('done');
  });

  it('lets the arm stop when it is later than that, without a jump', () => {
    const rig = start();
    const late = () => {
      rig.bridge_alive = false;
      rig.run(0.055);
      rig.bridge_alive = true;
    };
    const most = swing(rig, late);
    // The stop may use the whole of the gate's acceleration limit, which the swing does not.
    expect(most).toBeLessThan(1.3 * Math.max(...rig.robot.limits.acceleration.subarray(0, 7)));
    expect(rig.bridge?.status().braked_for).toMatch(/the bridge was \d+ ms late/);
    expect(rig.driver.phase).toBe('holding');
  });

  it('works with an arm whose clock is another', () => {
    const without = plain();
    for (const clock_offset_s of [0.5, -3, 0.01]) {
      const rig = start({ arm: { faults: { clock_offset_s } } });
      expect(swing(rig), `${clock_offset_s} s`).toBeLessThan(AS_WITHOUT * without);
      expect(rig.loop.follower.outcome).toBe('done');
      expect(Math.abs((rig.bridge?.status().clock_offset_s ?? 0) - clock_offset_s)).toBeLessThan(0.002);
    }
  });

  it('does not hide from the gate that a joint is held fast', () => {
    const rig = start();
    swing(rig, () => {
      if (rig.stand_in !== null) rig.stand_in.hardware.blocked = 0;
    });
    expect(rig.gate.mode).not.toBe('automatic');
    expect(reasonNames(rig.gate.latchedReasons)).toContain('tracking_error');
  });

  it('brings states forward to the newest command, and says by how much', () => {
    const rig = start({ delay_s: 0.08 });
    rig.swing(1.2, 1.1);
    let worst = 0;
    for (let k = 0; k < 1000; k++) {
      rig.step();
      for (let i = 0; i < rig.robot.arm_joints; i++)
        worst = Math.max(worst, Math.abs(rig.loop.state.position[i] - rig.gate.lastCommand.position[i]));
    }
    // As measured it would be 80 ms behind at over 2 rad/s.
    expect(worst).toBeLessThan(0.005);
    expect(rig.bridge?.status().compensated_s).toBeGreaterThan(0.075);
    expect(rig.bridge?.status().compensated_s).toBeLessThan(0.09);
  });

  it('takes up nothing without joint states, and says what it waits for', () => {
    const rig = start();
    rig.silence();
    rig.run(0.3);
    expect(rig.bridge?.status()).toMatchObject({ phase: 'braking' });
    expect(rig.bridge?.status().problem).toMatch(/no joint states on \/joint_states for 0\.\d+ s/);
  });

  it('ends with the arm at rest when it is deactivated', () => {
    const rig = start();
    const most = swing(rig, () => rig.bridge?.deactivate());
    expect(most).toBeLessThan(1.3 * Math.max(...rig.robot.limits.acceleration.subarray(0, 7)));
    expect(Math.hypot(...rig.history[rig.history.length - 1].v)).toBeLessThan(0.01);
  });
});
