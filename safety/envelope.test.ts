import { describe, expect, it } from 'vitest';
import { InputError } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type Envelope, envelopeForRobot, envelopeLimits, parseEnvelope, usableLimits } from './envelope.ts';

const ROBOT = loadRobot('panda');
const ENVELOPE = envelopeForRobot(ROBOT);

describe('envelope', () => {
  it('of the Panda keeps libfranka’s margins', () => {
    const limits = envelopeLimits(ENVELOPE);
    expect(limits.velocity[0]).toBeCloseTo(2.175 - 1e-3 - 3e-3 * 15, 12);
    expect(limits.velocity[1]).toBeCloseTo(2.175 - 1e-3 - 3e-3 * 7.5, 12);
    expect(limits.velocity[6]).toBeCloseTo(2.61 - 1e-3 - 3e-3 * 20, 12);
    expect(limits.acceleration[1]).toBeCloseTo(7.499, 12);
    expect(limits.jerk[1]).toBeCloseTo(3749.999, 9);
    expect(limits.position_upper[3]).toBeCloseTo(-0.0708, 12);
    expect(ENVELOPE.joints).toHaveLength(7);
    expect(ENVELOPE.stale_s).toBe(0.02);
  });

  it('lies inside the robot’s own limits', () => {
    const usable = usableLimits(ROBOT.limits);
    for (let i = 0; i < ROBOT.arm_joints; i++) {
      expect(usable.velocity[i]).toBeLessThan(ROBOT.limits.velocity[i]);
      expect(usable.position_lower[i]).toBeGreaterThan(ROBOT.limits.position_lower[i]);
      expect(ROBOT.home_q[i]).toBeGreaterThan(usable.position_lower[i]);
      expect(ROBOT.home_q[i]).toBeLessThan(usable.position_upper[i]);
    }
  });

  it('survives JSON', () => {
    expect(parseEnvelope(JSON.stringify(ENVELOPE))).toEqual(ENVELOPE);
  });

  it.each<[string, (envelope: Envelope) => unknown]>([
    ['JSON', () => '{'],
    ['version', (envelope) => ({ ...envelope, version: 2 })],
    ['stale_s', (envelope) => ({ ...envelope, stale_s: 0 })],
    [
      'joints.0.jerk_rad_per_s3',
      (e) => ({ ...e, joints: [{ ...e.joints[0], jerk_rad_per_s3: 0.5 }, ...e.joints.slice(1)] }),
    ],
    [
      'joints.1.velocity_rad_per_s',
      (e) => ({ ...e, joints: [e.joints[0], { ...e.joints[1], velocity_rad_per_s: Number.NaN }] }),
    ],
    ['joints.0.position_lower_rad', (e) => ({ ...e, joints: [{ ...e.joints[0], position_lower_rad: 3 }] })],
    ['workspace.lower_m', (e) => ({ ...e, workspace: { ...e.workspace, lower_m: [2, 0, 0] } })],
    ['joints', (envelope) => ({ ...envelope, joints: [] })],
    ['document', (envelope) => ({ ...envelope, speed: 3 })],
  ])('names %s in what it refuses', (place, change) => {
    expect(() => parseEnvelope(change(ENVELOPE), 'site.json')).toThrow(InputError);
    expect(() => parseEnvelope(change(ENVELOPE), 'site.json')).toThrow(place);
  });
});
