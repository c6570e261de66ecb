import { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import { robotFromUrdf } from '../robots/index.ts';
import type { Envelope } from './envelope.ts';

/** What the driver of an arm holds one joint to; what is left out it does not say. Rad (m) and s. */
export interface DriverJointLimits {
  readonly position_lower_rad?: number;
  readonly position_upper_rad?: number;
  readonly velocity_rad_per_s?: number;
  readonly acceleration_rad_per_s2?: number;
  readonly jerk_rad_per_s3?: number;
  readonly effort_Nm?: number;
}
export interface DriverLimits {
  /** Where they were read, for errors. */
  readonly source: string;
  readonly joints: Readonly<Record<string, DriverJointLimits>>;
}

const optional = z.number().optional();
/** `joint_limits` as ros2_control's controllers and MoveIt read them, one entry a joint. */
export const jointLimitParameters = z.record(
  z.string(),
  z.object({
    has_position_limits: z.boolean().default(false),
    min_position: optional,
    max_position: optional,
    has_velocity_limits: z.boolean().default(false),
    max_velocity: optional,
    has_acceleration_limits: z.boolean().default(false),
    max_acceleration: optional,
    has_jerk_limits: z.boolean().default(false),
    max_jerk: optional,
    has_effort_limits: z.boolean().default(false),
    max_effort: optional,
  }),
);

/** Limits from `joint_limits` parameters. */
export function driverLimitsOfParameters(
  parameters: z.output<typeof jointLimitParameters>,
  source: string,
): DriverLimits {
  const given = <Key extends keyof DriverJointLimits>(key: Key, has: boolean, value: number | undefined) =>
    has && value !== undefined ? { [key]: value } : {};
  const joints = Object.entries(parameters).map(([name, of]): [string, DriverJointLimits] => [
    name,
    {
      ...given('position_lower_rad', of.has_position_limits, of.min_position),
      ...given('position_upper_rad', of.has_position_limits, of.max_position),
      ...given('velocity_rad_per_s', of.has_velocity_limits, of.max_velocity),
      ...given('acceleration_rad_per_s2', of.has_acceleration_limits, of.max_acceleration),
      ...given('jerk_rad_per_s3', of.has_jerk_limits, of.max_jerk),
      ...given('effort_Nm', of.has_effort_limits, of.max_effort),
    },
  ]);
  return { source, joints: Object.fromEntries(joints) };
}

/** Limits of the joints of a URDF, which has none of acceleration; InputError for what is no URDF. */
export function driverLimitsOfUrdf(urdf: string, source: string): DriverLimits {
  const { model } = robotFromUrdf(urdf, source, { visualMeshes: false });
  const positive = (key: keyof DriverJointLimits, value: number) =>
    Number.isFinite(value) && value > 0 ? { [key]: value } : {};
  const finite = (key: keyof DriverJointLimits, value: number) => (Number.isFinite(value) ? { [key]: value } : {});
  const joints = model.joint_names.map((name, i): [string, DriverJointLimits] => [
    name,
    {
      ...finite('position_lower_rad', model.position_lower[i]),
      ...finite('position_upper_rad', model.position_upper[i]),
      ...positive('velocity_rad_per_s', model.velocity_limit[i]),
      ...positive('effort_Nm', model.effort_limit[i]),
    },
  ]);
  return { source, joints: Object.fromEntries(joints) };
}

/** Part of a limit that rounding of what was printed may take. */
const SLACK = 1e-6;

/**
 * Throws InputError with joint, value and limit where the envelope allows more than the driver does, or knows a joint that
 * the driver does not: the driver would cut off what the gate has verified, and with it the stop.
 */
export function requireWithinDriver(envelope: Envelope, { source, joints }: DriverLimits): void {
  for (const joint of envelope.joints) {
    const limits = joints[joint.name];
    if (limits === undefined) {
      throw new InputError(`envelope joint ${joint.name}`, `${source} has only ${Object.keys(joints).join(', ')}`);
    }
    for (const [key, limit] of Object.entries(limits)) {
      const name = key as keyof DriverJointLimits;
      const value = joint[name];
      const room = SLACK * (1 + Math.abs(limit));
      const inside = name === 'position_lower_rad' ? value >= limit - room : value <= limit + room;
      if (inside) continue;
      const bound = name === 'position_lower_rad' ? 'least' : 'most';
      throw new InputError(
        `envelope ${name} ${value} of ${joint.name}`,
        `at ${bound} ${limit} by ${source}; tighten the envelope`,
      );
    }
  }
}
