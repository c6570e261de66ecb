import { describe, expect, it } from 'vitest';
import type { Robot } from '../robots/index.ts';
import { GateRig } from '../test/support/gate_rig.ts';
import { view } from '../test/support/gate_view.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import type { MeasuredState } from './arm_monitor.ts';
import { type Envelope, envelopeForRobot } from './envelope.ts';
import { SafetyGate } from './gate.ts';
import type { Obstacle } from './obstacle.ts';

const ROBOT = plainArm();
const N = ROBOT.arm_joints;
const HOME = ROBOT.home_q.slice(0, N);
const ENVELOPE = envelopeForRobot(ROBOT);
const HZ = 500;
const SPEEDS = Float64Array.of(0.4, 0, 0, 0, 0, 0, 0.5);

function steps(rig: GateRig, count: number): void {
  for (let k = 0; k < count; k++) rig.step('velocity', SPEEDS);
}

function moving(): GateRig {
  const rig = new GateRig(ROBOT, ENVELOPE, HZ);
  steps(rig, 150);
  return rig;
}

/** An arm that is where it was sent plus `error_rad`, and moves as fast as `speed`. */
function report(rig: GateRig, error_rad: number, speed = 0): MeasuredState {
  return {
    position: rig.gate.lastCommand.position.map((q) => q + error_rad),
    velocity: new Float64Array(N).fill(speed),
    effort: new Float64Array(N),
  };
}

