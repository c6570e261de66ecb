import { describe, expect, it } from 'vitest';
import { forwardKinematics, RobotData, rotate } from '../dynamics/index.ts';
import { GateRig } from '../test/support/gate_rig.ts';
import { view } from '../test/support/gate_view.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { envelopeForRobot, REDUCED_TOOL_SPEED_M_PER_S } from './envelope.ts';
import { SafetyGate } from './gate.ts';
import { reasonNames } from './reasons.ts';
import { OPERATING_MODES, type OperatingMode } from './state_machine.ts';

const ROBOT = plainArm();
const N = ROBOT.arm_joints;
const ENVELOPE = envelopeForRobot(ROBOT);
const HZ = 500;
const SPEEDS = [0.4, 0, 0, 0, 0, 0, 0.5];

const latched = (rig: GateRig) => reasonNames(rig.gate.latchedReasons);
const reasons = (rig: GateRig) => reasonNames(rig.gate.reasons);

function steps(rig: GateRig, count: number, speeds = SPEEDS): void {
  for (let k = 0; k < count; k++) rig.step('velocity', speeds);
}

/** A rig whose arm moves as SPEEDS say, in automatic mode. */
function moving(): GateRig {
  const rig = new GateRig(ROBOT, ENVELOPE, HZ);
  steps(rig, 150);
  expect(rig.gate.mode).toBe('automatic');
  expect(rig.gate.lastCommand.velocity[0]).toBeCloseTo(0.4, 9);
  return rig;
}

/** A rig at rest, in a mode. */
function resting(mode: OperatingMode): GateRig {
  const rig = new GateRig(ROBOT, ENVELOPE, HZ);
  expect(rig.gate.selectMode(mode)).toBe('');
  rig.step();
  expect(rig.gate.mode).toBe(mode);
  return rig;
}

/** Steps until rest while SPEEDS are wanted, and returns the cycles it took. */
function cyclesToRest(rig: GateRig): number {
  let cycles = 0;
  for (; !rig.gate.atRest && cycles < 500; cycles++) rig.step('velocity', SPEEDS);
  expect(rig.gate.atRest).toBe(true);
  return cycles;
}

