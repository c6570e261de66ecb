import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { PANDA, SimRig, tableScene, toolDown } from '../test/support/sim_rig.ts';
import { SimArm } from './arm.ts';
import { createCannonEngine } from './cannon/index.ts';

const home = PANDA.home_q;

describe('servo of a simulated arm', () => {
  it('follows commanded motion without lag, within the actuators of the robot', () => {
    const rig = new SimRig(tableScene([]));
    const away = toolDown([0.6, -0.2, 0.3], 0.4);
    let error = 0;
    let jump = 0;
    const last = new Float64Array(7);
    let first = true;
    rig.move(away, 500, () => {
      for (let i = 0; i < 7; i++) {
        const torque = rig.engine.tau[i];
        expect(Math.abs(torque)).toBeLessThanOrEqual(PANDA.model.effort_limit[i]);
        if (!first) jump = Math.max(jump, Math.abs(torque - last[i]));
        last[i] = torque;
      }
      first = false;
    });
    for (let i = 0; i < 7; i++) error = Math.max(error, Math.abs(rig.engine.q[i] - away[i]));
    expect(error).toBeLessThan(1e-3);
    expect(jump).toBeLessThanOrEqual(1000 * 0.002 + 1e-9);
  });

  it('stands still at home from the first step', () => {
    const rig = new SimRig(tableScene([]));
    rig.run(500);
    for (let i = 0; i < 8; i++) expect(Math.abs(rig.engine.q[i] - home[i])).toBeLessThan(1e-9);
  });

  it('settles with bounded force wherever it is pressed on the table', () => {
    const rng = createRng(11);
    for (let trial = 0; trial < 12; trial++) {
      const x = rng.range(0.4, 0.65);
      const y = rng.range(-0.25, 0.25);
      const depth = rng.range(0.001, 0.02);
      const yaw = rng.range(-1, 1);
      const above = toolDown([x, y, 0.015], yaw);
      above[7] = 0.02;
      const rig = new SimRig(tableScene([]), above);
      rig.move(toolDown([x, y, -depth], yaw, above), 40 + rng.int(300));
      rig.run(900);
      const speed = Math.max(...rig.engine.v.map(Math.abs));
      const wrench = rig.arm.read().wrench;
      expect(speed, `trial ${trial} at ${x}, ${y}, ${depth} m deep`).toBeLessThan(1e-3);
      expect(Math.hypot(...wrench.subarray(0, 3))).toBeLessThan(600);
    }
  });

  it('comes to rest after stops as hard as the gate makes them, though torques change only so fast', () => {
    const rng = createRng(12);
    for (let trial = 0; trial < 12; trial++) {
      const rig = new SimRig(tableScene([]));
      const { engine, command } = rig;
      const { acceleration } = PANDA.limits;
      const top = acceleration.map(() => rng.range(-0.6, 0.6));
      const cycle = () => {
        for (let i = 0; i < top.length; i++) command.position[i] += command.velocity[i] * engine.dt_s;
        rig.run(1);
      };
      for (let k = 1; k <= 200; k++) {
        for (let i = 0; i < top.length; i++) command.velocity[i] = (top[i] / 2) * (1 - Math.cos((Math.PI * k) / 200));
        cycle();
      }
      let farthest = 0;
      for (let k = 0; k < 500; k++) {
        for (let i = 0; i < top.length; i++) {
          const change = acceleration[i] * engine.dt_s;
          command.velocity[i] -= Math.min(change, Math.max(-change, command.velocity[i]));
        }
        cycle();
        for (let i = 0; i < top.length; i++) {
          farthest = Math.max(farthest, Math.abs(command.position[i] - engine.q[i]));
        }
      }
      expect(farthest, `trial ${trial} from ${top}`).toBeLessThan(0.02);
      expect(Math.max(...engine.v.map(Math.abs)), `trial ${trial} from ${top}`).toBeLessThan(1e-3);
    }
  });
});

describe('gripper of a simulated arm', () => {
  it('closes at its speed, not faster, and opens again', () => {
    const rig = new SimRig(tableScene([]));
    rig.grip(0, 70);
    let fastest = 0;
    rig.run(1000, () => {
      fastest = Math.max(fastest, Math.abs(rig.engine.v[7]));
    });
    expect(2 * fastest).toBeLessThan(0.105);
    expect(rig.engine.q[7]).toBeCloseTo(0, 4);
    rig.grip(0.06, 70);
    rig.run(1000);
    expect(2 * rig.engine.q[7]).toBeCloseTo(0.06, 4);
  });
});

describe('watchdog of a simulated arm', () => {
  it('brakes to a standstill after 20 cycles without a command, and goes on from there only', () => {
    const rig = new SimRig(tableScene([]));
    const { engine, arm, command } = rig;
    for (let k = 1; k <= 200; k++) {
      command.velocity[0] = 0.25 * (1 - Math.cos((Math.PI * k) / 200));
      command.position[0] += command.velocity[0] * engine.dt_s;
      rig.run(1);
    }
    expect(arm.stoppedByWatchdog).toBe(false);
    const silent = (steps: number) => {
      for (let k = 0; k < steps; k++) {
        arm.actuate();
        engine.step();
      }
    };
    silent(19);
    expect(arm.stoppedByWatchdog).toBe(false);
    expect(engine.v[0]).toBeCloseTo(0.5, 2);
    silent(300);
    expect(arm.stoppedByWatchdog).toBe(true);
    expect(Math.abs(engine.v[0])).toBeLessThan(1e-4);
    const rest = engine.q[0];
    command.position[0] += 0.3;
    rig.run(50);
    expect(arm.refused).toBe(50);
    expect(engine.q[0]).toBeCloseTo(rest, 4);
    command.position.set(engine.q.subarray(0, 7));
    command.velocity.fill(0);
    rig.run(50);
    expect(arm.stoppedByWatchdog).toBe(false);
  });

  it('brakes as soon as a command takes the power from its drives, and holds until it has it again', () => {
    const rig = new SimRig(tableScene([]));
    const { engine, arm, command } = rig;
    for (let k = 1; k <= 200; k++) {
      command.velocity[0] = 0.25 * (1 - Math.cos((Math.PI * k) / 200));
      command.position[0] += command.velocity[0] * engine.dt_s;
      rig.run(1);
    }
    command.drives_on = false;
    const speeds: number[] = [];
    rig.run(300, () => {
      // What is commanded no longer counts.
      command.position[0] += 0.001;
      speeds.push(engine.v[0]);
    });
    expect(speeds[25]).toBeLessThan(0.3);
    expect(Math.abs(speeds[299])).toBeLessThan(1e-4);
    const rest = engine.q[0];
    command.drives_on = true;
    command.position.set(engine.q.subarray(0, 7));
    command.velocity.fill(0);
    rig.run(50);
    expect(arm.stoppedByWatchdog).toBe(false);
    expect(engine.q[0]).toBeCloseTo(rest, 4);
  });

  it('takes nothing but what the gate made', () => {
    const engine = createCannonEngine(PANDA, tableScene([]));
    const arm = new SimArm(PANDA, engine);
    const rig = new SimRig(tableScene([]));
    const forged = { ...rig.command };
    // @ts-expect-error a look-alike has no private field
    expect(() => arm.write(forged)).toThrow(TypeError);
  });
});
