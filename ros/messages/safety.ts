import { z } from 'zod';
import {
  type AuditCheckpoint,
  BODY_KINDS,
  type BodyTracks,
  type DynamicJointStates,
  type GateJournal,
  type PolicyStatus,
} from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import {
  bytes,
  count,
  fieldError,
  finite,
  floats,
  header,
  parseFields,
  pose,
  rosHeader,
  rosPose,
  rosXyz,
  stamp,
  toRosTime,
  xyz,
} from './fields.ts';

const bodyTracks = z.object({
  header,
  source: z.string().min(1),
  bodies: z
    .array(
      z.object({
        id: z.number().int().nonnegative(),
        kind: z
          .number()
          .int()
          .min(0)
          .max(BODY_KINDS.length - 1),
        radius_m: finite.positive(),
        length_m: finite.nonnegative(),
        pose,
        velocity: xyz,
        position_error_m: finite.nonnegative(),
      }),
    )
    .max(32),
});

/** surepick_msgs/msg/BodyTracks. */
export function bodyTracksToRos({ stamp_ns, frame_id, source, bodies }: BodyTracks): object {
  return {
    header: rosHeader(stamp_ns, frame_id),
    source,
    bodies: bodies.map(({ kind, pose, velocity_m_per_s, ...rest }) => ({
      ...rest,
      kind: BODY_KINDS.indexOf(kind),
      pose: rosPose(pose),
      velocity: rosXyz(velocity_m_per_s),
    })),
  };
}

export function bodyTracksFromRos(fields: RosFields): BodyTracks {
  const { header, source, bodies } = parseFields(bodyTracks, fields, 'surepick_msgs/msg/BodyTracks');
  return {
    stamp_ns: header.stamp,
    frame_id: header.frame_id,
    source,
    bodies: bodies.map(({ kind, velocity, ...rest }) => ({
      ...rest,
      kind: BODY_KINDS[kind],
      velocity_m_per_s: velocity,
    })),
  };
}

const policyStatus = z.object({
  stamp,
  policy: z.string(),
  model_sha256: z.string(),
  ood_score: finite.nonnegative(),
  ood_limit: finite.positive(),
});

/** surepick_msgs/msg/PolicyStatus. */
export function policyStatusToRos({ stamp_ns, ...rest }: PolicyStatus): object {
  return { ...rest, stamp: toRosTime(stamp_ns) };
}

export function policyStatusFromRos(fields: RosFields): PolicyStatus {
  const { stamp, ...rest } = parseFields(policyStatus, fields, 'surepick_msgs/msg/PolicyStatus');
  return { ...rest, stamp_ns: stamp };
}

const DYNAMIC_JOINT_STATE = 'control_msgs/msg/DynamicJointState';
const dynamicJointStates = z.object({
  header,
  joint_names: z.array(z.string()),
  interface_values: z.array(z.object({ interface_names: z.array(z.string()), values: floats })),
});

/** control_msgs/msg/DynamicJointState. */
export function dynamicJointStatesToRos({ stamp_ns, joints }: DynamicJointStates): object {
  return {
    header: rosHeader(stamp_ns),
    joint_names: joints.map(({ name }) => name),
    interface_values: joints.map(({ values }) => ({
      interface_names: values.map((each) => each.interface),
      values: Float64Array.from(values, ({ value }) => value),
    })),
  };
}

export function dynamicJointStatesFromRos(fields: RosFields): DynamicJointStates {
  const { header, joint_names, interface_values } = parseFields(dynamicJointStates, fields, DYNAMIC_JOINT_STATE);
  if (interface_values.length !== joint_names.length) {
    const allowed = `must have one entry for each of ${joint_names.length} joint_names`;
    throw fieldError(DYNAMIC_JOINT_STATE, ['interface_values'], interface_values, allowed);
  }
  const joints = joint_names.map((name, i) => {
    const { interface_names, values } = interface_values[i];
    if (values.length !== interface_names.length) {
      const allowed = `must have one value for each of ${interface_names.length} interface_names`;
      throw fieldError(DYNAMIC_JOINT_STATE, ['interface_values', i, 'values'], values, allowed);
    }
    return { name, values: interface_names.map((each, k) => ({ interface: each, value: values[k] })) };
  });
  return { stamp_ns: header.stamp, joints };
}

const auditCheckpoint = z.object({
  stamp,
  log: z.string().min(1),
  sequence: count,
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
  key: z.string(),
  signature: z.string(),
});

/** surepick_msgs/msg/AuditCheckpoint. */
export function auditCheckpointToRos({ stamp_ns, sequence, ...rest }: AuditCheckpoint): object {
  return { ...rest, stamp: toRosTime(stamp_ns), sequence: BigInt(sequence) };
}

export function auditCheckpointFromRos(fields: RosFields): AuditCheckpoint {
  const { stamp, ...rest } = parseFields(auditCheckpoint, fields, 'surepick_msgs/msg/AuditCheckpoint');
  return { ...rest, stamp_ns: stamp };
}

const gateJournal = z.object({ stamp, first_cycle: count, data: bytes });

/** surepick_msgs/msg/GateJournal. */
export function gateJournalToRos({ stamp_ns, first_cycle, data }: GateJournal): object {
  return { data, stamp: toRosTime(stamp_ns), first_cycle: BigInt(first_cycle) };
}

export function gateJournalFromRos(fields: RosFields): GateJournal {
  const { stamp, ...rest } = parseFields(gateJournal, fields, 'surepick_msgs/msg/GateJournal');
  return { ...rest, stamp_ns: stamp };
}