describe('a stop of a category', () => {
  it.each([
    [0, false, false],
    [1, true, false],
    [2, true, true],
  ] as const)('%d has the drives on in motion: %s, and at rest: %s', (category, in_motion, at_rest) => {
    const rig = moving();
    expect(rig.gate.stopCategory).toBe(-1);
    expect(rig.gate.lastCommand.drives_on).toBe(true);
    rig.gate.requestStop(category);
    expect(rig.gate.mode).toBe('automatic');
    rig.step('velocity', SPEEDS);
    const promised = rig.gate.lastCommand.stop_time_s;
    let cycles = 0;
    for (; !rig.gate.atRest; cycles++) {
      expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', stopCategory: category, latched: true });
      expect(rig.gate.lastCommand.drives_on).toBe(in_motion);
      rig.step('velocity', SPEEDS);
    }
    expect(promised).toBeGreaterThan(0.02);
    expect(cycles).toBe(Math.round(promised * HZ));
    steps(rig, 20);
    expect(rig.gate.lastCommand.drives_on).toBe(at_rest);
    expect(rig.gate.lastCommand.stop_time_s).toBe(0);
    expect(latched(rig)).toEqual([`stop_requested_${category}`]);
    expect(reasons(rig)).toEqual(latched(rig));
    expect(rig.gate.interventions.list().at(-1)).toMatchObject({ effect: 'latched_stop', reasons: latched(rig) });
  });

  it('is 1 unless another is asked for', () => {
    const rig = moving();
    rig.gate.requestStop();
    steps(rig, 1);
    expect(latched(rig)).toEqual(['stop_requested_1']);
  });

  it('is the gravest of those asked for, and every one is remembered', () => {
    const rig = moving();
    rig.gate.requestStop(2);
    rig.gate.requestStop(1);
    steps(rig, 1);
    expect(rig.gate.stopCategory).toBe(1);
    rig.gate.requestStop(0);
    steps(rig, 1);
    expect(rig.gate.stopCategory).toBe(0);
    expect(latched(rig)).toEqual(['stop_requested_0', 'stop_requested_1', 'stop_requested_2']);
  });

  it.each([
    ['a late cycle', (gate: SafetyGate) => gate.reportLate(), 'late_cycle'],
    ['a command that was not finite', (gate: SafetyGate) => gate.rejectCommand('non_finite'), 'non_finite'],
    ['a command of a wrong length', (gate: SafetyGate) => gate.rejectCommand('wrong_length'), 'wrong_length'],
  ])('is 1 for %s, and waits for a reset', (_what, report, reason) => {
    const rig = moving();
    report(rig.gate);
    steps(rig, 1);
    expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', stopCategory: 1 });
    cyclesToRest(rig);
    steps(rig, 50);
    expect(rig.gate.mode).toBe('protective_stop');
    expect(latched(rig)).toEqual([reason]);
    expect(rig.gate.acknowledge()).toBe('');
    expect(rig.gate.latched).toBe(false);
    steps(rig, 20);
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', atRest: false, reasons: [] });
  });

  it('comes before the first lease too', () => {
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    rig.gate.reset(ROBOT.home_q, 0.08);
    rig.gate.requestStop(2);
    rig.step();
    expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', stopCategory: 2, latched: true });
  });

  it('2 for want of the enabling device passes by itself, at rest', () => {
    const rig = resting('guided');
    rig.gate.setEnabled(true);
    steps(rig, 50);
    expect(rig.gate.mode).toBe('guided');
    expect(rig.gate.atRest).toBe(false);
    rig.gate.setEnabled(false);
    steps(rig, 1);
    expect(view(rig.gate)).toMatchObject({
      mode: 'protective_stop',
      stopCategory: 2,
      latched: false,
      selectedMode: 'guided',
    });
    expect(reasons(rig)).toEqual(['not_enabled']);
    expect(rig.gate.lastCommand.drives_on).toBe(true);
    rig.gate.setEnabled(true);
    steps(rig, 1);
    expect(rig.gate.mode).toBe('protective_stop');
    const stopping = cyclesToRest(rig);
    expect(stopping).toBeGreaterThan(5);
    steps(rig, 1);
    expect(rig.gate.mode).toBe('guided');
    const stop = rig.gate.interventions.list().find(({ reasons }) => reasons.includes('not_enabled'));
    expect(stop?.effect).toBe('stop');
  });
});

