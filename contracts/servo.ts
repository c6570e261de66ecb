import { z } from 'zod';
import { pose, vector3 } from './shapes.ts';

const stamp_ns = z.bigint().nonnegative();

/** geometry_msgs/TwistStamped: velocity of the tool frame's origin (m/s) and its turning (rad/s), axes of `frame_id`. */
export const twistStamped = z.object({ stamp_ns, frame_id: z.string(), linear: vector3, angular: vector3 });
export type TwistStamped = z.infer<typeof twistStamped>;

/** geometry_msgs/PoseStamped: where the tool frame is to be, seen in `frame_id` when it was stamped. */
export const poseStamped = z.object({ stamp_ns, frame_id: z.string(), pose });
export type PoseStamped = z.infer<typeof poseStamped>;

/** control_msgs/JointJog: velocities of the joints named (rad/s); the others stay where they are. */
export const jointJog = z.object({
  stamp_ns,
  names: z.array(z.string()).readonly(),
  velocity: z.instanceof(Float64Array),
});
export type JointJog = z.infer<typeof jointJog>;

/** `idle`: nothing is asked for; `following`; `slowed`: less than was asked for; `halted`: at rest or on the way there. */
export const SERVO_STATES = ['idle', 'following', 'slowed', 'halted'] as const;
export type ServoState = (typeof SERVO_STATES)[number];

/** What slows or halts. `gate`: the safety gate allows no motion; `held`: something holds the arm back. */
export const SERVO_REASONS = [
  'none',
  'collision',
  'singularity',
  'joint_limit',
  'velocity_limit',
  'stale',
  'gate',
  'held',
  'requested',
] as const;
export type ServoReason = (typeof SERVO_REASONS)[number];

/** What the servo does and why. */
export const servoStatus = z.object({
  stamp_ns,
  state: z.enum(SERVO_STATES),
  reason: z.enum(SERVO_REASONS),
  /** Of the velocity asked for, 0..1. */
  share: z.number(),
  /** One line for a person: the pair that is near and its distance, the joint, the age of the last command. */
  detail: z.string(),
});
export type ServoStatusMessage = z.infer<typeof servoStatus>;
