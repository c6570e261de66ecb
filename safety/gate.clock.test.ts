import { describe, expect, it } from 'vitest';
import { GateRig } from '../test/support/gate_rig.ts';
import { view } from '../test/support/gate_view.ts';
import { plainArm } from '../test/support/plain_arm.ts';
import { envelopeForRobot } from './envelope.ts';
import { reasonNames } from './reasons.ts';

const ROBOT = plainArm();
/** A power of two, so that times of cycles and halves of them are exact. */
const HZ = 512;
const SPEEDS = [0.4, 0, 0, 0, 0, 0, 0.5];

function moving(): GateRig {
  const rig = new GateRig(ROBOT, envelopeForRobot(ROBOT), HZ);
  for (let k = 0; k < 100; k++) rig.step('velocity', SPEEDS);
  expect(rig.gate.mode).toBe('automatic');
  return rig;
}

describe('the gate’s clock', () => {
  it('may run at twice the rate, and no faster', () => {
    for (const [share, mode] of [
      [0.5, 'automatic'],
      [0.499, 'fault'],
    ] as const) {
      const rig = moving();
      rig.gate.step(rig.t_s + share / HZ, rig.request);
      expect(rig.gate.mode).toBe(mode);
    }
  });

  it('is a fault when it stops making sense, without being believed', () => {
    for (const t_s of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0]) {
      const rig = moving();
      const { nonce } = rig.gate;
      rig.gate.step(t_s, rig.request);
      expect(view(rig.gate)).toMatchObject({ mode: 'fault', stopCategory: 1 });
      expect(reasonNames(rig.gate.latchedReasons)).toEqual(['clock']);
      expect(rig.gate.leaseValid).toBe(true);
      expect(rig.gate.nonce).not.toBe(nonce);
      rig.runToRest();
      expect(reasonNames(rig.gate.latchedReasons)).toEqual(['clock']);
      expect(rig.gate.acknowledge()).toBe('');
      for (let k = 0; k < 20; k++) rig.step('velocity', SPEEDS);
      expect(view(rig.gate)).toMatchObject({ mode: 'automatic', atRest: false });
    }
  });

  it('may begin anywhere', () => {
    for (const t_s of [-1e6, 0, 1e6]) {
      const rig = new GateRig(ROBOT, envelopeForRobot(ROBOT), HZ);
      rig.gate.reset(ROBOT.home_q);
      rig.request.kind = 'none';
      rig.gate.step(t_s, rig.request);
      expect(rig.gate.mode).toBe('initialising');
      expect(rig.gate.latched).toBe(false);
      expect(rig.gate.grant(rig.gate.nonce)).toBe(true);
      rig.gate.step(t_s + 1 / HZ, rig.request);
      expect(rig.gate.mode).toBe('automatic');
    }
  });
});