describe('an emergency stop of the arm', () => {
  const pressed = (): GateRig => {
    const rig = moving();
    rig.emergency = true;
    steps(rig, 1);
    return rig;
  };

  it('takes the power from the drives at once, and is no stop of ours', () => {
    const rig = pressed();
    expect(view(rig.gate)).toMatchObject({ mode: 'emergency_stop', stopCategory: 0, latched: true });
    expect(rig.gate.lastCommand.drives_on).toBe(false);
    expect(latched(rig)).toEqual(['emergency_stop']);
    expect(rig.gate.interventions.list().at(-1)).toMatchObject({ effect: 'emergency_stop', cycles: 1 });
    expect(cyclesToRest(rig)).toBeGreaterThan(5);
    steps(rig, 100);
    expect(rig.gate.mode).toBe('emergency_stop');
    expect(rig.gate.lastCommand.drives_on).toBe(false);
  });

  it('is reset only after its release, and the gate has seen that', () => {
    const rig = pressed();
    cyclesToRest(rig);
    expect(rig.gate.acknowledge()).toBe("the arm's emergency stop is pressed; release it first");
    rig.gate.observe(null);
    expect(rig.gate.acknowledge()).toBe("the arm's emergency stop is pressed; release it first");
    rig.emergency = false;
    steps(rig, 1);
    expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', latched: true, stopCategory: 0 });
    steps(rig, 50);
    expect(rig.gate.mode).toBe('protective_stop');
    rig.gate.observe({ ...reportOf(rig), emergency_stop: true });
    expect(rig.gate.acknowledge()).toContain('release it first');
    rig.gate.observe(null);
    expect(rig.gate.acknowledge()).toBe('');
    expect(view(rig.gate)).toMatchObject({ mode: 'initialising', latched: false });
    steps(rig, 20);
    expect(view(rig.gate)).toMatchObject({ mode: 'automatic', atRest: false });
  });

  it('goes before everything else, and leaves the rest latched', () => {
    const rig = moving();
    rig.gate.requestStop(2);
    rig.emergency = true;
    rig.request.values[3] = Number.NaN;
    rig.step('velocity');
    expect(view(rig.gate)).toMatchObject({ mode: 'emergency_stop', stopCategory: 0 });
    expect(latched(rig)).toEqual(['non_finite', 'stop_requested_2', 'emergency_stop']);
  });

  it('goes on from wherever the arm has fallen to, once it is reset', () => {
    const rig = pressed();
    cyclesToRest(rig);
    const fallen = rig.gate.lastCommand.position.map((q, i) => q + (i === 2 ? 0.3 : 0.02));
    rig.emergency = false;
    rig.measured = { ...reportOf(rig), position: fallen };
    steps(rig, 3);
    // Without power the arm need not follow.
    expect(rig.gate.mode).toBe('protective_stop');
    expect(latched(rig)).toEqual(['emergency_stop']);
    expect(rig.gate.acknowledge()).toBe('');
    rig.step();
    expect(Array.from(rig.gate.lastCommand.position)).toEqual(Array.from(fallen));
    expect(rig.gate.mode).toBe('automatic');
  });
});

/** What an arm reports that is where it was sent, and still. */
function reportOf(rig: GateRig) {
  return {
    position: rig.gate.lastCommand.position.slice(),
    velocity: new Float64Array(N),
    effort: new Float64Array(N),
  };
}

describe('guided mode', () => {
  it('does not move without the enabling device, and is not stopped as long as nothing is wanted', () => {
    const rig = resting('guided');
    for (let k = 0; k < 30; k++) rig.step('none');
    expect(view(rig.gate)).toMatchObject({ mode: 'guided', reasons: [] });
    const before = rig.gate.lastCommand.position.slice();
    for (let k = 0; k < 30; k++) {
      steps(rig, 1);
      expect(rig.gate.mode).toBe('protective_stop');
      expect(rig.gate.lastCommand.position).toEqual(before);
    }
    rig.step('none');
    expect(rig.gate.mode).toBe('guided');
  });

  it('does not begin to move without it, whichever way the mode is come by', () => {
    const rig = resting('guided');
    const home = rig.gate.lastCommand.position.slice();
    rig.gate.reset(home);
    for (let k = 0; k < 30; k++) {
      expect(rig.step('velocity', SPEEDS).position).toEqual(home);
      expect(rig.gate.mode).not.toBe('guided');
    }
    rig.gate.setEnabled(true);
    steps(rig, 10);
    expect(view(rig.gate)).toMatchObject({ mode: 'guided', atRest: false });
  });

  it.each(['automatic', 'reduced', 'guided'] as const)('and reduced mode need it, automatic does not: %s', (mode) => {
    const rig = resting(mode);
    steps(rig, 30);
    expect(rig.gate.atRest).toBe(mode !== 'automatic');
    rig.gate.setEnabled(true);
    steps(rig, 30);
    expect(rig.gate.mode).toBe(mode);
    expect(rig.gate.atRest).toBe(false);
    rig.gate.setEnabled(false);
    steps(rig, 1);
    expect(rig.gate.mode === 'protective_stop').toBe(mode !== 'automatic');
    if (mode !== 'automatic') expect(view(rig.gate)).toMatchObject({ stopCategory: 2, reasons: ['not_enabled'] });
  });
});

