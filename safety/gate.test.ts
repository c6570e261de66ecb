import { describe, expect, it } from 'vitest';
import { GateRig, tableEnvelope } from '../test/support/gate_rig.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { REFUSAL } from './bounded_joint.ts';
import { SafetyGate } from './gate.ts';
import { REASONS, reasonNames } from './reasons.ts';
import { assertSafe, SafeCommand } from './safe_command.ts';

const ROBOT = plainArm();
const HOME = ROBOT.home_q;
const N = ROBOT.arm_joints;
const ENVELOPE = tableEnvelope(ROBOT);
const OPEN = { ...ENVELOPE, workspace: null };

describe('gate stops', () => {
  const moving = (): GateRig => {
    const rig = new GateRig(ROBOT);
    for (let k = 0; k < 100; k++) rig.step('velocity', [0.5, 0, 0, 0, 0, 0, 0.5]);
    expect(rig.gate.atRest).toBe(false);
    expect(rig.gate.mode).toBe('automatic');
    return rig;
  };
  const MORE = [0.5, 0, 0, 0, 0, 0, 0.5];

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('and latches on %d', (value) => {
    const rig = moving();
    rig.step('velocity', [0.5, value, 0, 0, 0, 0, 0.5]);
    expect(rig.gate.mode).toBe('protective_stop');
    for (let k = 0; k < 500; k++) rig.step('velocity', MORE);
    expect(rig.gate.mode).toBe('protective_stop');
    expect(rig.gate.atRest).toBe(true);
    expect(reasonNames(rig.gate.latchedReasons)).toEqual(['non_finite']);
    expect(rig.gate.acknowledge()).toBe('');
    for (let k = 0; k < 20; k++) rig.step('velocity', MORE);
    expect(rig.gate.mode).toBe('automatic');
    expect(rig.gate.atRest).toBe(false);
  });

  it('and latches on a gripper command that is no number', () => {
    const rig = moving();
    rig.request.gripper_width_m = Number.NaN;
    rig.step('velocity', MORE);
    expect(rig.gate.mode).toBe('protective_stop');
    expect(rig.gate.lastCommand.gripper_width_m).toBe(0.08);
  });

  it('and latches on a wrong number of values', () => {
    const rig = moving();
    rig.request.values = new Float64Array(6);
    rig.step('velocity');
    expect(reasonNames(rig.gate.latchedReasons)).toEqual(['wrong_length']);
  });

  it('when the command grows stale, and goes on by itself from rest once it is fresh', () => {
    const rig = moving();
    let fresh = 0;
    while (rig.gate.mode === 'automatic' && fresh < 100) {
      rig.cycleOnly();
      fresh++;
    }
    expect(fresh).toBe(Math.round(ENVELOPE.stale_s * rig.hz) + 1);
    expect(reasonNames(rig.gate.reasons)).toEqual(['stale_command']);
    expect(rig.gate.latched).toBe(false);
    rig.step('velocity', MORE);
    expect(rig.gate.mode).toBe('protective_stop');
    for (let k = 0; k < 300; k++) rig.step('velocity', MORE);
    expect<string>(rig.gate.mode).toBe('automatic');
    expect(rig.gate.atRest).toBe(false);
    expect(rig.gate.interventions.list().at(-1)?.effect).toBe('stop');
  });

  it('when the lease ends, 40 ms after the last grant, until acknowledged', () => {
    const rig = moving();
    rig.leased = false;
    let cycles = 0;
    while (rig.gate.mode === 'automatic' && cycles < 100) {
      rig.step('velocity', MORE);
      cycles++;
    }
    expect(cycles / rig.hz).toBeGreaterThan(0.025);
    expect(cycles / rig.hz).toBeLessThanOrEqual(0.044);
    rig.leased = true;
    for (let k = 0; k < 300; k++) rig.step('velocity', MORE);
    expect(rig.gate.mode).toBe('protective_stop');
    expect(reasonNames(rig.gate.latchedReasons)).toEqual(['lease_lost']);
    expect(rig.gate.acknowledge()).toBe('');
    for (let k = 0; k < 10; k++) rig.step();
    expect(rig.gate.mode).toBe('automatic');
  });

  it('on request, and is reset only at rest', () => {
    const rig = moving();
    rig.gate.requestStop();
    rig.step('velocity', MORE);
    expect(rig.gate.acknowledge()).toContain('still in motion');
    expect(rig.gate.mode).toBe('protective_stop');
    rig.runToRest();
    expect(rig.gate.acknowledge()).toBe('');
    expect(rig.gate.mode).toBe('initialising');
  });

  it('when control wants no motion, which is no intervention', () => {
    const rig = moving();
    const before = rig.gate.interventions.count;
    rig.runToRest();
    expect(rig.gate.mode).toBe('automatic');
    expect(rig.gate.interventions.count).toBe(before);
  });

  it.each([0, -0.002, Number.NaN, Number.POSITIVE_INFINITY])(
    'and reports a fault when its clock steps by %d s',
    (step) => {
      const rig = moving();
      rig.gate.step(rig.t_s + step, rig.request);
      expect(rig.gate.mode).toBe('fault');
      rig.runToRest();
      expect(rig.gate.mode).toBe('fault');
      expect(rig.gate.acknowledge()).toBe('');
      for (let k = 0; k < 10; k++) rig.step();
      expect(rig.gate.mode).toBe('automatic');
    },
  );
});

