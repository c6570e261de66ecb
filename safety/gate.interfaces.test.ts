import { describe, expect, it } from 'vitest';
import { forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { GateRig } from '../test/support/gate_rig.ts';
import { view } from '../test/support/gate_view.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import type { CommandKind } from './command_request.ts';
import { type Envelope, envelopeForRobot } from './envelope.ts';
import type { SafeCommand } from './safe_command.ts';
import { TorqueInterface } from './torque_interface.ts';

const ROBOT = plainArm();
const N = ROBOT.arm_joints;
const ENVELOPE = envelopeForRobot(ROBOT);
const HZ = 500;
const TORQUE_JERK = new TorqueInterface(ROBOT, ENVELOPE, HZ).jerk;
const SPEEDS = [0.4, 0, 0, 0, 0, 0, 0.5];

/** Torques for a motion, Nm; those that hold the arm still without one. */
function torques(position: ArrayLike<number>, velocity?: Float64Array, acceleration?: Float64Array): Float64Array {
  const { nq } = ROBOT.model;
  const data = new RobotData(ROBOT.model);
  const full = (values?: ArrayLike<number>): Float64Array => {
    const all = new Float64Array(nq);
    if (values !== undefined) all.set(values);
    return all;
  };
  const q = ROBOT.home_q.slice();
  q.set(position);
  const tau = new Float64Array(nq);
  forwardKinematics(ROBOT.model, data, q);
  rnea(ROBOT.model, data, full(velocity), full(acceleration), tau);
  return tau.slice(0, N);
}

/** The weight of the arm where it is, and `extra` Nm on the last joint. */
function weightAnd(rig: GateRig, extra: number): Float64Array {
  const tau = torques(rig.gate.lastCommand.position);
  tau[N - 1] += extra;
  return tau;
}

/** A rig whose last joint has been turned by its torque. */
function turning(envelope = ENVELOPE): GateRig {
  const rig = new GateRig(ROBOT, envelope, HZ);
  for (let k = 0; k < 100; k++) rig.step('torque', weightAnd(rig, 0.05));
  expect(view(rig.gate)).toMatchObject({ mode: 'automatic', atRest: false });
  expect(rig.gate.lastCommand.velocity[N - 1]).toBeGreaterThan(0.2);
  return rig;
}

function driven(): GateRig {
  const rig = new GateRig(ROBOT, ENVELOPE, HZ);
  for (let k = 0; k < 100; k++) rig.step('velocity', SPEEDS);
  return rig;
}

function expectNear(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i] - expected[i]), `${i}`).toBeLessThan(tolerance);
}

/** The greatest change of a joint's acceleration from one cycle to the next during `cycles` of a command, rad/s³. */
function greatestJerk(rig: GateRig, joint: number, cycles: number, step: (k: number) => SafeCommand): number {
  let greatest = 0;
  let last = rig.gate.lastCommand.acceleration[joint];
  for (let k = 0; k < cycles; k++) {
    const now = step(k).acceleration[joint];
    greatest = Math.max(greatest, Math.abs(now - last) * HZ);
    last = now;
  }
  return greatest;
}