describe('starting over', () => {
  it('begins where the robot is, with the velocity it has', () => {
    const gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
    gate.reset(HOME, 0.05, SPEEDS);
    const { position, velocity, acceleration, gripper_width_m, stop_time_s } = gate.lastCommand;
    expect(position).toEqual(HOME);
    expect(velocity).toEqual(SPEEDS);
    expect(acceleration).toEqual(new Float64Array(N));
    expect(gripper_width_m).toBe(0.05);
    expect(view(gate)).toMatchObject({ mode: 'initialising', atRest: false, outside: false, latched: false });
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    const sent = gate.step(0, rig.request);
    for (const i of [0, 6]) {
      expect(sent.position[i] - HOME[i]).toBeGreaterThan(0.9 * (SPEEDS[i] / HZ));
      expect(sent.velocity[i]).toBeLessThan(SPEEDS[i]);
    }
    let cycles = 1;
    for (; !gate.atRest; cycles++) gate.step(cycles / HZ, rig.request);
    expect(stop_time_s).toBe(cycles / HZ);
    expect(gate.stopped).toBe(cycles);
  });

  it('is at rest without a velocity, and with the fingers closed', () => {
    const gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
    gate.reset(ROBOT.home_q);
    expect(gate.lastCommand.velocity).toEqual(new Float64Array(N));
    expect(gate.lastCommand).toMatchObject({ gripper_width_m: 0, stop_time_s: 0 });
    expect(gate.atRest).toBe(true);
  });

  it('keeps the fingers within the envelope', () => {
    for (const [given, kept] of [
      [0.2, 0.08],
      [-1, 0],
      [0.08, 0.08],
    ]) {
      const gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
      gate.reset(HOME, given);
      expect(gate.lastCommand.gripper_width_m).toBe(kept);
    }
    const rig = new GateRig(ROBOT, { ...ENVELOPE, gripper: null }, HZ);
    rig.request.gripper_force_N = 20;
    rig.step();
    expect(rig.gate.lastCommand).toMatchObject({ gripper_width_m: 0, gripper_force_N: 0 });
  });

  it('refuses what is no start, and stays as it was', () => {
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    const { gate } = rig;
    const beyond = HOME.map((q) => q + 0.1);
    const broken = (values: Float64Array): Float64Array => values.map((x, i) => (i === N - 1 ? Number.NaN : x));
    const refused: [() => void, string][] = [
      [() => gate.reset(beyond.slice(0, 2)), 'start state of 2 values must have one for each of 7 joints'],
      [() => gate.reset(beyond, 0, SPEEDS.slice(0, 3)), 'start state of 3 values must have one for each of 7 joints'],
      [() => gate.reset(broken(beyond)), 'start position NaN, velocity 0 of joint 6 must be finite'],
      [() => gate.reset(beyond, 0, broken(SPEEDS)), 'velocity NaN of joint 6 must be finite'],
      [
        () =>
          gate.reset(
            beyond,
            0,
            SPEEDS.map(() => Number.POSITIVE_INFINITY),
          ),
        'velocity Infinity of joint 0',
      ],
    ];
    for (const [attempt, words] of refused) {
      expect(() => attempt()).toThrow(words.replace(' must', ': must'));
      expect(view(gate)).toMatchObject({ mode: 'automatic', atRest: true });
      expect(rig.step().position).toEqual(HOME);
    }
    steps(rig, 20);
    expect(() => gate.reset(HOME)).toThrow('reset of the gate: only when the arm is at rest');
    expect(() => new SafetyGate(ENVELOPE, ROBOT, HZ).step(0, rig.request)).toThrow(
      'SafetyGate.step before reset: the gate does not know where the robot is',
    );
  });

  it('forgets stops, faults, grants and time', () => {
    const rig = moving();
    const { gate } = rig;
    rig.measured = report(rig, 0.2);
    steps(rig, 1);
    rig.measured = null;
    rig.runToRest();
    expect(view(gate)).toMatchObject({ mode: 'fault', latchedReasons: ['tracking_error'] });
    gate.requestStop(0);
    const { nonce } = gate;
    gate.reset(HOME);
    expect(view(gate)).toMatchObject({ mode: 'initialising', latched: false, reasons: [], leaseValid: false });
    expect(gate.grant(nonce)).toBe(false);
    rig.request.kind = 'none';
    gate.step(-5, rig.request);
    expect(view(gate)).toMatchObject({ mode: 'initialising', latched: false, stopCategory: -1 });
    expect(gate.grant(gate.nonce)).toBe(true);
    gate.step(-5 + 1 / HZ, rig.request);
    expect(gate.mode).toBe('automatic');
  });

  it('is a fault outside the envelope, and again a fault until it is reset', () => {
    const gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    gate.reset(HOME.map((q, i) => (i === 0 ? 2.95 : q)));
    expect(view(gate)).toMatchObject({ mode: 'fault', outside: true, latchedReasons: ['start_outside_envelope'] });
    gate.step(0, rig.request);
    expect(view(gate)).toMatchObject({ mode: 'fault', stopCategory: 1, reasons: ['start_outside_envelope'] });
    expect(gate.acknowledge()).toBe('');
    gate.step(1, rig.request);
    expect(view(gate)).toMatchObject({ mode: 'initialising', outside: true, latched: false });
    gate.reset(HOME);
    expect(view(gate)).toMatchObject({ mode: 'initialising', outside: false });
  });

  it('is a fault with the tool outside the workspace, or too fast to be stopped', () => {
    const boxed: Envelope = { ...ENVELOPE, workspace: { lower_m: [-1, -1, -1], upper_m: [0.25, 1, 2] } };
    const gate = new SafetyGate(boxed, ROBOT, HZ);
    gate.reset(HOME);
    expect(view(gate)).toMatchObject({ mode: 'fault', outside: true });
    const slow = new SafetyGate(ENVELOPE, ROBOT, HZ);
    slow.reset(HOME, 0, Float64Array.of(2.5, 0, 0, 0, 0, 0, 0));
    expect(view(slow)).toMatchObject({ mode: 'fault', outside: true, atRest: false });
  });
});