describe('gate at the start', () => {
  it('holds until a lease is granted', () => {
    const rig = new GateRig(ROBOT);
    rig.gate.reset(HOME, 0.08);
    rig.leased = false;
    for (let k = 0; k < 50; k++) expect(rig.step('velocity', [1, 0, 0, 0, 0, 0, 0]).velocity[0]).toBe(0);
    expect(rig.gate.mode).toBe('initialising');
    expect(rig.gate.interventions.count).toBe(0);
  });

  it.each([
    ['a joint beyond its limit', [2.9, -0.785, 0, -2.356, 0, 1.571, 0.785]],
    ['the tool below the table', [0, 1.2, 0, -1, 0, 1.571, 0.785]],
  ])('reports a fault with %s, and only holds', (_what, start) => {
    const gate = new SafetyGate(ENVELOPE, ROBOT, 500);
    gate.reset(Float64Array.from(start));
    expect(gate.mode).toBe('fault');
    expect(reasonNames(gate.latchedReasons)).toEqual(['start_outside_envelope']);
    expect(gate.step(0.1, new GateRig(ROBOT).request).position).toEqual(Float64Array.from(start.slice(0, N)));
  });

  it('refuses a start it cannot know, and a restart in motion', () => {
    const gate = new SafetyGate(ENVELOPE, ROBOT, 500);
    expect(() => gate.step(0, new GateRig(ROBOT).request)).toThrow('before reset');
    expect(() => gate.reset(Float64Array.of(0, 0))).toThrow('2 values');
    expect(() => gate.reset(HOME.map(() => Number.NaN))).toThrow('finite');
    const rig = new GateRig(ROBOT);
    for (let k = 0; k < 20; k++) rig.step('velocity', [1, 0, 0, 0, 0, 0, 0]);
    expect(() => rig.gate.reset(HOME)).toThrow('at rest');
  });

  it('refuses envelopes that are not for the robot, or whose jerk is lost in rounding', () => {
    const [first, ...others] = ENVELOPE.joints;
    expect(() => new SafetyGate({ ...ENVELOPE, joints: [...others, first] }, ROBOT, 500)).toThrow('joint2');
    const weak = { ...ENVELOPE, joints: [{ ...first, jerk_rad_per_s3: 2 }, ...others] };
    expect(() => new SafetyGate(weak, ROBOT, 1000)).toThrow('jerk_rad_per_s3 2');
    const blind = { ...ENVELOPE, tool: { ...ENVELOPE.tool, frame: 'nose' } };
    expect(() => new SafetyGate(blind, ROBOT, 500)).toThrow('nose');
  });
});

describe('gate outputs', () => {
  it('clamp the gripper to what the envelope allows, and hold it through a stop', () => {
    const rig = new GateRig(ROBOT);
    rig.request.gripper_width_m = 0.5;
    rig.request.gripper_force_N = 1000;
    rig.step();
    expect(rig.gate.lastCommand.gripper_width_m).toBe(0.08);
    expect(rig.gate.lastCommand.gripper_force_N).toBe(70);
    rig.request.gripper_width_m = -1;
    rig.request.gripper_force_N = 20;
    rig.step();
    expect(rig.gate.lastCommand.gripper_width_m).toBe(0);
    rig.gate.requestStop();
    rig.request.gripper_width_m = 0.08;
    for (let k = 0; k < 10; k++) rig.step();
    expect(rig.gate.lastCommand.gripper_width_m).toBe(0);
    expect(rig.gate.lastCommand.gripper_force_N).toBe(20);
  });

  it('are the only commands a driver takes', () => {
    const rig = new GateRig(ROBOT);
    expect(() => assertSafe(rig.step())).not.toThrow();
    const real = rig.gate.lastCommand;
    const forgeries: unknown[] = [
      { ...real },
      Object.assign(Object.create(SafeCommand.prototype), real),
      structuredClone({ position: real.position }),
      null,
      undefined,
      42,
      new Proxy(real, {}),
    ];
    for (const forged of forgeries) expect(() => assertSafe(forged)).toThrow('safety gate');
    expect(() => new SafeCommand(Symbol('gate'), N)).toThrow('safety gate');
  });

  it('name the limit that stood against a command', () => {
    const rig = new GateRig(ROBOT, OPEN);
    rig.step(
      'position',
      HOME.slice(0, N).map((q) => q + 0.1),
    );
    expect(reasonNames(rig.gate.reasons)).toEqual(['jerk']);
    rig.runToRest();
    for (let k = 0; k < 1200; k++) rig.step('velocity', [0, 0, 0, 0, 0, 0, Math.min(2, 0.01 * k)]);
    expect(rig.gate.interventions.list().at(-1)?.reasons).toContain('position');
    expect(REASONS.slice(0, 4).map((reason) => reason.name)).toEqual(Object.keys(REFUSAL).slice(1));
  });

  it('count a contiguous stretch of limiting as one intervention', () => {
    const rig = new GateRig(ROBOT, OPEN);
    for (let round = 0; round < 3; round++) {
      for (let k = 0; k < 50; k++) rig.step('velocity', [9, 0, 0, 0, 0, 0, 0]);
      rig.runToRest();
    }
    expect(rig.gate.interventions.count).toBe(3);
    const [first] = rig.gate.interventions.list();
    expect(first.cycles).toBe(50);
    expect(first.effect).toBe('limit');
    expect(first.end_s - first.start_s).toBeCloseTo(0.098, 9);
  });
});
