import { SERVO_REASONS, SERVO_STATES, type ServoStatusMessage } from '../contracts/index.ts';
import { TARGET_EXTRAS } from '../control/index.ts';
import { type MailSlot, mailboxBytes } from './mailbox.ts';

/** Commands to the servo in the control thread; `halt` comes to rest, `targets` are those of a learned policy. */
export const SERVO_COMMANDS = ['halt', 'twist', 'joint_velocity', 'pose', 'camera_pose', 'targets'] as const;
export type ServoCommandName = (typeof SERVO_COMMANDS)[number];

/** Doubles of a command: its kind's index, when it was made (s, the machine's monotonic clock), bytes of its frame, values. */
const COMMAND = { kind: 0, made_s: 1, frame_bytes: 2, values: 3 };
const FRAME_BYTES = 256;
/** A pose is seven numbers: position, then quaternion. */
const POSE_VALUES = 7;

/** Doubles of a status: indexes of state and reason, share, commands refused so far, bytes of the two texts that follow. */
const STATUS = { state: 0, reason: 1, share: 2, refused: 3, detail_bytes: 4, refusal_bytes: 5, count: 6 };
const TEXT_BYTES = 256;

/** Shared memory between a servo on the bus and the one in the control thread: latest commands, latest status. */
export interface ServoMemory {
  readonly servo_commands: SharedArrayBuffer;
  readonly servo_status: SharedArrayBuffer;
}

export interface ServoOrder {
  readonly kind: ServoCommandName;
  readonly made_s: number;
  readonly frame: string;
  readonly values: Float64Array;
}

/** What the servo does, how many commands it has refused, and why the last of them. */
export interface ServoAccount extends Omit<ServoStatusMessage, 'stamp_ns'> {
  readonly refused: number;
  readonly refusal: string;
}

/** @param joints  of the arm */
export function servoCommandBytes(joints: number): number {
  return 8 * (COMMAND.values + Math.max(POSE_VALUES, joints + TARGET_EXTRAS)) + FRAME_BYTES;
}

export const SERVO_STATUS_BYTES = 8 * STATUS.count + 2 * TEXT_BYTES;

export function createServoMemory(joints: number): ServoMemory {
  return {
    servo_commands: new SharedArrayBuffer(mailboxBytes(servoCommandBytes(joints))),
    servo_status: new SharedArrayBuffer(mailboxBytes(SERVO_STATUS_BYTES)),
  };
}

export function writeOrder({ f64, u8 }: MailSlot, { kind, made_s, frame, values }: ServoOrder): void {
  f64[COMMAND.kind] = SERVO_COMMANDS.indexOf(kind);
  f64[COMMAND.made_s] = made_s;
  f64[COMMAND.frame_bytes] = writeText(u8, u8.length - FRAME_BYTES, FRAME_BYTES, frame);
  f64.set(values, COMMAND.values);
}

/** @param joints  of the arm */
export function readOrder({ f64, u8 }: MailSlot, joints: number): ServoOrder {
  const kind = SERVO_COMMANDS[f64[COMMAND.kind]];
  return {
    kind,
    made_s: f64[COMMAND.made_s],
    frame: readText(u8, u8.length - FRAME_BYTES, f64[COMMAND.frame_bytes]),
    values: f64.slice(COMMAND.values, COMMAND.values + countOf(kind, joints)),
  };
}

export function writeAccount({ f64, u8 }: MailSlot, account: ServoAccount): void {
  f64[STATUS.state] = SERVO_STATES.indexOf(account.state);
  f64[STATUS.reason] = SERVO_REASONS.indexOf(account.reason);
  f64[STATUS.share] = account.share;
  f64[STATUS.refused] = account.refused;
  f64[STATUS.detail_bytes] = writeText(u8, 8 * STATUS.count, TEXT_BYTES, account.detail);
  f64[STATUS.refusal_bytes] = writeText(u8, 8 * STATUS.count + TEXT_BYTES, TEXT_BYTES, account.refusal);
}

export function readAccount({ f64, u8 }: MailSlot): ServoAccount {
  return {
    state: SERVO_STATES[f64[STATUS.state]],
    reason: SERVO_REASONS[f64[STATUS.reason]],
    share: f64[STATUS.share],
    detail: readText(u8, 8 * STATUS.count, f64[STATUS.detail_bytes]),
    refused: f64[STATUS.refused],
    refusal: readText(u8, 8 * STATUS.count + TEXT_BYTES, f64[STATUS.refusal_bytes]),
  };
}

function countOf(kind: ServoCommandName, joints: number): number {
  switch (kind) {
    case 'halt':
      return 0;
    case 'twist':
      return 6;
    case 'joint_velocity':
      return joints;
    case 'targets':
      return joints + TARGET_EXTRAS;
    case 'pose':
    case 'camera_pose':
      return POSE_VALUES;
  }
}

/** What does not fit is cut, at a character's end. */
function writeText(u8: Uint8Array, from: number, most: number, text: string): number {
  const bytes = new TextEncoder().encode(text);
  let length = Math.min(bytes.length, most);
  while (length < bytes.length && length > 0 && (bytes[length] & 0xc0) === 0x80) length--;
  u8.set(bytes.subarray(0, length), from);
  return length;
}

function readText(u8: Uint8Array, from: number, length: number): string {
  return Buffer.from(u8.slice(from, from + length)).toString('utf8');
}