describe('the operator’s reset', () => {
  const stopped = (): GateRig => {
    const rig = moving();
    rig.gate.requestStop(2);
    for (let k = 0; k < 200; k++) rig.step();
    expect(rig.gate.mode).toBe('protective_stop');
    return rig;
  };

  it('is refused while the reference or the arm itself moves, and changes nothing then', () => {
    const rig = moving();
    rig.gate.requestStop(2);
    steps(rig, 2);
    expect(rig.gate.acknowledge()).toBe('the arm is still in motion');
    expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', latched: true });
    rig.runToRest();
    rig.measured = report(rig, 0.0005, 0.02);
    rig.step();
    expect(rig.gate.atRest).toBe(true);
    expect(rig.gate.acknowledge()).toBe('the arm is still in motion');
    expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', latched: true });
    rig.measured = report(rig, 0.0005, 0.005);
    rig.step();
    expect(rig.gate.acknowledge()).toBe('');
  });

  it('makes the gate wait for a lease, and for a command made after it', () => {
    const rig = stopped();
    const at_rest = rig.gate.lastCommand.position.slice();
    steps(rig, 1);
    expect(rig.gate.acknowledge()).toBe('');
    expect(view(rig.gate)).toMatchObject({ mode: 'initialising', latched: false, latchedReasons: [] });
    for (let k = 0; k < 5; k++) rig.cycleOnly();
    expect(rig.gate.mode).toBe('automatic');
    expect(rig.gate.lastCommand.position).toEqual(at_rest);
    steps(rig, 1);
    expect(rig.gate.lastCommand.position).not.toEqual(at_rest);
  });

  it('without a lease leaves the arm where it is', () => {
    const rig = stopped();
    rig.leased = false;
    for (let k = 0; k < 30; k++) rig.step();
    expect(rig.gate.acknowledge()).toBe('');
    steps(rig, 30);
    expect(view(rig.gate)).toMatchObject({ mode: 'initialising', atRest: true, latched: false });
    rig.leased = true;
    steps(rig, 30);
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', atRest: false });
  });

  it('leaves initialising only once nothing speaks against it', () => {
    const rig = stopped();
    expect(rig.gate.acknowledge()).toBe('');
    for (let k = 0; k < 40; k++) {
      rig.step('velocity', SPEEDS);
      rig.request.stamp_s = 0;
      rig.cycleOnly();
    }
    rig.gate.requestStop(2);
    rig.step();
    expect(rig.gate.mode).toBe('protective_stop');
    rig.runToRest();
    expect(rig.gate.acknowledge()).toBe('');
    rig.request.kind = 'velocity';
    rig.request.stamp_s = 0;
    for (let k = 0; k < 20; k++) rig.cycleOnly();
    expect(view(rig.gate)).toMatchObject({ mode: 'initialising', leaseValid: true, atRest: true });
    steps(rig, 20);
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', atRest: false });
  });

  it('takes back a stop that has not begun', () => {
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    rig.gate.requestStop(0);
    expect(rig.gate.acknowledge()).toBe('');
    rig.step();
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', latched: false });
  });

  it.each([
    [0.0009, false],
    [0.0011, true],
  ])('with the arm %f rad away goes on from where it is: %s', (error, from_measured) => {
    const rig = stopped();
    const before = rig.gate.lastCommand.position.slice();
    const there = report(rig, error);
    rig.measured = there;
    rig.step();
    expect(rig.gate.acknowledge()).toBe('');
    rig.step();
    expect(rig.gate.lastCommand.position).toEqual(from_measured ? there.position : before);
    expect(rig.gate.mode).toBe('automatic');
  });

  it('with the arm outside the envelope lets it move inwards only', () => {
    const wall = HOME[0] + 0.35;
    const near: Envelope = {
      ...ENVELOPE,
      joints: ENVELOPE.joints.map((joint, i) => (i === 0 ? { ...joint, position_upper_rad: wall } : joint)),
    };
    const rig = new GateRig(ROBOT, near, HZ);
    rig.gate.requestStop(1);
    rig.step();
    const outside = report(rig, 0);
    outside.position[0] = wall + 0.1;
    rig.measured = outside;
    rig.step();
    expect(rig.gate.acknowledge()).toBe('');
    expect(rig.gate.outside).toBe(true);
    rig.measured = null;
    for (let k = 0; k < 100; k++) rig.step('velocity', [0.3, 0, 0, 0, 0, 0, 0]);
    expect(rig.gate.lastCommand.position[0]).toBeLessThanOrEqual(wall + 0.1);
    for (let k = 0; k < 500; k++) rig.step('velocity', [-0.3, 0, 0, 0, 0, 0, 0]);
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', outside: false });
    expect(rig.gate.lastCommand.position[0]).toBeLessThan(wall);
  });

  it('is refused while the arm does not know where it is', () => {
    for (const nowhere of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const rig = stopped();
      const lost = report(rig, 0.05);
      lost.position[3] = nowhere;
      rig.measured = lost;
      rig.step();
      expect(view(rig.gate)).toMatchObject({ mode: 'fault' });
      expect(rig.gate.acknowledge()).toBe('the arm reports a state that is not finite');
      for (let k = 0; k < 5; k++) expect(rig.step().position.every(Number.isFinite)).toBe(true);
      rig.measured = report(rig, 0);
      rig.step();
      expect(rig.gate.acknowledge()).toBe('');
      rig.step();
      expect(rig.gate.mode).toBe('automatic');
    }
  });
});

