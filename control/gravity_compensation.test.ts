import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { BOXED_NUMBER, bytesPerCall } from '../test/support/heap.ts';
import { TorqueArm } from '../test/support/torque_arm.ts';
import { ArmDynamics } from './arm_dynamics.ts';
import { GravityCompensation } from './gravity_compensation.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;
const DAMPING = 0.7;

describe('gravity compensation', () => {
  it('is the weight and the velocity forces of the arm, less its damping', () => {
    const rng = createRng(1, 'gravity compensation');
    const controller = new GravityCompensation(new ArmDynamics(PANDA), DAMPING);
    const data = new RobotData(PANDA.model);
    const tau = new Float64Array(PANDA.model.nq);
    for (let c = 0; c < 20; c++) {
      const moving = c % 2 === 1;
      const arm = new TorqueArm(
        PANDA,
        PANDA.home_q.map((q, i) => (i < N ? q + rng.range(-0.5, 0.5) : q)),
        PANDA.home_q.map((_, i) => (i < N && moving ? rng.range(-1, 1) : 0)),
      );
      controller.torque(arm.state, arm.tau);
      forwardKinematics(PANDA.model, data, arm.state.position);
      rnea(PANDA.model, data, arm.state.velocity, null, tau);
      for (let i = 0; i < N; i++) {
        expect(arm.tau[i], `case ${c}`).toBeCloseTo(tau[i] - DAMPING * arm.state.velocity[i], 9);
      }
    }
  });

  it('allocates nothing, with a payload or without', () => {
    const dynamics = new ArmDynamics(PANDA);
    const controller = new GravityCompensation(dynamics);
    const arm = new TorqueArm(PANDA);
    const run = (count: number) => {
      for (let k = 0; k < count; k++) controller.torque(arm.state, arm.tau);
    };
    run(10_000);
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER)).toBeLessThanOrEqual(BOXED_NUMBER);
    dynamics.setPayload({ mass_kg: 1.2, com_m: [0, 0.01, 0.05] });
    expect(bytesPerCall(2000, run, 40, BOXED_NUMBER)).toBeLessThanOrEqual(BOXED_NUMBER);
  });
});
