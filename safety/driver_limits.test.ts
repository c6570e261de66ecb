import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadRobot, PANDA_URDF } from '../robots/index.ts';
import {
  type DriverJointLimits,
  driverLimitsOfParameters,
  driverLimitsOfUrdf,
  jointLimitParameters,
  requireWithinDriver,
} from './driver_limits.ts';
import { envelopeForRobot } from './envelope.ts';

const envelope = envelopeForRobot(loadRobot('panda', { visualMeshes: false }));
const own = envelope.joints[2];
const tighter = (change: DriverJointLimits) => ({
  source: 'the driver',
  joints: { ...Object.fromEntries(envelope.joints.map(({ name }) => [name, {}])), [own.name]: change },
});

describe('an envelope and what the driver allows', () => {
  it('fits the URDF it is for', () => {
    const limits = driverLimitsOfUrdf(readFileSync(PANDA_URDF, 'utf8'), PANDA_URDF);
    expect(Object.keys(limits.joints)).toContain('panda_finger_joint1');
    expect(() => requireWithinDriver(envelope, limits)).not.toThrow();
  });

  it.each<[keyof DriverJointLimits, number]>([
    ['position_lower_rad', 0.1],
    ['position_upper_rad', -0.1],
    ['velocity_rad_per_s', -0.1],
    ['acceleration_rad_per_s2', -1],
    ['jerk_rad_per_s3', -1],
    ['effort_Nm', -1],
  ])('is refused with joint, value and limit where its %s is looser', (key, change) => {
    expect(() => requireWithinDriver(envelope, tighter({ [key]: own[key] }))).not.toThrow();
    const limit = own[key] + change;
    expect(() => requireWithinDriver(envelope, tighter({ [key]: limit }))).toThrow(
      new RegExp(`^envelope ${key} ${own[key]} of ${own.name}: at (least|most) ${limit} by the driver; tighten`),
    );
  });

  it('is refused for a joint that the driver does not have', () => {
    expect(() => requireWithinDriver(envelope, { source: 'x', joints: { elbow: {} } })).toThrow(
      'envelope joint panda_joint1: x has only elbow',
    );
  });

  it('reads joint_limits as controllers and MoveIt do: what is not switched on is not there', () => {
    const parameters = jointLimitParameters.parse({
      a: { has_velocity_limits: true, max_velocity: 2, has_acceleration_limits: false, max_acceleration: 5 },
      b: { has_position_limits: true, min_position: -1, max_position: 1, has_jerk_limits: true, max_jerk: 9 },
    });
    expect(driverLimitsOfParameters(parameters, 'f').joints).toEqual({
      a: { velocity_rad_per_s: 2 },
      b: { position_lower_rad: -1, position_upper_rad: 1, jerk_rad_per_s3: 9 },
    });
  });
});
