import { z } from 'zod';
import {
  DEGRADATIONS,
  DIAGNOSTIC_LEVELS,
  type Diagnostics,
  ENABLING_DEVICE,
  type ExternalInputs,
  type Heartbeat,
  SAFETY_MODES,
  type SafetyState,
  SERVO_REASONS,
  SERVO_STATES,
  type ServoStatusMessage,
  type StageLatency,
} from '../../contracts/index.ts';
import type { RosFields } from '../mapping.ts';
import { count, fieldError, finite, header, parseFields, real, rosHeader, stamp, toRosTime } from './fields.ts';

/** Of a distance that nobody has measured. */
const NONE = -1;
const safetyState = z.object({
  stamp,
  mode: z
    .number()
    .int()
    .min(0)
    .max(SAFETY_MODES.length - 1),
  latched: z.boolean(),
  reasons: z.array(z.string()),
  stop_category: z.number().int().min(-1).max(2),
  drives_on: z.boolean(),
  stop_time_s: real,
  lease_valid: z.boolean(),
  passed: count,
  limited: count,
  stopped: count,
  degradation: z
    .number()
    .int()
    .min(0)
    .max(DEGRADATIONS.length - 1),
  pace: z.number().min(0).max(1),
  separation_m: finite,
  protective_distance_m: finite,
});

/** surepick_msgs/msg/SafetyState. */
export function safetyStateToRos({ stamp_ns, mode, degradation, ...rest }: SafetyState): object {
  const { passed, limited, stopped, separation_m, protective_distance_m } = rest;
  return {
    ...rest,
    stamp: toRosTime(stamp_ns),
    mode: SAFETY_MODES.indexOf(mode),
    degradation: DEGRADATIONS.indexOf(degradation),
    passed: BigInt(passed),
    limited: BigInt(limited),
    stopped: BigInt(stopped),
    separation_m: separation_m ?? NONE,
    protective_distance_m: protective_distance_m ?? NONE,
  };
}

export function safetyStateFromRos(fields: RosFields): SafetyState {
  const { stamp, mode, degradation, separation_m, protective_distance_m, ...rest } = parseFields(
    safetyState,
    fields,
    'surepick_msgs/msg/SafetyState',
  );
  return {
    ...rest,
    stamp_ns: stamp,
    mode: SAFETY_MODES[mode],
    degradation: DEGRADATIONS[degradation],
    separation_m: separation_m < 0 ? null : separation_m,
    protective_distance_m: protective_distance_m < 0 ? null : protective_distance_m,
  };
}

const servoStatus = z.object({
  stamp,
  state: z.enum(SERVO_STATES),
  reason: z.enum(SERVO_REASONS),
  share: real,
  detail: z.string(),
});

/** surepick_msgs/msg/ServoStatus. */
export function servoStatusToRos({ stamp_ns, ...rest }: ServoStatusMessage): object {
  return { ...rest, stamp: toRosTime(stamp_ns) };
}

export function servoStatusFromRos(fields: RosFields): ServoStatusMessage {
  const { stamp, ...rest } = parseFields(servoStatus, fields, 'surepick_msgs/msg/ServoStatus');
  return { ...rest, stamp_ns: stamp };
}

const heartbeat = z.object({
  stamp,
  node: z.string(),
  sequence: count.refine((value) => value > 0, 'must be at least 1'),
  timeout_s: real.refine((value) => value > 0 && Number.isFinite(value), 'must be positive'),
});

/** surepick_msgs/msg/Heartbeat. */
export function heartbeatToRos({ stamp_ns, sequence, ...rest }: Heartbeat): object {
  return { ...rest, stamp: toRosTime(stamp_ns), sequence: BigInt(sequence) };
}

export function heartbeatFromRos(fields: RosFields): Heartbeat {
  const { stamp, ...rest } = parseFields(heartbeat, fields, 'surepick_msgs/msg/Heartbeat');
  return { ...rest, stamp_ns: stamp };
}

const externalInputs = z.object({
  stamp,
  source: z.string(),
  protective_stop: z.boolean(),
  safeguard_open: z.boolean(),
  emergency_stop: z.boolean(),
  enabling_device: z
    .number()
    .int()
    .min(0)
    .max(ENABLING_DEVICE.length - 1),
});

/** surepick_msgs/msg/ExternalInputs. */
export function externalInputsToRos({ stamp_ns, enabling_device, ...rest }: ExternalInputs): object {
  return { ...rest, stamp: toRosTime(stamp_ns), enabling_device: ENABLING_DEVICE.indexOf(enabling_device) };
}

export function externalInputsFromRos(fields: RosFields): ExternalInputs {
  const { stamp, enabling_device, ...rest } = parseFields(externalInputs, fields, 'surepick_msgs/msg/ExternalInputs');
  return { ...rest, stamp_ns: stamp, enabling_device: ENABLING_DEVICE[enabling_device] };
}

const DIAGNOSTICS = 'diagnostic_msgs/msg/DiagnosticArray';
const diagnostics = z.object({
  header,
  status: z.array(
    z.object({
      level: z
        .number()
        .int()
        .min(0)
        .max(DIAGNOSTIC_LEVELS.length - 1),
      name: z.string(),
      message: z.string(),
      hardware_id: z.string(),
      values: z.array(z.object({ key: z.string(), value: z.string() })),
    }),
  ),
});

/** diagnostic_msgs/msg/DiagnosticArray. */
export function diagnosticsToRos({ stamp_ns, status }: Diagnostics): object {
  return {
    header: rosHeader(stamp_ns),
    status: status.map(({ level, ...rest }) => ({ ...rest, level: DIAGNOSTIC_LEVELS.indexOf(level) })),
  };
}

export function diagnosticsFromRos(fields: RosFields): Diagnostics {
  const { header, status } = parseFields(diagnostics, fields, DIAGNOSTICS);
  return {
    stamp_ns: header.stamp,
    status: status.map(({ level, ...rest }) => ({ ...rest, level: DIAGNOSTIC_LEVELS[level] })),
  };
}

/** diagnostic_msgs/msg/DiagnosticArray with one status a stage; WARN once it has dropped frames. */
export function latencyToRos({ stamp_ns, stage, request_id, ...values }: StageLatency): object {
  return {
    header: rosHeader(stamp_ns),
    status: [
      {
        level: values.dropped > 0 ? 1 : 0,
        name: stage,
        message: values.dropped > 0 ? `dropped ${values.dropped}` : 'ok',
        hardware_id: 'surepick',
        values: Object.entries({ request_id, ...values }).map(([key, value]) => ({ key, value: String(value) })),
      },
    ],
  };
}

const seconds = z.coerce.number();
const whole = z.coerce.number().int();
const latency = z.object({
  request_id: z.string(),
  pre_s: seconds,
  model_s: seconds,
  post_s: seconds,
  queue: whole,
  dropped: whole,
  model: z.string(),
  provider: z.string().optional(),
  batch: whole.positive().optional(),
});

/** One message a status. */
export function latencyFromRos(fields: RosFields): readonly StageLatency[] {
  const { header, status } = parseFields(diagnostics, fields, DIAGNOSTICS);
  return status.map(({ name, values }, i) => {
    const told = Object.fromEntries(values.map(({ key, value }) => [key, value]));
    const parsed = latency.safeParse(told);
    if (!parsed.success) {
      const key = String(parsed.error.issues[0].path[0]);
      throw fieldError(DIAGNOSTICS, ['status', i, 'values', key], told[key], parsed.error.issues[0].message);
    }
    return { stamp_ns: header.stamp, stage: name, ...parsed.data };
  });
}
