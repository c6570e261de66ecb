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

/** What an operator's page asks for: `twist` and `joints` move while they come again and again, `release` halts at once. */
export const OPERATOR_JOG_KINDS = ['twist', 'joints', 'release'] as const;
export type OperatorJogKind = (typeof OPERATOR_JOG_KINDS)[number];

/** surepick_msgs/OperatorJog: what an operator holds down, under the control lease that they were granted. */
export const operatorJog = z.object({
  /** When the server took it, robot time. */
  stamp_ns,
  /** Of the operator's control lease: the newest grant has the highest. */
  epoch: z.number().int().positive(),
  /** Opaque name of the operator's session; never a token. */
  session: z.string().max(64),
  /** Rises with every message of an epoch. */
  sequence: z.number().int().min(0).max(0xffffffff),
  /** Stamp of the newest joint state that the operator's page had drawn when it sent this. */
  seen_ns: stamp_ns,
  kind: z.enum(OPERATOR_JOG_KINDS),
  /** Of a twist: axes of this frame, about the tool frame; empty for the root link. m/s, rad/s. */
  frame_id: z.string(),
  linear: vector3,
  angular: vector3,
  /** Of joints: velocities of those named (rad/s); the others stay where they are. */
  joint_names: z.array(z.string()).readonly(),
  joint_velocity: z.instanceof(Float64Array),
});
export type OperatorJog = z.infer<typeof operatorJog>;

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

/** What a servo's status says in `detail` while the targets of a learned policy are in force. */
export const POLICY_TARGETS = 'targets of a learned policy';

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