describe('another envelope', () => {
  const scaled = (share: number): Envelope => ({
    ...ENVELOPE,
    joints: ENVELOPE.joints.map((joint) => ({ ...joint, velocity_rad_per_s: share * joint.velocity_rad_per_s })),
  });

  it('is kept from then on, in motion too', () => {
    const rig = moving();
    const wider = scaled(0.9);
    rig.gate.setEnvelope(wider);
    expect(rig.gate.envelope).toBe(wider);
    steps(rig, 20);
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', outside: false, latched: false });
    rig.runToRest();
    const slower = scaled(0.1);
    rig.gate.setEnvelope(slower);
    steps(rig, 100);
    expect(rig.gate.mode).toBe('automatic');
    expect(rig.gate.lastCommand.velocity[0]).toBeLessThanOrEqual(slower.joints[0].velocity_rad_per_s * (1 + 1e-9));
    expect(rig.gate.lastCommand.velocity[0]).toBeGreaterThan(0.1);
  });

  it('is a fault when the motion breaks it, which passes with a reset at rest', () => {
    const rig = moving();
    rig.gate.setEnvelope(scaled(0.1));
    expect(rig.gate.outside).toBe(true);
    steps(rig, 1);
    expect(view(rig.gate)).toMatchObject({ mode: 'fault', stopCategory: 1, latchedReasons: ['envelope_tightened'] });
    rig.runToRest();
    expect(rig.gate.acknowledge()).toBe('');
    steps(rig, 20);
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', atRest: false, outside: false });
  });

  it('is a fault when the tool is outside its workspace', () => {
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    rig.gate.setEnvelope({ ...ENVELOPE, workspace: { lower_m: [-1, -1, -1], upper_m: [0.25, 1, 2] } });
    expect(rig.gate.outside).toBe(true);
    rig.step();
    expect(view(rig.gate)).toMatchObject({ mode: 'fault', latchedReasons: ['envelope_tightened'] });
    rig.gate.setEnvelope(ENVELOPE);
    expect(rig.gate.acknowledge()).toBe('');
    rig.step();
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', outside: false });
  });

  it('is kept in how far, how long and how old things may be', () => {
    const rig = moving();
    rig.runToRest();
    const faults = (error_rad: number): boolean => {
      rig.measured = report(rig, error_rad);
      rig.step();
      rig.measured = null;
      const fault = rig.gate.mode === 'fault';
      if (fault) expect(rig.gate.acknowledge()).toBe('');
      for (let k = 0; k < 10; k++) rig.step();
      return fault;
    };
    const cyclesUntilStop = (unleased: boolean): number => {
      rig.leased = !unleased;
      let cycles = 0;
      for (; rig.gate.mode === 'automatic' && cycles < 200; cycles++) {
        if (unleased) rig.step('velocity', SPEEDS);
        else rig.cycleOnly();
      }
      rig.leased = true;
      rig.runToRest();
      expect(rig.gate.acknowledge()).toBe('');
      for (let k = 0; k < 20; k++) rig.step();
      return cycles;
    };
    expect([faults(0.05), faults(0.11)]).toEqual([false, true]);
    steps(rig, 20);
    expect(cyclesUntilStop(true)).toBeLessThanOrEqual(ENVELOPE.lease_s * HZ);
    rig.gate.setEnvelope({ ...ENVELOPE, tracking_error_rad: 0.03, lease_s: 0.1, stale_s: 0.05 });
    expect([faults(0.02), faults(0.05)]).toEqual([false, true]);
    for (const unleased of [true, false]) {
      steps(rig, 20);
      const cycles = cyclesUntilStop(unleased);
      const most = (unleased ? 0.1 : 0.05) * HZ + 1;
      expect(cycles).toBeLessThanOrEqual(most);
      expect(cycles).toBeGreaterThanOrEqual(most - 6);
    }
  });

  it('that cannot be kept changes nothing', () => {
    const rig = moving();
    expect(() => rig.gate.setEnvelope({ ...ENVELOPE, robot: 'another' })).toThrow('envelope of plain_arm');
    expect(() => rig.gate.setEnvelope({ ...ENVELOPE, tool: { ...ENVELOPE.tool, frame: 'nose' } })).toThrow(
      'tool.frame nose of another envelope: must stay tool',
    );
    expect(rig.gate.envelope).toBe(ENVELOPE);
    steps(rig, 10);
    expect(rig.gate.mode).toBe('automatic');
    expect(() => new SafetyGate({ ...ENVELOPE, robot: 'another' }, ROBOT, HZ)).toThrow('envelope of plain_arm');
  });
});