describe('selecting a mode', () => {
  it.each(OPERATING_MODES)('%s is done at rest, and remembered through a stop', (mode) => {
    const rig = resting(mode);
    expect(rig.gate.selectedMode).toBe(mode);
    rig.gate.requestStop(2);
    rig.step();
    expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', selectedMode: mode });
    expect(rig.gate.acknowledge()).toBe('');
    rig.step();
    expect(rig.gate.mode).toBe(mode);
  });

  it.each(['automatic', 'guided'] as const)('%s is refused in motion', (mode) => {
    const rig = moving();
    expect(rig.gate.selectMode('reduced')).toBe('');
    expect(rig.gate.selectMode(mode)).toBe(`mode ${mode} can be selected only when the arm is at rest`);
    expect(view(rig.gate)).toMatchObject({ mode: 'reduced', selectedMode: 'reduced' });
    rig.runToRest();
    expect(rig.gate.selectMode(mode)).toBe('');
    expect(rig.gate.mode).toBe(mode);
  });

  it('does not end a stop', () => {
    const rig = moving();
    rig.gate.requestStop();
    cyclesToRest(rig);
    expect(rig.gate.selectMode('guided')).toBe('');
    expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', selectedMode: 'guided' });
  });

  it('slows the tool in reduced and in guided mode, and only there', () => {
    const fast = [1.2, 0, 0, 0, 0, 0, 0];
    const top = (mode: OperatingMode): number => {
      const rig = resting(mode);
      rig.gate.setEnabled(true);
      let greatest = 0;
      let last = toolOf(rig.gate.lastCommand.position);
      for (let k = 0; k < 250; k++) {
        const now = toolOf(rig.step('velocity', fast).position);
        greatest = Math.max(greatest, Math.hypot(...now.map((x, axis) => x - last[axis])) * HZ);
        last = now;
      }
      return greatest;
    };
    expect(top('automatic')).toBeGreaterThan(0.36);
    for (const mode of ['reduced', 'guided'] as const) {
      expect(top(mode)).toBeLessThanOrEqual(REDUCED_TOOL_SPEED_M_PER_S * (1 + 1e-9));
      expect(top(mode)).toBeGreaterThan(0.65 * REDUCED_TOOL_SPEED_M_PER_S);
    }
  });

  it('names the reason of the slower motion, and counts it as limited', () => {
    const rig = resting('reduced');
    rig.gate.setEnabled(true);
    const { passed, limited } = rig.gate;
    steps(rig, 100, [0.05, 0, 0, 0, 0, 0, 0]);
    const slow = rig.gate.limited - limited;
    steps(rig, 100, [1.2, 0, 0, 0, 0, 0, 0]);
    expect(reasons(rig)).toEqual(['tool_speed']);
    expect(rig.gate.limited - limited).toBeGreaterThan(slow + 90);
    expect(rig.gate.passed - passed + rig.gate.limited - limited).toBe(200);
    expect(rig.gate.interventions.list().at(-1)?.effect).toBe('limit');
  });
});

/** Where the tool is, m, root link's frame. */
function toolOf(position: Float64Array): number[] {
  const { model } = ROBOT;
  const data = new RobotData(model);
  const q = ROBOT.home_q.slice();
  q.set(position);
  forwardKinematics(model, data, q);
  const { body, p } = model.frames[0];
  const at = rotate(data.R.subarray(9 * body), p);
  return at.map((x, axis) => x + data.p[3 * body + axis]);
}

