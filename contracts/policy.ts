import { z } from 'zod';
import { pickPlaceGoal } from './messages.ts';

const stamp_ns = z.bigint().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const share = z.number().min(0).max(1);

/** Where what a policy is told comes from: the robot's own sensors, or the state of the world, which only a simulator knows. */
export const POLICY_INPUTS = ['robot', 'state'] as const;
export type PolicyInput = (typeof POLICY_INPUTS)[number];

/** surepick_msgs/OfferedPolicy: a learned policy that can be run here. */
export const offeredPolicy = z
  .object({
    name: z.string().min(1),
    version: z.string().min(1),
    /** Of the network's file: what a goal names. */
    model_sha256: sha256,
    task: z.string().min(1),
    rate_hz: z.number().positive(),
    told: z.enum(POLICY_INPUTS),
    /** Less sure than this it asks a person; 0 for one that never does. */
    ask_below: share,
  })
  .readonly();
export type OfferedPolicy = z.infer<typeof offeredPolicy>;

/** surepick_msgs/OfferedPolicies: all that a cell offers. */
export const offeredPolicies = z.object({ stamp_ns, policies: z.array(offeredPolicy).max(64).readonly() });
export type OfferedPolicies = z.infer<typeof offeredPolicies>;

/** `waiting`: paused, or slowed down to nothing; `asking`: held until a person answers; `ended`: the arm rests. */
export const POLICY_PHASES = ['running', 'waiting', 'asking', 'ended'] as const;
export type PolicyPhaseName = (typeof POLICY_PHASES)[number];

const progress = {
  /** How far the handling of the object has come, e.g. `lift`. */
  stage: z.string(),
  /** What it waits for or why it ended; empty otherwise. */
  reason: z.string(),
  /** How sure it is, 0..1; null for one that does not say. */
  confidence: share.nullable(),
  /** Since its start, without what it waited, at full speed (s). */
  time_s: z.number().nonnegative(),
};

/** surepick_msgs/PolicyRun: a policy that moves the arm, as it goes. */
export const policyRun = z.object({
  stamp_ns,
  policy: z.string().min(1),
  model_sha256: sha256,
  phase: z.enum(POLICY_PHASES),
  ...progress,
});
export type PolicyRun = z.infer<typeof policyRun>;

/** surepick_msgs/action/RunPolicy: lets an offered policy do its task with one object; cancelling brings the arm to rest. */
export const runPolicyGoal = pickPlaceGoal.extend({ model_sha256: sha256 });
export type RunPolicyGoal = z.infer<typeof runPolicyGoal>;
export const runPolicyFeedback = z.object({ phase: z.enum(POLICY_PHASES), ...progress });
export type RunPolicyFeedback = z.infer<typeof runPolicyFeedback>;
export const runPolicyResult = z.object({
  ok: z.boolean(),
  stage: z.string(),
  reason: z.string(),
  time_s: z.number().nonnegative(),
});
export type RunPolicyResult = z.infer<typeof runPolicyResult>;