/** The plain arm with a ball for a hand. */
function withHand(): Robot {
  const { p } = ROBOT.model.frames[0];
  const hand = { name: 'hand', link: 'tool', body: 6, R: [1, 0, 0, 0, 1, 0, 0, 0, 1], p, rgba: [1, 1, 1, 1] } as const;
  const model = { ...ROBOT.model, collision: [{ ...hand, shape: { type: 'sphere', radius: 0.05 } } as const] };
  return { ...ROBOT, model };
}

describe('obstacles', () => {
  it('stand in the way from when they are known, and no longer', () => {
    const rig = new GateRig(withHand(), ENVELOPE, HZ);
    expect(rig.gate.clearanceOf(HOME)).toBe(Number.POSITIVE_INFINITY);
    const wall: Obstacle = {
      id: 'wall',
      shape: { type: 'box', size: [2, 0.02, 2] },
      pose: { position: [0, 0.15, 0.5], orientation: [0, 0, 0, 1] },
      velocity_m_per_s: [0, 0, 0],
    };
    rig.setObstacles([wall]);
    const clearance = rig.gate.clearanceOf(HOME);
    expect(clearance).toBeCloseTo(0.15 - 0.01 - 0.05 - ENVELOPE.clearance.obstacle_m, 3);
    for (let k = 0; k < 500; k++) rig.step('velocity', [0.3, 0, 0, 0, 0, 0, 0]);
    const left = rig.gate.clearanceOf(rig.gate.lastCommand.position);
    expect(left).toBeGreaterThanOrEqual(0);
    expect(left).toBeLessThan(0.5 * clearance);
    expect(rig.gate.interventions.list().at(-1)?.reasons).toContain('obstacle');
    rig.setObstacles([]);
    for (let k = 0; k < 500; k++) rig.step('velocity', [0.3, 0, 0, 0, 0, 0, 0]);
    expect(rig.gate.lastCommand.position[0]).toBeGreaterThan(0.4);
  });
});
