import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import { loadRobot, withPayload } from '../robots/index.ts';
import { TorqueArm } from '../test/support/torque_arm.ts';
import { ArmDynamics } from './arm_dynamics.ts';
import { GravityCompensation } from './gravity_compensation.ts';
import { PayloadIdentification } from './payload_identification.ts';
import { TaskSpace } from './task_space.ts';

const PANDA = loadRobot('panda');
const N = PANDA.arm_joints;

const BASE = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

describe('arm dynamics', () => {
  it('gives the tool’s acceleration at unaccelerated joints as its velocity changes along the motion', () => {
    const rng = createRng(1, 'bias acceleration');
    const arm = new ArmDynamics(PANDA);
    const twistAt = (q: Float64Array, v: Float64Array): Float64Array => {
      arm.update(q, v);
      arm.updateTool(v);
      return arm.twist.slice();
    };
    for (let c = 0; c < 50; c++) {
      const q = PANDA.home_q.map((home, i) => (i < N ? home + rng.range(-1, 1) : home));
      const v = q.map((_, i) => (i < N ? rng.range(-2, 2) : 0));
      const h = 1e-5;
      const step = (t: number) => q.map((x, i) => x + t * v[i]);
      const [after, before] = [twistAt(step(h), v), twistAt(step(-h), v)];
      const found = new Float64Array(6);
      twistAt(q, v);
      arm.toolBiasAcceleration(found);
      for (let r = 0; r < 6; r++) {
        expect(found[r], `case ${c}, row ${r}`).toBeCloseTo((after[r] - before[r]) / (2 * h), 4);
      }
    }
  });

  it('takes up a payload, and leaves it', () => {
    const arm = new ArmDynamics(PANDA);
    const { state } = new TorqueArm(PANDA);
    const payload = { mass_kg: 1.3, com_m: [0.01, 0.02, 0.05] as const };
    const weight = (model: typeof PANDA.model) => {
      const data = new RobotData(model);
      const out = new Float64Array(model.nq);
      forwardKinematics(model, data, state.position);
      rnea(model, data, null, null, out);
      return out;
    };
    arm.setPayload(payload);
    arm.update(state.position, state.velocity);
    expect([...arm.bias]).toEqual([...weight(withPayload(PANDA, payload).model)]);
    arm.setPayload(null);
    arm.update(state.position, state.velocity);
    expect([...arm.bias]).toEqual([...weight(PANDA.model)]);
  });

  it('floats with a payload that it was told of, once that was identified, and sinks before', () => {
    const loaded = withPayload(PANDA, { mass_kg: 1.8, com_m: [0.02, 0, 0.06] });
    const identification = new PayloadIdentification(PANDA);
    const rng = createRng(2, 'poses');
    const data = new RobotData(loaded.model);
    for (let k = 0; k < 6; k++) {
      const q = PANDA.home_q.map((home, i) => home + (i < N ? rng.range(-0.6, 0.6) : 0));
      const tau = new Float64Array(loaded.model.nq);
      forwardKinematics(loaded.model, data, q);
      rnea(loaded.model, data, null, null, tau);
      identification.addTorques(q, new Float64Array(q.length), null, tau);
    }
    for (const knows of [true, false]) {
      const arm = new TorqueArm(loaded);
      const dynamics = new ArmDynamics(PANDA);
      if (knows) dynamics.setPayload(identification.estimate().payload);
      const controller = new GravityCompensation(dynamics);
      for (let k = 0; k < 500; k++) {
        controller.torque(arm.state, arm.tau);
        arm.step(1e-3);
      }
      const moved = Math.max(...arm.state.position.map((q, i) => Math.abs(q - PANDA.home_q[i])));
      if (knows) expect(moved).toBeLessThan(1e-6);
      else expect(moved).toBeGreaterThan(0.1);
    }
  });
});

describe('task space', () => {
  it('its null space does not accelerate the tool, and its inertia is what accelerates it', () => {
    const rng = createRng(3, 'task space');
    const arm = new ArmDynamics(PANDA);
    const task = new TaskSpace(arm);
    for (let c = 0; c < 30; c++) {
      const robot = new TorqueArm(
        PANDA,
        PANDA.home_q.map((home, i) => (i < N ? home + rng.range(-0.5, 0.5) : home)),
      );
      const { position, velocity } = robot.state;
      arm.update(position, velocity);
      arm.updateInertia();
      arm.updateTool(velocity);
      task.update(BASE);
      const wanted = Float64Array.from({ length: 6 }, () => rng.range(-3, 3));
      const force = wanted.slice();
      task.multiplyInertia(force);
      robot.tau.set(arm.bias.subarray(0, N));
      task.addForce(force, robot.tau);
      task.addNullSpace(
        Float64Array.from({ length: arm.nq }, (_, i) => (i < N ? rng.range(-10, 10) : 0)),
        robot.tau,
      );
      const qdd = robot.accelerations();
      for (let r = 0; r < 6; r++) {
        let found = 0;
        for (let i = 0; i < N; i++) found += arm.J[r * arm.nq + i] * qdd[i];
        expect(Math.abs(found - wanted[r]), `case ${c}, row ${r}`).toBeLessThan(0.05);
      }
    }
  });
});
