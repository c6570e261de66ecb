import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { TorqueArm } from '../test/support/torque_arm.ts';
import { TorqueRig } from '../test/support/torque_rig.ts';
import { ArmDynamics } from './arm_dynamics.ts';
import { DEFAULT_JOINT_IMPEDANCE, JointImpedance } from './joint_impedance.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;
const K = DEFAULT_JOINT_IMPEDANCE.stiffness_Nm_rad;

describe('joint impedance', () => {
  it('at its target is the weight and the velocity forces of the arm', () => {
    const rng = createRng(1, 'joint impedance');
    const controller = new JointImpedance(new ArmDynamics(PANDA));
    const data = new RobotData(PANDA.model);
    for (let c = 0; c < 20; c++) {
      const arm = new TorqueArm(
        PANDA,
        PANDA.home_q.map((q, i) => (i < N ? q + rng.range(-0.5, 0.5) : q)),
        PANDA.home_q.map((_, i) => (i < N ? rng.range(-1, 1) : 0)),
      );
      controller.begin(arm.state);
      controller.v_d.set(arm.state.velocity.subarray(0, N));
      controller.torque(arm.state, arm.tau);
      const h = new Float64Array(PANDA.model.nq);
      forwardKinematics(PANDA.model, data, arm.state.position);
      rnea(PANDA.model, data, arm.state.velocity, null, h);
      for (let i = 0; i < N; i++) expect(arm.tau[i], `case ${c}`).toBeCloseTo(h[i], 9);
    }
  });

  it('gives way to a wrench by Jᵀ F / K in simulation', () => {
    const arm = new ArmDynamics(PANDA);
    const rig = new TorqueRig(new JointImpedance(arm));
    rig.run(300);
    rig.push.set([20, -15, 25, 0, 0, 0]);
    rig.run(1500);
    const { q, v } = rig.rig.engine;
    expect(Math.max(...v.map(Math.abs))).toBeLessThan(1e-3);
    arm.update(q, v);
    arm.updateTool(v);
    for (let i = 0; i < N; i++) {
      let torque = 0;
      for (let r = 0; r < 3; r++) torque += arm.J[r * arm.nq + i] * rig.push[r];
      // Dry friction of 0.2 Nm holds a joint that far from where its spring would be.
      const turned = K[i] * (q[i] - PANDA.home_q[i]);
      expect(Math.abs(turned - torque), `joint ${i + 1}: ${torque} Nm`).toBeLessThan(0.05 * Math.abs(torque) + 0.21);
    }
  });

  it('loses energy whatever it is started with', () => {
    const rng = createRng(2, 'joint impedance');
    for (let c = 0; c < 10; c++) {
      const arm = new TorqueArm(
        PANDA,
        PANDA.home_q.map((q, i) => (i < N ? q + rng.range(-0.4, 0.4) : q)),
        PANDA.home_q.map((_, i) => (i < N ? rng.range(-1.5, 1.5) : 0)),
      );
      const controller = new JointImpedance(new ArmDynamics(PANDA), { damping_ratio: 0.3 });
      controller.q_d.set(PANDA.home_q.subarray(0, N));
      const energy = () =>
        arm.kineticEnergy() +
        K.reduce((sum, k, i) => sum + (k / 2) * (arm.state.position[i] - PANDA.home_q[i]) ** 2, 0);
      const start = energy();
      let before = start;
      for (let k = 0; k < 2000; k++) {
        controller.torque(arm.state, arm.tau);
        arm.step(2e-4);
        if (k % 50 !== 0) continue;
        const now = energy();
        expect(now, `case ${c}, step ${k}`).toBeLessThan(before + 1e-3 * start);
        before = now;
      }
      expect(before).toBeLessThan(0.5 * start);
    }
  });

  it('refuses what is no stiffness', () => {
    const arm = new ArmDynamics(PANDA);
    expect(() => new JointImpedance(arm, { stiffness_Nm_rad: [1, 2] })).toThrow('7 finite numbers');
    expect(() => new JointImpedance(arm, { damping_ratio: Number.NaN })).toThrow('damping_ratio NaN');
  });

  it('allocates nothing', () => {
    const controller = new JointImpedance(new ArmDynamics(PANDA));
    const arm = new TorqueArm(PANDA);
    controller.begin(arm.state);
    const run = (count: number) => {
      for (let k = 0; k < count; k++) controller.torque(arm.state, arm.tau);
    };
    run(5000);
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER)).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
