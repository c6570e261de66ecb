import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { rotationExp } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { expectStiffness, inAxes, way } from '../test/support/stiffness.ts';
import { TorqueArm } from '../test/support/torque_arm.ts';
import { TorqueRig } from '../test/support/torque_rig.ts';
import { ArmDynamics } from './arm_dynamics.ts';
import { CartesianImpedance, type CartesianImpedanceOptions } from './cartesian_impedance.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;
const K = [800, 1500, 600, 40, 60, 30];

describe('Cartesian impedance', () => {
  it.each(['base', 'tool'] as const)('reaches its stiffness to a twentieth in simulation, axes of the %s', (frame) => {
    expectStiffness(frame, K, 2, 1500);
  });

  it('its springs are the gradient of their potential, for any rotation', () => {
    const rng = createRng(2, 'gradient');
    for (let c = 0; c < 30; c++) {
      const options: Partial<CartesianImpedanceOptions> = {
        stiffness: K,
        frame: c % 2 === 0 ? 'tool' : 'base',
        max_force_N: Infinity,
        max_torque_Nm: Infinity,
      };
      const arm = new ArmDynamics(PANDA);
      const controller = new CartesianImpedance(arm, options);
      const state = new TorqueArm(PANDA).state;
      const tau = new Float64Array(N);
      controller.begin(state);
      rotationExp(rng.range(-1.5, 1.5), rng.range(-1.5, 1.5), rng.range(-1.5, 1.5), controller.target, 0);
      for (let k = 0; k < 3; k++) controller.target[9 + k] += rng.range(-0.2, 0.2);
      const energyAt = (q: Float64Array): number => {
        controller.torque({ ...state, position: q }, tau);
        return controller.springEnergy();
      };
      const axes = options.frame === 'tool' ? controller.target : Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
      energyAt(state.position);
      const spring = controller.spring.slice();
      const J = arm.J.slice();
      for (let i = 0; i < N; i++) {
        const h = 1e-6;
        const q = state.position.slice();
        q[i] += h;
        const above = energyAt(q);
        q[i] -= 2 * h;
        const slope = (above - energyAt(q)) / (2 * h);
        const column = inAxes(
          Float64Array.from(axes),
          Float64Array.from({ length: 6 }, (_, r) => J[r * arm.nq + i]),
        );
        const power = column.reduce((sum, x, r) => sum + x * spring[r], 0);
        expect(power, `case ${c}, joint ${i}`).toBeCloseTo(-slope, 4);
      }
    }
  });

  it('loses energy whatever it is started with, and gains no more than a push gives', () => {
    const rng = createRng(3, 'passivity');
    for (let c = 0; c < 4; c++) {
      const arm = new TorqueArm(
        PANDA,
        PANDA.home_q,
        PANDA.home_q.map((_, i) => (i < N ? rng.range(-1, 1) : 0)),
      );
      const dynamics = new ArmDynamics(PANDA);
      const controller = new CartesianImpedance(dynamics, { stiffness: K, null_stiffness_Nm_rad: 0, frame: 'tool' });
      controller.begin(arm.state);
      const start = arm.kineticEnergy();
      let given = 0;
      let worst = 0;
      const dt = 2e-4;
      for (let k = 0; k < 4000; k++) {
        const t = k * dt;
        controller.torque(arm.state, arm.tau);
        const push = c < 2 ? 0 : 25;
        for (let i = 0; i < N; i++) {
          arm.external[i] = push * Math.sin(15 * t) * dynamics.J[(c % 3) * dynamics.nq + i];
        }
        arm.step(dt);
        for (let i = 0; i < N; i++) given += dt * arm.external[i] * arm.state.velocity[i];
        if (k % 20 === 0) worst = Math.max(worst, arm.kineticEnergy() + controller.springEnergy() - start - given);
      }
      expect(worst, `case ${c}, ${start} J at the start`).toBeLessThan(0.02 * start);
    }
  });

  it('moves its posture without moving the tool', () => {
    const controller = new CartesianImpedance(new ArmDynamics(PANDA), { null_stiffness_Nm_rad: 20 });
    const rig = new TorqueRig(controller, PANDA.home_q, { joint_friction_Nm: 0 });
    rig.run(100);
    const before = rig.pose();
    controller.posture[2] += 0.5;
    let worst = 0;
    rig.run(1500, () => {
      worst = Math.max(worst, Math.hypot(...way(before, rig.pose()).subarray(0, 3)));
    });
    expect(Math.abs(rig.rig.engine.q[2] - PANDA.home_q[2])).toBeGreaterThan(0.1);
    expect(worst, 'm').toBeLessThan(2e-3);
  });

  it('pulls no harder than allowed', () => {
    const controller = new CartesianImpedance(new ArmDynamics(PANDA), { max_force_N: 20, max_torque_Nm: 3 });
    const { state } = new TorqueArm(PANDA);
    controller.begin(state);
    controller.target[9] += 0.5;
    rotationExp(0.1, 1, 0.2, controller.target, 0);
    controller.torque(state, new Float64Array(N));
    expect(Math.hypot(...controller.spring.subarray(0, 3))).toBeCloseTo(20, 9);
    expect(Math.hypot(...controller.spring.subarray(3))).toBeCloseTo(3, 9);
  });

  it('stays finite through singular poses', () => {
    const controller = new CartesianImpedance(new ArmDynamics(PANDA));
    const tau = new Float64Array(N);
    const q = PANDA.home_q.slice();
    q.set([0, 0, 0, -0.0698, 0, 0, 0]);
    const { state } = new TorqueArm(
      PANDA,
      q,
      PANDA.home_q.map(() => 0.3),
    );
    controller.begin(state);
    controller.target[11] -= 0.1;
    controller.torque(state, tau);
    for (const torque of tau) expect(Math.abs(torque)).toBeLessThan(200);
  });

  it('refuses what is no stiffness', () => {
    const arm = new ArmDynamics(PANDA);
    expect(() => new CartesianImpedance(arm, { stiffness: [1, 2, 3, 4, 5, -1] })).toThrow('6 finite numbers');
    expect(() => new CartesianImpedance(arm, { damping_ratio: -1 })).toThrow('damping_ratio -1');
    expect(() => new ArmDynamics(PANDA, 'nowhere')).toThrow('tool frame nowhere');
  });

  it('allocates nothing', () => {
    const controller = new CartesianImpedance(new ArmDynamics(PANDA), { frame: 'tool' });
    const arm = new TorqueArm(PANDA);
    controller.begin(arm.state);
    const run = (count: number) => {
      for (let k = 0; k < count; k++) controller.torque(arm.state, arm.tau);
    };
    run(5000);
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER)).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