describe('the gate’s account of itself', () => {
  it('starts with nothing', () => {
    const gate = new SafetyGate(ENVELOPE, ROBOT, HZ);
    expect(view(gate)).toMatchObject({ passed: 0, limited: 0, stopped: 0, reasons: [], stopCategory: -1 });
    expect(view(gate)).toMatchObject({ mode: 'initialising', latched: false, leaseValid: false, atRest: true });
    expect(gate.envelope).toBe(ENVELOPE);
    expect(gate.lastCommand.sequence).toBe(0);
  });

  it('counts every cycle once', () => {
    const rig = new GateRig(ROBOT, ENVELOPE, HZ);
    const { gate } = rig;
    const sum = () => gate.passed + gate.limited + gate.stopped;
    expect(sum()).toBe(3);
    expect(gate.lastCommand.sequence).toBe(3);
    // Before the first lease the arm is held; afterwards nothing was wanted, and nothing is what passed.
    expect(view(gate)).toMatchObject({ passed: 2, limited: 0, stopped: 1 });
    expect(gate.interventions.count).toBe(0);
    steps(rig, 100);
    gate.requestStop();
    steps(rig, 100);
    expect(sum()).toBe(203);
    expect(gate.stopped).toBe(101);
    expect(gate.interventions.list().at(-1)).toMatchObject({ cycles: 100, effect: 'latched_stop' });
    expect(gate.acknowledge()).toBe('');
    rig.step();
    expect(gate.reasons).toBe(0);
    expect(gate.lastCommand.sequence).toBe(204);
  });

  it('says in every cycle why, and no longer than that', () => {
    const rig = moving();
    steps(rig, 1, [0.4, 0, 0, 0, 0, 0, 1.2]);
    expect(reasons(rig)).toEqual(['jerk']);
    rig.runToRest();
    expect(rig.gate.reasons).toBe(0);
    expect(rig.gate.interventions.list().at(-1)).toMatchObject({ effect: 'limit', reasons: ['jerk'] });
  });

  it('tells of a fault as of a fault', () => {
    const rig = moving();
    rig.measured = { ...reportOf(rig), position: rig.gate.lastCommand.position.map((q) => q + 0.2) };
    steps(rig, 1);
    expect(view(rig.gate)).toMatchObject({ mode: 'fault', stopCategory: 1, latched: true });
    expect(latched(rig)).toEqual(['tracking_error']);
    expect(rig.gate.interventions.list().at(-1)).toMatchObject({ effect: 'fault', reasons: ['tracking_error'] });
  });

  it('has a lease while it is granted one, and not from elsewhere', () => {
    const rig = moving();
    expect(rig.gate.leaseValid).toBe(true);
    const { nonce } = rig.gate;
    expect(rig.gate.grant(nonce)).toBe(true);
    expect(rig.gate.grant(nonce)).toBe(false);
    rig.step();
    expect(rig.gate.nonce).not.toBe(nonce);
    rig.leased = false;
    const until = rig.cycle - 1 + Math.round(ENVELOPE.lease_s * HZ);
    while (rig.cycle < until) rig.step();
    expect(view(rig.gate)).toMatchObject({ leaseValid: true, mode: 'automatic' });
    rig.step();
    expect(view(rig.gate)).toMatchObject({ leaseValid: false, mode: 'protective_stop', stopCategory: 1 });
    expect(latched(rig)).toEqual(['lease_lost']);
  });

  it('does not come back from a passing stop without one', () => {
    const rig = moving();
    for (let k = 0; k < 60; k++) rig.cycleOnly();
    expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', atRest: true, latched: false });
    rig.leased = false;
    for (let k = 0; k < 10; k++) rig.cycleOnly();
    expect(view(rig.gate)).toMatchObject({ leaseValid: true, latched: false });
    for (let k = 0; k < 30; k++) rig.cycleOnly();
    const before = rig.gate.lastCommand.position.slice();
    for (let k = 0; k < 10; k++) expect(rig.step('velocity', SPEEDS).position).toEqual(before);
    expect(view(rig.gate)).toMatchObject({ mode: 'protective_stop', latchedReasons: ['lease_lost'] });
  });

  it('writes differences of the positions it sends', () => {
    const rig = moving();
    let { position, velocity } = {
      position: rig.gate.lastCommand.position.slice(),
      velocity: rig.gate.lastCommand.velocity.slice(),
    };
    for (let k = 0; k < 60; k++) {
      const sent = rig.step(
        k < 20 ? 'velocity' : 'none',
        SPEEDS.map((v) => -v),
      );
      for (let i = 0; i < N; i++) {
        expect(sent.velocity[i]).toBeCloseTo((sent.position[i] - position[i]) * HZ, 9);
        expect(sent.acceleration[i]).toBeCloseTo((sent.velocity[i] - velocity[i]) * HZ, 7);
      }
      position = sent.position.slice();
      velocity = sent.velocity.slice();
    }
  });
});
