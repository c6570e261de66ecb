import { describe, expect, it } from 'vitest';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../dynamics/index.ts';
import { loadRobot } from '../robots/index.ts';
import { envelopeForRobot, SafetyGate, Supervisor } from '../safety/index.ts';
import { CannonEngine, SimArm } from '../sim/index.ts';
import { tableScene } from '../test/support/sim_rig.ts';
import { TorqueArm } from '../test/support/torque_arm.ts';
import { wrongMasses } from '../test/support/wrong_masses.ts';
import { ArmDynamics } from './arm_dynamics.ts';
import { CartesianImpedance } from './cartesian_impedance.ts';
import { GravityCompensation } from './gravity_compensation.ts';
import { JointImpedance } from './joint_impedance.ts';
import { JointLimitSpring } from './joint_limit_spring.ts';
import { ControlLoop } from './loop.ts';
import { TorqueSource } from './torque_source.ts';

const PANDA = loadRobot('panda');
const HZ = 500;
const TOOL_BODY = 6;

/** The Panda in cannon under gate and loop, driven by torques. */
class Cell {
  readonly engine: CannonEngine;
  readonly arm: SimArm;
  readonly gate = new SafetyGate({ ...envelopeForRobot(PANDA), workspace: null }, PANDA, HZ);
  readonly loop: ControlLoop;
  readonly push = new Float64Array(6);
  private cycle = 0;

  constructor(robot = PANDA, q = PANDA.home_q) {
    this.engine = new CannonEngine(robot, tableScene([]));
    this.engine.setRobotState(q, new Float64Array(PANDA.model.nq));
    this.arm = new SimArm(PANDA, this.engine, undefined, { command_interface: 'torque' });
    const supervisor = new Supervisor();
    this.loop = new ControlLoop({ robot: PANDA, driver: this.arm, gate: this.gate, supervisor });
  }

  run(cycles: number, each: () => void = () => {}): void {
    for (let k = 0; k < cycles; k++) {
      this.loop.tick(++this.cycle / HZ);
      this.arm.actuate();
      this.engine.pushBody(TOOL_BODY, this.push);
      this.engine.step();
      each();
    }
  }

  tool(): Float64Array {
    const data = new RobotData(PANDA.model);
    const pose = new Float64Array(12);
    forwardKinematics(PANDA.model, data, this.engine.q);
    framePose(PANDA.model, data, frameIndex(PANDA.model, PANDA.tcp_frame), pose);
    return pose;
  }
}

const cellState = () => new TorqueArm(PANDA).state;

