import { z } from 'zod';
import { InputError, vector3 } from '../contracts/index.ts';
import type { JointLimits } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { reactionsSection } from './monitors/reactions.ts';
import { obstacleSchema } from './obstacle.ts';
import { contactSection } from './separation/contact_limits.ts';
import { separationSection } from './separation/limits.ts';

const positive = z.number().positive();

const jointEnvelope = z
  .strictObject({
    name: z.string().min(1),
    position_lower_rad: z.number(),
    position_upper_rad: z.number(),
    velocity_rad_per_s: positive,
    acceleration_rad_per_s2: positive,
    jerk_rad_per_s3: z.number().min(1),
    effort_Nm: positive,
    /** Binds the torque interface only: a position or velocity command leaves the torque to the arm's own controller. */
    effort_rate_Nm_per_s: positive,
  })
  .refine((joint) => joint.position_lower_rad < joint.position_upper_rad, {
    path: ['position_lower_rad'],
    error: 'must be below position_upper_rad',
  });

const seconds = z.number().nonnegative();

/** Stops of the arm as commissioning timed them from their request on, s; nothing that binds. */
const measuredStop = z
  .strictObject({
    trials: z.int().positive(),
    /** To the first loss of speed; `bound`: 95 % of all stops keep it, with 95 % confidence. */
    deceleration_s: z.strictObject({ median: seconds, most: seconds, bound: seconds }).readonly(),
    standstill_s: z.strictObject({ median: seconds, most: seconds }).readonly(),
  })
  .readonly();
export type MeasuredStop = z.infer<typeof measuredStop>;

/** Fastest the tool may move in reduced and guided mode, m/s (ISO 10218-1: 250 mm/s). */
export const REDUCED_TOOL_SPEED_M_PER_S = 0.25;

/**
 * What one robot may do at one place of work. Angles for revolute joints; for a prismatic joint read m for rad and N for
 * Nm. Tool speed and acceleration are those of the tool frame's origin, the workspace is a box for it, and every volume is
 * given in the root link's frame.
 */
