import { afterEach, expect, it } from 'vitest';
import { type DriverName, DriverRig, type DriverRigOptions } from './driver_rig.ts';

/** What a death of the software may last until the arm slows down, s. */
const REACTION_S = 0.1;
/** Part of its speed an arm has lost that slows down. */
const SLOWER = 0.9;
const STANDSTILL = 0.01;
/** Of the drives, after the stop that they were given; and what a watchdog waits, s. */
const SETTLING_S = 0.12;

/** How near an arm comes to what it was sent: path (rad), and acceleration in multiples of the robot's limit. */
export interface DriverPromise {
  readonly path_rad: number;
  readonly acceleration: number;
  /** From a command to the arm, s. */
  readonly delay_s: number;
}

/** What every driver of an arm holds, whatever is behind it. */
export function driverContract(name: DriverName, promise: DriverPromise, options: DriverRigOptions = {}): void {
  let rig: DriverRig | null = null;
  afterEach(() => {
    rig?.close();
    rig = null;
  });
  const start = () => {
    rig = new DriverRig(name, options);
    expect(rig.gate.mode).toBe('automatic');
    expect(rig.driver.phase).toBe('following');
    return rig;
  };
  /** Swings the arm and stops half-way, at full speed. */
  const atSpeed = () => {
    const rig = start();
    rig.swing(1.2, 1.1);
    rig.run(0.55 + promise.delay_s);
    expect(speed(rig)).toBeGreaterThan(1.9);
    return rig;
  };

  it('follows a fast trajectory within its tolerance and ends on it', () => {
    const rig = start();
    rig.swing(1.2, 1.1);
    let worst = 0;
    for (let k = 0; k < 1600; k++) {
      rig.step();
      worst = Math.max(worst, deviation(rig));
    }
    expect(rig.loop.follower.outcome).toBe('done');
    expect(worst).toBeLessThan(promise.path_rad);
    expect(deviation(rig)).toBeLessThan(1e-3);
    expect(rig.gate.reasons).toBe(0);
  });

  it("keeps the arm's limits", () => {
    const rig = start();
    rig.swing(1.2, 1.1);
    rig.run(1.6);
    const { limits } = rig.robot;
    const { history } = rig;
    for (let k = 2; k < history.length; k += 2) {
      const before = history[k - 2];
      history[k].v.forEach((v, i) => {
        expect(Math.abs(v)).toBeLessThan(limits.velocity[i]);
        const a = (v - before.v[i]) / (history[k].t_s - before.t_s);
        expect(Math.abs(a)).toBeLessThan(promise.acceleration * limits.acceleration[i]);
      });
    }
  });

  it('stops an arm whose control thread dies', () => {
    const rig = atSpeed();
    rig.control_alive = false;
    expectStop(rig);
    expect(rig.bridge?.status().braked_for ?? 'commands stopped coming').toMatch(/commands stopped coming/);
  });

  it('stops an arm whose whole control process dies', () => {
    const rig = atSpeed();
    rig.control_alive = false;
    rig.bridge_alive = false;
    expectStop(rig);
  });

  it('leaves an arm at rest when the control process freezes and thaws, until it is taken up again', () => {
    const rig = atSpeed();
    rig.control_alive = false;
    rig.bridge_alive = false;
    rig.run(0.5);
    rig.control_alive = true;
    rig.bridge_alive = true;
    const stood = rig.history.length;
    rig.run(0.5);
    const q = rig.history[stood - 1].q;
    for (const sample of rig.history.slice(stood)) {
      sample.q.forEach((p, i) => {
        expect(Math.abs(p - q[i])).toBeLessThan(2e-3);
      });
    }
    expect(rig.driver.phase).not.toBe('following');
  });

  it('takes up the commands of a loop that starts again, at rest, and those of the one before no more', () => {
    const rig = atSpeed();
    const { driver: old, gate: old_gate } = rig;
    rig.control_alive = false;
    expectStop(rig);
    rig.control_alive = true;
    const { driver, loop } = rig.restarted();
    rig.run(0.4);
    expect(driver.phase).toBe('following');
    rig.swing(-0.5, 1);
    rig.run(1.3);
    expect(loop.follower.outcome).toBe('done');
    const { refused } = driver;
    old.write(old_gate.lastCommand);
    rig.run(0.004);
    expect(driver.refused).toBeGreaterThanOrEqual(refused);
    expect(driver.phase).toBe('following');
    expect(speed(rig)).toBeLessThan(STANDSTILL);
  });

  it('notices an arm that is silent', () => {
    const rig = start();
    expect(rig.driver.silent).toBeLessThan(3);
    rig.silence();
    rig.run(0.05);
    expect(rig.driver.silent).toBeGreaterThan(20);
  });

  it('opens and closes the gripper', () => {
    const rig = start();
    for (const width_m of [0.02, 0.07]) {
      rig.loop.gripper?.start(width_m, 20);
      rig.run(2);
      expect(rig.loop.gripper?.outcome).toBe('reached');
      expect(2 * rig.loop.state.position[rig.robot.arm_joints]).toBeCloseTo(width_m, 3);
    }
  });

  /** From now on the arm slows down within the time promised, comes to rest, and stays there. */
  function expectStop(rig: DriverRig): void {
    const from = rig.history.length - 1;
    const before = speed(rig);
    const stop_s = rig.gate.lastCommand.stop_time_s;
    rig.run(1);
    const after = rig.history.slice(from);
    const slower = after.find(({ v }) => Math.hypot(...v) < SLOWER * before);
    expect((slower?.t_s ?? Number.POSITIVE_INFINITY) - after[0].t_s).toBeLessThan(REACTION_S);
    const moving = after.filter(({ v }) => Math.hypot(...v) > STANDSTILL);
    expect(moving[moving.length - 1].t_s - after[0].t_s).toBeLessThan(promise.delay_s + stop_s + SETTLING_S);
    if (rig.bridge_alive) expect(rig.heard_phase()).toBe('holding');
  }
}

function speed({ history }: DriverRig): number {
  return Math.hypot(...history[history.length - 1].v);
}

/** Greatest distance of the reported arm from what the gate last sent, rad. */
function deviation({ loop, gate, robot }: DriverRig): number {
  let most = 0;
  for (let i = 0; i < robot.arm_joints; i++)
    most = Math.max(most, Math.abs(loop.state.position[i] - gate.lastCommand.position[i]));
  return most;
}
