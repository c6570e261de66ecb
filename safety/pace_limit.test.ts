import { describe, expect, it } from 'vitest';
import { GateRig } from '../test/support/gate_rig.ts';
import { heapGrowthPerCall } from '../test/support/heap.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { envelopeForRobot } from './envelope.ts';
import { PaceLimit } from './pace_limit.ts';
import { reasonNames } from './reasons.ts';

const ROBOT = plainArm();
const HZ = 500;
const [TOP] = ROBOT.limits.velocity;

function moving(share: number): GateRig {
  const rig = new GateRig(ROBOT, envelopeForRobot(ROBOT), HZ);
  for (let k = 0; k < 250; k++) rig.step('velocity', speeds(share));
  return rig;
}

const speeds = (share: number) =>
  ROBOT.limits.velocity.slice(0, ROBOT.arm_joints).map((v, i) => (i === 0 ? share * v : 0));

describe('the pace', () => {
  it('is 1 at first, and lets everything pass', () => {
    const rig = moving(0.2);
    expect(rig.gate.pace).toBe(1);
    expect(rig.gate.mode).toBe('automatic');
  });

  it('lets pass who comes down to it in twice the time of a stop, and stops who does not', () => {
    for (const [share, wanted, stops] of [
      [0.25, 0.2, false],
      [0.25, 0.3, true],
      [0, 0, false],
      [0, 0.05, true],
    ] as const) {
      const rig = moving(0.3);
      const { stop_time_s } = rig.gate.lastCommand;
      rig.gate.setPace(share);
      let cycles = 0;
      for (; cycles < 500 && rig.gate.mode === 'automatic'; cycles++) rig.step('velocity', speeds(wanted));
      expect(rig.gate.mode, `pace ${share}, ${wanted} wanted`).toBe(stops ? 'protective_stop' : 'automatic');
      if (!stops) continue;
      expect(reasonNames(rig.gate.latchedReasons)).toEqual(['pace_exceeded']);
      expect(cycles / HZ).toBeCloseTo(2 * stop_time_s + 0.1, 1);
      expect(rig.gate.stopCategory).toBe(1);
    }
  });

  it('can be raised at any moment, and means nothing to an arm that is stopped anyway', () => {
    const rig = moving(0.3);
    rig.gate.setPace(0);
    for (let k = 0; k < 5; k++) rig.step('velocity', speeds(0.3));
    rig.gate.setPace(1);
    for (let k = 0; k < 500; k++) rig.step('velocity', speeds(0.1));
    expect(rig.gate.mode).toBe('automatic');
    rig.gate.setPace(0);
    rig.gate.requestStop(2);
    for (let k = 0; k < 500; k++) rig.step('velocity', speeds(0.1));
    expect(reasonNames(rig.gate.latchedReasons)).toEqual(['stop_requested_2']);
  });

  it('is refused where it is no share', () => {
    for (const share of [-0.1, 1.1, Number.NaN]) expect(() => moving(0).gate.setPace(share)).toThrow(/a share/);
  });

  it('costs no memory', () => {
    const { gate } = moving(0.1);
    const limit = new PaceLimit(ROBOT, HZ);
    limit.set(0.5, 0);
    expect(heapGrowthPerCall(() => void limit.exceeded(gate.lastCommand), 20_000, 1)).toBeLessThan(1);
  });
});

describe('policies that may not command', () => {
  it('are stopped by category 2 while they do, and planned motion goes on', () => {
    const rig = moving(0.2);
    rig.request.source = 'policy';
    rig.gate.setPolicies(false);
    for (let k = 0; k < 300; k++) rig.step('velocity', speeds(0.2));
    expect([rig.gate.mode, rig.gate.stopCategory, rig.gate.atRest]).toEqual(['protective_stop', 2, true]);
    expect(reasonNames(rig.gate.reasons)).toEqual(['not_enabled']);
    expect(rig.gate.latched).toBe(false);
    rig.step();
    rig.request.source = 'trajectory';
    for (let k = 0; k < 300; k++) rig.step('velocity', speeds(0.2));
    expect(rig.gate.mode).toBe('automatic');
    expect(rig.gate.lastCommand.velocity[0]).toBeCloseTo(0.2 * TOP, 9);
    expect(rig.gate.source).toBe('trajectory');
  });
});
