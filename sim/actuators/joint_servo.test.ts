import { describe, expect, it } from 'vitest';
import { forwardKinematics, RobotData, rnea } from '../../dynamics/index.ts';
import { withPayload } from '../../robots/index.ts';
import { armRig, inverseInertiaColumn } from '../../test/support/arm_rig.ts';
import { bytesPerCall } from '../../test/support/heap.ts';
import { EngineRig, PANDA, tableScene } from '../../test/support/sim_rig.ts';
import { CannonEngine } from '../cannon/index.ts';
import { actuatedRobot } from './options.ts';

/** Stiffness and damping of the default servo. */
const [K, D] = [6400, 160];

/** Weight at the joints, at q. */
function weight(q: Float64Array): Float64Array {
  const data = new RobotData(PANDA.model);
  const tau = new Float64Array(PANDA.model.nq);
  forwardKinematics(PANDA.model, data, q);
  rnea(PANDA.model, data, null, null, tau);
  return tau;
}

/** The unloaded arm at q. */
function at(q: Float64Array): RobotData {
  const data = new RobotData(PANDA.model);
  forwardKinematics(PANDA.model, data, q);
  return data;
}

describe('servo of the joints', () => {
  it('gives way to a steady push by τ M⁻¹ / k, and k goes with gain_scale', () => {
    for (const gain_scale of [0.5, 1, 2]) {
      const rig = armRig({ gain_scale, joint_friction_Nm: 0 });
      const { engine } = rig;
      // About the vertical: a torque on the first link.
      rig.run(1500, () => engine.pushBody(0, [0, 0, 0, 0, 0, 4]));
      const column = inverseInertiaColumn(engine.q, 0);
      const moved = engine.q[0] - PANDA.home_q[0];
      expect(moved / ((4 * column[0]) / (K * gain_scale)), `gain ${gain_scale}`).toBeCloseTo(1, 2);
    }
  });

  it('follows a velocity without feedback of position, behind by what its model of friction lacks', () => {
    const [friction, damping] = [2, 3];
    const rig = armRig({
      command_interface: 'velocity',
      joint_friction_Nm: [friction, 0, 0, 0, 0, 0, 0],
      joint_damping_Nm_s_rad: [damping, 0, 0, 0, 0, 0, 0],
    });
    const { engine, command } = rig;
    rig.command.position.fill(0);
    const speed = 0.3;
    for (let k = 0; k < 800; k++) {
      command.velocity[0] = Math.min(speed, speed * (k / 200));
      rig.run(1);
    }
    const lacking = friction - PANDA.model.friction[0] + damping * engine.v[0] - PANDA.model.damping[0] * speed;
    const column = inverseInertiaColumn(engine.q, 0);
    const behind = speed - engine.v[0];
    expect(behind / ((lacking * column[0]) / D)).toBeCloseTo(1, 1);
    expect(behind).toBeGreaterThan(0);
  });

  it('tracks a velocity within 2 % of it when its model is right', () => {
    const rig = armRig({ command_interface: 'velocity' });
    let worst = 0;
    for (let k = 0; k < 600; k++) {
      // Without a reversal, where dry friction would hold a joint for a moment.
      for (let i = 0; i < 7; i++) rig.command.velocity[i] = 0.15 + 0.1 * Math.sin(0.01 * k * (1 + 0.1 * i));
      rig.run(1);
      if (k < 200) continue;
      for (let i = 0; i < 7; i++) worst = Math.max(worst, Math.abs(rig.engine.v[i] - rig.command.velocity[i]));
    }
    expect(worst).toBeLessThan(0.02 * 0.15);
  });

  it('passes torques on: the weight of the arm holds it, and a surplus accelerates it by M⁻¹', () => {
    const rig = armRig({ command_interface: 'torque', joint_friction_Nm: 0, joint_damping_Nm_s_rad: 0 });
    const { engine, command } = rig;
    command.torque_interface = true;
    command.effort.set(weight(engine.q).subarray(0, 7));
    rig.run(500);
    for (let i = 0; i < 7; i++) expect(Math.abs(engine.q[i] - PANDA.home_q[i]), `joint ${i}`).toBeLessThan(1e-5);
    const before = engine.v[0];
    command.effort[0] += 1;
    rig.run(20);
    const column = inverseInertiaColumn(engine.q, 0);
    expect((engine.v[0] - before) / (20 * engine.dt_s * column[0])).toBeCloseTo(1, 2);
  });

  it('holds a payload with the torques of its weight, and sinks without', () => {
    const payload = { mass_kg: 1.5, com_m: [0.02, 0, 0.05] as const };
    const loaded = withPayload(PANDA, payload);
    const frictionless = { joint_friction_Nm: 0, joint_damping_Nm_s_rad: 0 };
    for (const knows of [true, false]) {
      const { robot } = actuatedRobot(loaded, frictionless);
      const rig = new EngineRig(new CannonEngine(robot, tableScene([])), PANDA.home_q, PANDA, {
        command_interface: 'torque',
      });
      const { engine, command } = rig;
      command.torque_interface = true;
      const tau = new Float64Array(8);
      const data = new RobotData(loaded.model);
      forwardKinematics(loaded.model, data, engine.q);
      rnea((knows ? loaded : PANDA).model, knows ? data : at(engine.q), null, null, tau);
      command.effort.set(tau.subarray(0, 7));
      rig.run(200);
      const moved = Math.max(...engine.q.map((q, i) => Math.abs(q - PANDA.home_q[i])));
      if (knows) expect(moved).toBeLessThan(0.01);
      else expect(moved).toBeGreaterThan(0.05);
    }
  });

  it('holds where it is when torques stop coming, and brakes', () => {
    const rig = armRig({ command_interface: 'torque' });
    const { engine, command } = rig;
    command.torque_interface = true;
    command.effort.set(weight(engine.q).subarray(0, 7));
    command.effort[0] += 0.6;
    rig.run(200);
    expect(engine.v[0]).toBeGreaterThan(0.1);
    for (let k = 0; k < 600; k++) {
      rig.arm.actuate();
      engine.step();
    }
    expect(rig.arm.stoppedByWatchdog).toBe(true);
    expect(Math.max(...engine.v.map(Math.abs))).toBeLessThan(1e-3);
  });

  it('knows its armature: with it the arm accelerates by (M + A)⁻¹, and tracks as well', () => {
    const armature = [0.6, 0.5, 0.4, 0.4, 0.2, 0.2, 0.1];
    const rig = armRig({ armature_kg_m2: armature, joint_friction_Nm: 0, command_interface: 'torque' });
    rig.command.torque_interface = true;
    rig.command.effort.set(weight(rig.engine.q).subarray(0, 7));
    rig.run(2);
    rig.command.effort[0] += 1;
    const before = rig.engine.v[0];
    rig.run(10);
    const column = inverseInertiaColumn(rig.engine.q, 0, armature);
    expect((rig.engine.v[0] - before) / (10 * rig.engine.dt_s * column[0])).toBeCloseTo(1, 2);

    const tracking = armRig({ armature_kg_m2: armature });
    let worst = 0;
    for (let k = 1; k <= 600; k++) {
      tracking.command.velocity[3] = 0.5 * Math.sin(0.01 * k);
      tracking.command.position[3] += tracking.command.velocity[3] * 0.002;
      tracking.run(1);
      worst = Math.max(worst, Math.abs(tracking.engine.q[3] - tracking.command.position[3]));
    }
    expect(worst).toBeLessThan(1e-3);
  });

  it('sags by the torque that its drives fail to give', () => {
    const torque_scale = 0.98;
    const rig = armRig({ torque_scale });
    rig.run(2500);
    // At rest: scale · (weight + M k e) = weight.
    const lacking = weight(rig.engine.q).map((x) => x * (1 / torque_scale - 1));
    const expected = new Float64Array(8);
    for (let j = 0; j < 7; j++) {
      const column = inverseInertiaColumn(rig.engine.q, j);
      for (let i = 0; i < 8; i++) expected[i] += (column[i] * lacking[j]) / K;
    }
    for (const i of [1, 3]) {
      expect((PANDA.home_q[i] - rig.engine.q[i]) / expected[i], `joint ${i}`).toBeCloseTo(1, 1);
    }
  });

  it('allocates next to nothing, with everything in the way', () => {
    const rig = armRig({ latency_cycles: 3, backlash_rad: 0.001, armature_kg_m2: 0.1, gain_scale: 0.9 });
    rig.run(3000);
    expect(bytesPerCall(500, (steps) => rig.run(steps), 12, 299)).toBeLessThan(300);
  });
});
