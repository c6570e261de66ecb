import { stateBytes } from './control_state.ts';
import { traceBytes } from './cycle_trace.ts';
import { LATENESS_BYTES } from './lateness.ts';
import { mailboxBytes } from './mailbox.ts';
import { createServoMemory, type ServoMemory } from './servo_channel.ts';
import { toleranceValues } from './tolerances_codec.ts';
import { trajectoryValues } from './trajectory_codec.ts';

/** Flags that the main thread sets: how often a stop of category 0, 1, 2 was asked for, the enabling device, the end. */
export const FLAGS = { stops: 0, enabled: 3, end: 4, count: 5 };

/** Requests, one at a time: the next is sent once the last is answered. Doubles: id, kind's index, then what it carries. */
export const REQUEST_KINDS = [
  'trajectory',
  'cancel',
  'speed',
  'gripper',
  'gripper_cancel',
  'mode',
  'obstacles',
  'reset',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];
/**
 * Bodies: of `trajectory` its tolerances (tolerances_codec.ts), then itself (trajectory_codec.ts); of `speed` the share; of
 * `gripper` width (m) and force (N); of `mode` its index among OPERATING_MODES; of `obstacles` the bytes of a JSON array,
 * then these.
 */
export const REQUEST = { id: 0, kind: 1, body: 2 };

/** Shared memory between main and control thread; made by the main thread. */
export interface ControlMemory extends ServoMemory {
  readonly flags: SharedArrayBuffer;
  readonly requests: SharedArrayBuffer;
  readonly states: SharedArrayBuffer;
  readonly lateness: SharedArrayBuffer;
  readonly trace: SharedArrayBuffer;
}

export function requestBytes(joints: number): number {
  return 8 * (REQUEST.body + toleranceValues(joints) + trajectoryValues(joints));
}

export function createControlMemory(joints: number, nq: number): ControlMemory {
  return {
    flags: new SharedArrayBuffer(4 * FLAGS.count),
    requests: new SharedArrayBuffer(mailboxBytes(requestBytes(joints))),
    states: new SharedArrayBuffer(mailboxBytes(stateBytes(joints, nq))),
    lateness: new SharedArrayBuffer(LATENESS_BYTES),
    trace: new SharedArrayBuffer(traceBytes(joints)),
    ...createServoMemory(joints),
  };
}