describe('the torque interface', () => {
  it('holds the arm still by its weight, and passes it', () => {
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    const weight = weightAnd(rig, 0);
    const { passed } = rig.gate;
    for (let k = 0; k < 50; k++) rig.step('torque', weight);
    expect(rig.gate.passed - passed).toBe(50);
    expect(rig.gate.lastCommand.torque_interface).toBe(true);
    expect(rig.gate.lastCommand.effort).toEqual(weight);
    expectNear(rig.gate.lastCommand.position, ROBOT.home_q.subarray(0, N), 1e-9);
  });

  it('turns a joint the way its torque points, and sends that torque', () => {
    for (const sign of [-1, 1]) {
      const rig = new GateRig(ROBOT, ENVELOPE, HZ);
      for (let k = 0; k < 60; k++) {
        const wanted = weightAnd(rig, sign * 0.01);
        const { effort } = rig.step('torque', wanted);
        if (rig.gate.reasons === 0) expect(effort).toEqual(wanted);
      }
      expect(sign * rig.gate.lastCommand.velocity[N - 1]).toBeGreaterThan(0.02);
      expect(rig.gate.limited).toBeLessThan(20);
    }
  });

  it('cuts a torque that is too great or changes too fast, and sends what the motion then needs', () => {
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    rig.step('torque', weightAnd(rig, 0));
    for (const extra of [3, -3, 100, -100]) {
      const { position, velocity } = rig.gate.lastCommand;
      const [q, v] = [position.slice(), velocity.slice()];
      const wanted = weightAnd(rig, extra);
      const sent = rig.step('torque', wanted);
      expect(view(rig.gate).reasons).toContain('torque_rate');
      if (Math.abs(extra) > 50) expect(view(rig.gate).reasons).toContain('torque');
      expect(Math.abs(sent.effort[N - 1])).toBeLessThanOrEqual(12);
      expectNear(sent.effort, torques(q, v, sent.acceleration), 1e-6);
    }
    expect(rig.gate.limited).toBe(4);
  });

  it('brings the arm to rest by torques, and holds it there', () => {
    for (const end of ['none', 'stop'] as const) {
      const rig = turning();
      if (end === 'stop') rig.gate.requestStop(2);
      for (let k = 0; k < 200; k++) {
        const before = rig.gate.lastCommand.effort.slice();
        const sent = end === 'stop' ? rig.step('torque', weightAnd(rig, 0.05)) : rig.step('none');
        expect(sent.torque_interface).toBe(true);
        expectNear(sent.effort, before, 1000 / HZ);
      }
      expect(view(rig.gate)).toMatchObject({ mode: end === 'stop' ? 'protective_stop' : 'automatic', atRest: true });
      expectNear(rig.gate.lastCommand.effort, torques(rig.gate.lastCommand.position), 1e-6);
    }
  });

  it('is left for nothing that wants no motion', () => {
    const rig = turning();
    rig.runToRest();
    for (let k = 0; k < 5; k++) expect(rig.step('none').torque_interface).toBe(true);
    expect(rig.gate.mode).toBe('automatic');
  });

  it('stops with the jerk its rate of torque allows, which is less than that of the others', () => {
    const last = N - 1;
    const joint = TORQUE_JERK.findIndex((jerk, i) => jerk < 0.9 * ENVELOPE.joints[i].jerk_rad_per_s3);
    expect(joint).toBeGreaterThanOrEqual(0);
    const rig = turning();
    const jerk = greatestJerk(rig, last, 200, () => rig.step('none'));
    expect(jerk).toBeLessThanOrEqual(TORQUE_JERK[last] * (1 + 1e-6));
    expect(jerk).toBeGreaterThan(0.4 * TORQUE_JERK[last]);
  });

  it('obeys the jerk that another envelope leaves it', () => {
    const last = N - 1;
    const gentle: Envelope = {
      ...ENVELOPE,
      joints: ENVELOPE.joints.map((joint) => ({ ...joint, effort_rate_Nm_per_s: 0.5 * joint.effort_rate_Nm_per_s })),
    };
    const lower = new TorqueInterface(ROBOT, gentle, HZ).jerk[last];
    expect(lower).toBeCloseTo(0.5 * TORQUE_JERK[last], 6);
    const rig = turning();
    rig.runToRest();
    rig.gate.setEnvelope(gentle);
    const jerk = greatestJerk(rig, last, 100, (k) =>
      k < 50 ? rig.step('torque', weightAnd(rig, 0.05)) : rig.step('none'),
    );
    expect(jerk).toBeLessThanOrEqual(lower * (1 + 1e-6));
    expect(jerk).toBeGreaterThan(0.9 * lower);
  });

  it('obeys torques and rates of another envelope', () => {
    const last = N - 1;
    const weaker = (effort_Nm: number, effort_rate_Nm_per_s: number): Envelope => ({
      ...ENVELOPE,
      joints: ENVELOPE.joints.map((joint, i) => (i === last ? { ...joint, effort_Nm, effort_rate_Nm_per_s } : joint)),
    });
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    rig.step('torque', weightAnd(rig, 0));
    const why = (extra: number): string[] => {
      rig.step('torque', weightAnd(rig, extra));
      const { reasons } = view(rig.gate);
      for (let k = 0; k < 100; k++) rig.step('torque', weightAnd(rig, 0));
      rig.runToRest();
      return reasons.filter((reason) => reason.startsWith('torque'));
    };
    expect(why(1.5)).toEqual([]);
    rig.gate.setEnvelope(weaker(1, 1000));
    expect(why(1.5)).toEqual(['torque']);
    rig.gate.setEnvelope(weaker(12, 500));
    expect(why(1.5)).toEqual(['torque_rate']);
    rig.gate.setEnvelope(ENVELOPE);
    expect(why(1.5)).toEqual([]);
  });

  it('does not exist for an arm without masses', () => {
    const { model } = ROBOT;
    const none = { mass: model.mass.map(() => 0), inertia: model.inertia.map(() => 0) };
    const light: Robot = { ...ROBOT, model: { ...model, ...none } };
    const rig = new GateRig(light, envelopeForRobot(light), HZ);
    for (let k = 0; k < 10; k++) {
      expect(rig.step('torque', new Float64Array(N)).torque_interface).toBe(false);
      expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', reasons: ['interface_changed'], latched: false });
    }
    for (let k = 0; k < 20; k++) rig.step('velocity', SPEEDS);
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', atRest: false });
  });
});

