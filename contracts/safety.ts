import { z } from 'zod';
import { pose, vector3 } from './shapes.ts';

const stamp_ns = z.bigint().nonnegative();

/** What a moving body can be taken for; people have limits of their own. */
export const BODY_KINDS = ['person', 'object'] as const;

/** A person or another moving body near the arm, as sensed at the stamp of its message: a capsule about its z axis (m). */
export const bodyTrack = z
  .object({
    id: z.number().int().nonnegative(),
    kind: z.enum(BODY_KINDS),
    radius_m: z.number().positive(),
    /** Of the capsule's segment, without its caps. */
    length_m: z.number().nonnegative(),
    pose,
    velocity_m_per_s: vector3,
    /** The true position is at most this far from the one told, m. */
    position_error_m: z.number().nonnegative(),
  })
  .readonly();
export type BodyTrack = z.infer<typeof bodyTrack>;

/** surepick_msgs/BodyTracks: all bodies that one source sees, none too; frame `frame_id`, the arm's root link. */
export const bodyTracks = z.object({
  stamp_ns,
  frame_id: z.string(),
  source: z.string().min(1),
  bodies: z.array(bodyTrack).max(32).readonly(),
});
export type BodyTracks = z.infer<typeof bodyTracks>;

/** surepick_msgs/PolicyStatus: how far what a policy sees is from what it was trained on; over its limit it does not know. */
export const policyStatus = z.object({
  stamp_ns,
  policy: z.string(),
  /** Of the network's file, lower-case hex; empty for a scripted policy. */
  model_sha256: z.string(),
  ood_score: z.number().nonnegative(),
  ood_limit: z.number().positive(),
});
export type PolicyStatus = z.infer<typeof policyStatus>;

/** control_msgs/DynamicJointState: whatever an arm reports of its joints, by the names of its interfaces. */
export const dynamicJointStates = z.object({
  stamp_ns,
  joints: z
    .array(
      z
        .object({
          name: z.string(),
          values: z.array(z.object({ interface: z.string(), value: z.number().or(z.nan()) }).readonly()).readonly(),
        })
        .readonly(),
    )
    .readonly(),
});
export type DynamicJointStates = z.infer<typeof dynamicJointStates>;

/** surepick_msgs/AuditCheckpoint: the audit log `log` had `sequence` entries, the last of this hash. */
export const auditCheckpoint = z.object({
  stamp_ns,
  log: z.string().min(1),
  sequence: z.number().int().nonnegative(),
  /** SHA-256, lower-case hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Fingerprint of the signing key and its signature, base64; both empty where no key signs. */
  key: z.string(),
  signature: z.string(),
});
export type AuditCheckpoint = z.infer<typeof auditCheckpoint>;

/** surepick_msgs/GateJournal: what the safety gate was told and decided, cycle by cycle from `first_cycle` on. */
export const gateJournal = z.object({
  stamp_ns,
  first_cycle: z.number().int().nonnegative(),
  data: z.instanceof(Uint8Array),
});
export type GateJournal = z.infer<typeof gateJournal>;

/** What is left of normal work while something is wrong; a later one is the graver. `scripted`: learned policies rest. */
export const DEGRADATIONS = ['none', 'slower', 'scripted', 'hold', 'stop'] as const;
export type Degradation = (typeof DEGRADATIONS)[number];

/** The three-position device of a person in the cell, as far as a source knows of one. */
export const ENABLING_DEVICE = ['none', 'released', 'held'] as const;
export type EnablingDevice = (typeof ENABLING_DEVICE)[number];
