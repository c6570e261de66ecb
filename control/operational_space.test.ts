import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { TorqueArm } from '../test/support/torque_arm.ts';
import { ArmDynamics } from './arm_dynamics.ts';
import { OperationalSpace } from './operational_space.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;

describe('operational-space control', () => {
  it('gives the tool the acceleration asked for, whatever the posture wants', () => {
    const rng = createRng(1, 'operational space');
    for (let c = 0; c < 40; c++) {
      const arm = new TorqueArm(
        PANDA,
        PANDA.home_q.map((q, i) => (i < N ? q + rng.range(-0.4, 0.4) : q)),
        PANDA.home_q.map((_, i) => (i < N ? rng.range(-1, 1) : 0)),
      );
      const dynamics = new ArmDynamics(PANDA);
      const controller = new OperationalSpace(dynamics, { null_stiffness_per_s2: c % 2 === 0 ? 100 : 0 });
      controller.begin(arm.state);
      for (let i = 0; i < N; i++) controller.posture[i] += rng.range(-1, 1);
      dynamics.update(arm.state.position, arm.state.velocity);
      dynamics.updateTool(arm.state.velocity);
      controller.twist_d.set(dynamics.twist);
      for (let r = 0; r < 6; r++) controller.acceleration_d[r] = rng.range(-5, 5);
      controller.torque(arm.state, arm.tau);
      const qdd = arm.accelerations();
      // The tool's acceleration by differences of its velocity along the motion.
      const twistAt = (t: number): Float64Array => {
        const q = arm.state.position.map((x, i) => x + t * arm.state.velocity[i] + (t * t * qdd[i]) / 2);
        const v = arm.state.velocity.map((x, i) => x + t * qdd[i]);
        const at = new ArmDynamics(PANDA);
        at.update(q, v);
        at.updateTool(v);
        return at.twist;
      };
      const [after, before] = [twistAt(1e-5), twistAt(-1e-5)];
      for (let r = 0; r < 6; r++) {
        const found = (after[r] - before[r]) / 2e-5;
        // The mobility is damped a little, for singular poses.
        expect(Math.abs(found - controller.acceleration_d[r]), `case ${c}, row ${r}`).toBeLessThan(0.1);
      }
    }
  });

  it('follows a circle in space within 0.1 mm while the posture changes', () => {
    const arm = new TorqueArm(PANDA);
    const controller = new OperationalSpace(new ArmDynamics(PANDA));
    controller.begin(arm.state);
    const centre = controller.target.slice(9);
    const dt = 1e-3;
    const w = 4;
    let worst = 0;
    const dynamics = new ArmDynamics(PANDA);
    for (let k = 0; k < 3000; k++) {
      const t = k * dt;
      // A radius that grows from rest.
      const [r, rd, rdd] = t < 1 ? [0.05 * t * t, 0.1 * t, 0.1] : [0.05 + 0.1 * (t - 1) * Math.exp(-2 * (t - 1)), 0, 0];
      const rate = t < 1 ? rd : 0.1 * Math.exp(-2 * (t - 1)) * (1 - 2 * (t - 1));
      const second = t < 1 ? rdd : 0.1 * Math.exp(-2 * (t - 1)) * (-4 + 4 * (t - 1));
      const [s, co] = [Math.sin(w * t), Math.cos(w * t)];
      const set = (i: number, x: number, xd: number, xdd: number) => {
        controller.target[9 + i] = centre[i] + r * x;
        controller.twist_d[i] = rate * x + r * xd;
        controller.acceleration_d[i] = second * x + 2 * rate * xd + r * xdd;
      };
      set(1, s, w * co, -w * w * s);
      set(2, co, -w * s, -w * w * co);
      controller.posture[2] = 0.4 * Math.sin(t);
      dynamics.update(arm.state.position, arm.state.velocity);
      worst = Math.max(worst, Math.hypot(...[9, 10, 11].map((i) => dynamics.pose[i] - controller.target[i])));
      controller.torque(arm.state, arm.tau);
      arm.step(dt);
    }
    expect(worst, 'm').toBeLessThan(5e-4);
  });

  it('turns to a pose that is π away', () => {
    const arm = new TorqueArm(PANDA);
    const controller = new OperationalSpace(new ArmDynamics(PANDA), { stiffness_per_s2: 25, damping_per_s: 10 });
    controller.begin(arm.state);
    const { target } = controller;
    for (const k of [0, 1, 3, 4, 6, 7]) target[k] = -target[k];
    for (let k = 0; k < 100; k++) {
      controller.torque(arm.state, arm.tau);
      arm.step(1e-3);
    }
    for (const torque of arm.tau) expect(Number.isFinite(torque)).toBe(true);
    expect(Math.abs(arm.state.velocity[6])).toBeGreaterThan(0.3);
  });

  it('allocates nothing', () => {
    const controller = new OperationalSpace(new ArmDynamics(PANDA));
    const arm = new TorqueArm(PANDA);
    controller.begin(arm.state);
    const run = (count: number) => {
      for (let k = 0; k < count; k++) controller.torque(arm.state, arm.tau);
    };
    run(5000);
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER)).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