describe('torque control through the gate', () => {
  it('gives way to a push by its stiffness, and comes back, while the gate follows the arm', () => {
    const cell = new Cell();
    const controller = new CartesianImpedance(new ArmDynamics(PANDA), { stiffness: [800, 800, 800, 200, 200, 200] });
    cell.loop.source = new TorqueSource(controller, new JointLimitSpring(PANDA));
    cell.run(300);
    const before = cell.tool();
    cell.push.set([0, 20, 0]);
    let most = 0;
    cell.run(1000, () => {
      for (let i = 0; i < 7; i++) {
        most = Math.max(most, Math.abs(cell.engine.q[i] - cell.gate.lastCommand.position[i]));
      }
    });
    expect(cell.gate.mode).toBe('automatic');
    expect(cell.tool()[10] - before[10]).toBeGreaterThan((0.9 * 20) / 800);
    expect(cell.tool()[10] - before[10]).toBeLessThan((1.2 * 20) / 800);
    cell.push.fill(0);
    cell.run(1000);
    expect(Math.abs(cell.tool()[10] - before[10])).toBeLessThan(2e-3);
    expect(most, 'rad between gate and arm').toBeLessThan(0.05);
  });

  it('a stop by the gate holds an arm whose masses its model does not know', () => {
    const cell = new Cell(wrongMasses(PANDA, 0.2));
    cell.loop.source = new TorqueSource(new JointImpedance(new ArmDynamics(PANDA)));
    cell.run(500);
    cell.gate.requestStop();
    const q = cell.engine.q.slice();
    cell.run(1000);
    expect(cell.gate.mode).toBe('protective_stop');
    for (let i = 0; i < 7; i++) expect(Math.abs(cell.engine.q[i] - q[i]), `joint ${i + 1}`).toBeLessThan(0.05);
    expect(Math.max(...cell.engine.v.map(Math.abs))).toBeLessThan(0.01);
  });

  it('begins anew where the arm is after a stop', () => {
    const cell = new Cell();
    const controller = new JointImpedance(new ArmDynamics(PANDA));
    cell.loop.source = new TorqueSource(controller);
    cell.run(200);
    for (let k = 0; k < 300; k++) {
      controller.q_d[0] += 1e-3;
      cell.run(1);
    }
    cell.gate.requestStop();
    cell.run(500);
    expect(cell.gate.acknowledge()).toBe('');
    cell.run(500);
    expect(cell.gate.mode).toBe('automatic');
    expect(Math.abs(controller.q_d[0] - cell.engine.q[0])).toBeLessThan(0.02);
  });

  it('lets the arm be led by hand, and comes to rest when let go', () => {
    const cell = new Cell();
    cell.loop.source = new TorqueSource(
      new GravityCompensation(new ArmDynamics(PANDA), 3),
      new JointLimitSpring(PANDA),
    );
    cell.run(500);
    for (let i = 0; i < 7; i++) expect(Math.abs(cell.engine.q[i] - PANDA.home_q[i])).toBeLessThan(1e-3);
    const before = cell.tool();
    cell.push.set([0, 8, 0]);
    cell.run(400);
    expect(cell.tool()[10] - before[10]).toBeGreaterThan(0.05);
    cell.push.fill(0);
    cell.run(1500);
    expect(Math.max(...cell.engine.v.map(Math.abs))).toBeLessThan(0.05);
    expect(cell.gate.mode).toBe('automatic');
  });
});

describe('joint limit spring', () => {
  it('is the gradient of its potential, and takes energy from what comes towards a limit', () => {
    const spring = new JointLimitSpring(PANDA);
    const state = cellState();
    const { position, velocity } = state;
    const { position_lower, position_upper } = PANDA.limits;
    for (let i = 0; i < 7; i++) {
      for (const q of [
        position_lower[i] + 0.05,
        position_upper[i] - 0.02,
        0.5 * (position_lower[i] + position_upper[i]),
      ]) {
        position.set(PANDA.home_q);
        position[i] = q;
        velocity.fill(0);
        const tau = new Float64Array(7);
        spring.add(state, tau);
        const at = (offset: number) => spring.energy(position.map((x, k) => (k === i ? x + offset : x)));
        expect(tau[i], `joint ${i + 1} at ${q}`).toBeCloseTo(-(at(1e-6) - at(-1e-6)) / 2e-6, 3);
        velocity[i] = q < 0.5 * (position_lower[i] + position_upper[i]) ? -1 : 1;
        const moving = new Float64Array(7);
        spring.add(state, moving);
        expect((moving[i] - tau[i]) * velocity[i]).toBeLessThanOrEqual(0);
        velocity[i] = -velocity[i];
        moving.fill(0);
        spring.add(state, moving);
        expect(moving[i], 'leaves freely').toBe(tau[i]);
      }
    }
  });

  it('turns an arm back that drifts towards its limits', () => {
    const arm = new TorqueArm(PANDA);
    const floating = new GravityCompensation(new ArmDynamics(PANDA), 0.2);
    const spring = new JointLimitSpring(PANDA);
    arm.state.velocity.set([0.5, 0.5, -0.5, 0.8, 1, 1, -1]);
    let before = arm.kineticEnergy() + spring.energy(arm.state.position);
    for (let k = 0; k < 20_000; k++) {
      floating.torque(arm.state, arm.tau);
      spring.add(arm.state, arm.tau);
      arm.step(5e-4);
      if (k % 10 !== 0) continue;
      const { position } = arm.state;
      const out = PANDA.limits.position_lower.findIndex((lower, i) => {
        return position[i] < lower || position[i] > PANDA.limits.position_upper[i];
      });
      expect(out, `joint left its limits at step ${k}`).toBe(-1);
      if (k % 1000 !== 0) continue;
      const energy = arm.kineticEnergy() + spring.energy(arm.state.position);
      expect(energy).toBeLessThan(before + 0.02);
      before = energy;
    }
  });
});
