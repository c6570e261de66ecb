import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError, PACKAGE_ROOT } from '../contracts/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type Envelope, envelopeForRobot, envelopeLimits, parseEnvelope, usableLimits } from './envelope.ts';

const ROBOT = loadRobot('panda');
const ENVELOPE = envelopeForRobot(ROBOT);
const COLUMN = {
  id: 'column',
  shape: { type: 'cylinder', radius: 0.1, length: 2 },
  pose: { position: [1, 0, 0], orientation: [0, 0, 0, 1] },
};

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

  it('takes keep-out volumes, at rest and upright unless it says otherwise', () => {
    const { keep_out } = parseEnvelope({ ...ENVELOPE, keep_out: [{ ...COLUMN, pose: { position: [1, 0, 0] } }] });
    expect(keep_out).toEqual([{ ...COLUMN, velocity_m_per_s: [0, 0, 0] }]);
  });

  it('of the Panda is shipped as a file to start from', () => {
    const file = join(PACKAGE_ROOT, 'robots', 'panda', 'panda.envelope.json');
    expect(parseEnvelope(readFileSync(file, 'utf8'), file)).toEqual(ENVELOPE);
  });

  it.each<[string, (envelope: Envelope) => unknown]>([
    ['JSON', () => '{'],
    ['version', (envelope) => ({ ...envelope, version: 1 })],
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
    ['tool.reduced_speed_m_per_s', (e) => ({ ...e, tool: { ...e.tool, reduced_speed_m_per_s: 0.3 } })],
    ['tool.speed_m_per_s', (e) => ({ ...e, tool: { ...e.tool, speed_m_per_s: 0 } })],
    ['tool.frame', (e) => ({ ...e, tool: { ...e.tool, frame: undefined } })],
    ['clearance.self_m', (e) => ({ ...e, clearance: { ...e.clearance, self_m: -0.01 } })],
    ['keep_out.0.velocity_m_per_s', (e) => ({ ...e, keep_out: [{ ...COLUMN, velocity_m_per_s: [0, 0, 1] }] })],
    [
      'keep_out.0.pose.orientation',
      (e) => ({ ...e, keep_out: [{ ...COLUMN, pose: { ...COLUMN.pose, orientation: [0, 0, 0, 2] } }] }),
    ],
    ['keep_out', (e) => ({ ...e, keep_out: Array.from({ length: 65 }, () => COLUMN) })],
    ['lease_s', (envelope) => ({ ...envelope, lease_s: 2 })],
    ['late_s', (envelope) => ({ ...envelope, late_s: undefined })],
    ['document', (envelope) => ({ ...envelope, speed: 3 })],
  ])('names %s in what it refuses', (place, change) => {
    expect(() => parseEnvelope(change(ENVELOPE), 'site.json')).toThrow(InputError);
    expect(() => parseEnvelope(change(ENVELOPE), 'site.json')).toThrow(place);
  });
});