export const envelopeSchema = z.strictObject({
  schema: z.literal('surepick.envelope'),
  version: z.literal(2),
  robot: z.string().min(1),
  joints: z.array(jointEnvelope).min(1).readonly(),
  tool: z
    .strictObject({
      frame: z.string().min(1),
      speed_m_per_s: positive.nullable(),
      acceleration_m_per_s2: positive.nullable(),
      reduced_speed_m_per_s: positive.max(REDUCED_TOOL_SPEED_M_PER_S),
    })
    .readonly(),
  workspace: z
    .strictObject({ lower_m: vector3, upper_m: vector3 })
    .refine((box) => box.lower_m.every((lower, axis) => lower < box.upper_m[axis]), {
      path: ['lower_m'],
      error: 'must be below upper_m in every axis',
    })
    .nullable(),
  /** Volumes no part of the arm may enter; one that moves is an obstacle and no part of an envelope. */
  keep_out: z
    .array(
      obstacleSchema.refine(({ velocity_m_per_s }) => velocity_m_per_s.every((v) => v === 0), {
        path: ['velocity_m_per_s'],
        error: 'must be zero in a keep-out volume',
      }),
    )
    .max(64)
    .readonly(),
  /** Least distance between links, and between links and obstacles or keep-out volumes (m). */
  clearance: z.strictObject({ self_m: z.number().nonnegative(), obstacle_m: z.number().nonnegative() }).readonly(),
  gripper: z.strictObject({ max_width_m: positive, max_force_N: positive }).readonly().nullable(),
  /** A measured joint farther than this from what was sent is a fault: something pushes the arm. */
  tracking_error_rad: positive,
  /** A command older than this stops the arm. */
  stale_s: positive.max(1),
  /** How long one grant of the lease lasts. */
  lease_s: positive.max(1),
  /** A cycle that begins later than this after its time stops the arm. */
  late_s: positive.max(1),
  measured_stop: measuredStop.optional(),
  /** Of the arm to people and other moving bodies; where it is left out, tracked bodies are plain obstacles. */
  separation: separationSection.optional(),
  /** What a body bears that is touched; without it the arm touches a body only at rest. */
  contact_limits: contactSection.optional(),
  /** What happens when something that safe motion rests on is missing or wrong; by default as `DEFAULT_REACTIONS` has it. */
  reactions: reactionsSection.optional(),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** Reads an envelope from JSON text or a parsed value; `where` names its source in errors. */
export function parseEnvelope(json: unknown, where = 'envelope'): Envelope {
  let value = json;
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json);
    } catch (cause) {
      throw new InputError(where, `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
  const result = envelopeSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InputError(`${where}: ${issue.path.join('.') || 'document'}`, issue.message);
}

/** libfranka keeps this much of every limit and the acceleration of three lost packets of 1 ms. */
const LIMIT_MARGIN = 1e-3;
const LOST_PACKETS_S = 3e-3;
/** How fast the Panda's torque commands may change (libfranka); for other robots too, where nothing is known. */
export const EFFORT_RATE_NM_PER_S = 1000;

/**
 * The part of a robot's limits that commands may use (libfranka 0.9, rate_limiting.h): 1e-3 less of each, and velocity
 * less by 3 ms of acceleration. Plan within these and the gate passes every sample.
 */
export function usableLimits(limits: JointLimits): JointLimits {
  return {
    position_lower: limits.position_lower.map((value) => value + LIMIT_MARGIN),
    position_upper: limits.position_upper.map((value) => value - LIMIT_MARGIN),
    velocity: limits.velocity.map((value, i) => value - LIMIT_MARGIN - LOST_PACKETS_S * limits.acceleration[i]),
    acceleration: limits.acceleration.map((value) => value - LIMIT_MARGIN),
    jerk: limits.jerk.map((value) => value - LIMIT_MARGIN),
    effort: limits.effort.map((value) => value - LIMIT_MARGIN),
  };
}

/** Widest position limits of a continuous joint, which has none of its own: turns that no cable survives, rad. */
const CONTINUOUS_RAD = 100;

/** A robot on a table at z = 0: the tool stays in front of, beside and above the base, its tip at most 5 mm below the top. */
export function envelopeForRobot(robot: Robot): Envelope {
  const limits = usableLimits(robot.limits);
  return parseEnvelope(
    {
      schema: 'surepick.envelope',
      version: 2,
      robot: robot.name,
      joints: Array.from({ length: robot.arm_joints }, (_, i) => ({
        name: robot.model.joint_names[i],
        position_lower_rad: Math.max(limits.position_lower[i], -CONTINUOUS_RAD),
        position_upper_rad: Math.min(limits.position_upper[i], CONTINUOUS_RAD),
        velocity_rad_per_s: limits.velocity[i],
        acceleration_rad_per_s2: limits.acceleration[i],
        jerk_rad_per_s3: limits.jerk[i],
        effort_Nm: Math.min(limits.effort[i], Number.MAX_VALUE),
        effort_rate_Nm_per_s: EFFORT_RATE_NM_PER_S - LIMIT_MARGIN,
      })),
      tool: {
        frame: robot.tcp_frame,
        speed_m_per_s: null,
        acceleration_m_per_s2: null,
        reduced_speed_m_per_s: REDUCED_TOOL_SPEED_M_PER_S,
      },
      workspace: robot.name === 'panda' ? { lower_m: [-0.3, -0.7, -0.005], upper_m: [0.9, 0.7, 1.2] } : null,
      keep_out: [],
      clearance: { self_m: 0, obstacle_m: 0.01 },
      gripper:
        robot.gripper === null
          ? null
          : { max_width_m: robot.gripper.max_width_m, max_force_N: robot.gripper.max_force_N },
      tracking_error_rad: 0.1,
      stale_s: 0.02,
      lease_s: 0.04,
      late_s: 0.02,
    },
    `envelope of ${robot.name}`,
  );
}

/** The envelope's joint limits as arrays, for planners and trajectory generators. */
export function envelopeLimits(envelope: Envelope): JointLimits {
  return {
    position_lower: Float64Array.from(envelope.joints, (joint) => joint.position_lower_rad),
    position_upper: Float64Array.from(envelope.joints, (joint) => joint.position_upper_rad),
    velocity: Float64Array.from(envelope.joints, (joint) => joint.velocity_rad_per_s),
    acceleration: Float64Array.from(envelope.joints, (joint) => joint.acceleration_rad_per_s2),
    jerk: Float64Array.from(envelope.joints, (joint) => joint.jerk_rad_per_s3),
    effort: Float64Array.from(envelope.joints, (joint) => joint.effort_Nm),
  };
}