describe('changing the interface', () => {
  const command = (rig: GateRig, kind: CommandKind): ArrayLike<number> =>
    kind === 'torque'
      ? weightAnd(rig, 0.05)
      : kind === 'position'
        ? rig.gate.lastCommand.position.map((q, i) => q + rig.gate.lastCommand.velocity[i] / HZ)
        : rig.gate.lastCommand.velocity.slice();

  it('between positions and velocities is nothing special', () => {
    const rig = driven();
    const { passed } = rig.gate;
    for (let k = 0; k < 20; k++) {
      const kind = k % 2 === 0 ? 'position' : 'velocity';
      rig.step(kind, command(rig, kind));
      expect(view(rig.gate)).toMatchObject({ mode: 'automatic', atRest: false });
    }
    expect(rig.gate.passed - passed).toBe(20);
  });

  it.each([
    ['torque', driven],
    ['velocity', turning],
    ['position', turning],
  ] as const)('to %s waits for rest, and goes on by itself then', (kind, begin) => {
    const rig = begin();
    const was = rig.gate.lastCommand.torque_interface;
    rig.step(kind, command(rig, kind));
    expect(view(rig.gate)).toMatchObject({
      mode: 'protective_stop',
      reasons: ['interface_changed'],
      stopCategory: 2,
      latched: false,
      drives_on: true,
    });
    for (let k = 0; k < 300 && rig.gate.mode !== 'automatic'; k++) {
      expect(rig.gate.lastCommand.torque_interface).toBe(was);
      rig.step(kind, command(rig, kind));
    }
    for (let k = 0; k < 10; k++) rig.step(kind, kind === 'velocity' ? SPEEDS : command(rig, kind));
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic' });
    expect(rig.gate.lastCommand.torque_interface).toBe(!was);
    if (was) expect(rig.gate.lastCommand.effort).toEqual(new Float64Array(N));
  });

  it('gives the others their jerk back', () => {
    const last = N - 1;
    const limit = ENVELOPE.joints[last].jerk_rad_per_s3;
    for (const way of ['command', 'reset'] as const) {
      const rig = turning();
      rig.runToRest();
      if (way === 'reset') {
        rig.gate.reset(rig.gate.lastCommand.position);
        expect(rig.step('none').torque_interface).toBe(false);
      }
      const jerk = greatestJerk(rig, last, 60, () => rig.step('velocity', [0, 0, 0, 0, 0, 0, 1]));
      expect(rig.gate.mode, way).toBe('automatic');
      expect(jerk, way).toBeGreaterThan(0.99 * limit);
      expect(jerk, way).toBeLessThanOrEqual(limit * (1 + 1e-6));
    }
  });
});
