import { OPERATING_MODES, SAFETY_MODES } from '../contracts/index.ts';
import type { FollowerOutcome, FollowerPhase, GripperOutcome } from '../control/index.ts';
import { type OperatingMode, type ReasonName, reasonNames, type SafetyMode } from '../safety/index.ts';
import { ARM_PHASES, type ArmPhase } from './arm_protocol.ts';
import type { MailSlot } from './mailbox.ts';

const TEXT_BYTES = 512;

/** Why the control thread itself stops the arm; bit i of `causes` stands for the i-th. */
export const STOP_CAUSES = ['requested', 'arm_silent', 'arm_braked', 'ending', 'contact', 'supervisor'] as const;
export type StopCause = (typeof STOP_CAUSES)[number];

const PHASES = ['idle', 'waiting', 'following', 'settling', 'stopping'] as const satisfies readonly FollowerPhase[];
const OUTCOMES = [
  'none',
  'done',
  'tracking_error',
  'goal_not_reached',
  'not_permitted',
  'stopped_by_safety',
  'canceled',
] as const satisfies readonly FollowerOutcome[];

const GRIPPER_OUTCOMES = [
  'none',
  'reached',
  'stalled',
  'timeout',
  'stopped_by_safety',
  'canceled',
] as const satisfies readonly GripperOutcome[];

/** Numbers of a state message, in order; vectors, and the last refusal as UTF-8, follow. */
const FIELDS = [
  't_s',
  'cycles',
  'skipped',
  'mode',
  'reasons',
  'latched_reasons',
  'selected_mode',
  'stop_category',
  'drives_on',
  'causes',
  'lease_valid',
  'leases_granted',
  'leases_refused',
  'at_rest',
  'stop_time_s',
  'sequence',
  'passed',
  'limited',
  'stopped',
  'records_dropped',
  'arm_phase',
  'arm_refused',
  'follower_phase',
  'follower_outcome',
  'path_time_s',
  'path_error_rad',
  'last_error_rad',
  'failed_joint',
  'speed',
  'contact_joint',
  'gripper_outcome',
  'gripper_width_m',
  'answered',
  'text_bytes',
] as const;
type Field = (typeof FIELDS)[number];
/** Where each number of a state message is. */
export const STATE_INDEX = Object.fromEntries(FIELDS.map((name, i) => [name, i])) as Readonly<Record<Field, number>>;

/** The control thread as the main thread sees it. */
export interface ControlState {
  /** Of the last cycle, on the machine's monotonic clock. */
  readonly t_s: number;
  readonly cycles: number;
  readonly skipped: number;
  readonly mode: SafetyMode;
  readonly reasons: readonly ReasonName[];
  readonly latched_reasons: readonly ReasonName[];
  /** The operating mode that is returned to, the category of the stop in force (−1 for none), power to the drives. */
  readonly selected_mode: OperatingMode;
  readonly stop_category: number;
  readonly drives_on: boolean;
  readonly causes: readonly StopCause[];
  readonly lease_valid: boolean;
  readonly leases_granted: number;
  readonly leases_refused: number;
  readonly at_rest: boolean;
  readonly stop_time_s: number;
  readonly sequence: number;
  readonly passed: number;
  readonly limited: number;
  readonly stopped: number;
  /** Records from supervisor and arm that were torn or foreign. */
  readonly records_dropped: number;
  readonly arm_phase: ArmPhase;
  readonly arm_refused: number;
  readonly follower_phase: FollowerPhase;
  readonly follower_outcome: FollowerOutcome;
  /** Time within the trajectory (s), greatest and latest distance of a joint from it (rad), joint that spoilt it or −1. */
  readonly path_time_s: number;
  readonly path_error_rad: number;
  readonly last_error_rad: number;
  readonly failed_joint: number;
  /** Share of the trajectories' own speed that is set, 0..1. */
  readonly speed: number;
  /** Last arm joint that feels contact with what nobody knows of; −1 for none, and where nothing watches for it. */
  readonly contact_joint: number;
  /** `none` while a goal is under way, and for a robot without a gripper. */
  readonly gripper_outcome: GripperOutcome;
  /** Distance between the fingers that was last sent, m. */
  readonly gripper_width_m: number;
  /** The last request that was answered, and why it was refused; empty when it was not. */
  readonly answered: number;
  readonly refusal: string;
  /** As measured, nq; the wrench has 6. */
  readonly position: Float64Array<ArrayBuffer>;
  readonly velocity: Float64Array<ArrayBuffer>;
  readonly effort: Float64Array<ArrayBuffer>;
  readonly wrench: Float64Array<ArrayBuffer>;
  /** Joint positions last sent to the arm, from which a trajectory starts (rad). */
  readonly reference: Float64Array<ArrayBuffer>;
  /** Joint velocities last sent, rad/s. */
  readonly reference_velocity: Float64Array<ArrayBuffer>;
}

export function stateBytes(joints: number, nq: number): number {
  return 8 * (FIELDS.length + 3 * nq + 6 + 2 * joints) + TEXT_BYTES;
}

/** Where the vectors of a state message begin, in doubles: position, velocity, effort, wrench, reference and its velocity. */
export const STATE_VECTORS = FIELDS.length;

/** Writes a text into a state message; what does not fit is cut. Returns its bytes. */
export function writeText(slot: MailSlot, text: Uint8Array): number {
  const bytes = Math.min(text.length, TEXT_BYTES);
  const from = slot.u8.length - TEXT_BYTES;
  for (let i = 0; i < bytes; i++) slot.u8[from + i] = text[i];
  return bytes;
}

export function followerPhaseIndex(phase: FollowerPhase): number {
  return PHASES.indexOf(phase);
}

export function followerOutcomeIndex(outcome: FollowerOutcome): number {
  return OUTCOMES.indexOf(outcome);
}

export function gripperOutcomeIndex(outcome: GripperOutcome): number {
  return GRIPPER_OUTCOMES.indexOf(outcome);
}

export function readState({ f64, u8 }: MailSlot, joints: number, nq: number): ControlState {
  const at = (field: Field) => f64[STATE_INDEX[field]];
  const vector = (k: number, length: number) => f64.slice(STATE_VECTORS + k * nq, STATE_VECTORS + k * nq + length);
  const sent_from = STATE_VECTORS + 3 * nq + 6;
  const text_from = u8.length - TEXT_BYTES;
  return {
    t_s: at('t_s'),
    cycles: at('cycles'),
    skipped: at('skipped'),
    mode: SAFETY_MODES[at('mode')],
    reasons: reasonNames(at('reasons')),
    latched_reasons: reasonNames(at('latched_reasons')),
    selected_mode: OPERATING_MODES[at('selected_mode')],
    stop_category: at('stop_category'),
    drives_on: at('drives_on') === 1,
    causes: STOP_CAUSES.filter((_, bit) => (at('causes') & (1 << bit)) !== 0),
    lease_valid: at('lease_valid') === 1,
    leases_granted: at('leases_granted'),
    leases_refused: at('leases_refused'),
    at_rest: at('at_rest') === 1,
    stop_time_s: at('stop_time_s'),
    sequence: at('sequence'),
    passed: at('passed'),
    limited: at('limited'),
    stopped: at('stopped'),
    records_dropped: at('records_dropped'),
    arm_phase: ARM_PHASES[at('arm_phase')],
    arm_refused: at('arm_refused'),
    follower_phase: PHASES[at('follower_phase')],
    follower_outcome: OUTCOMES[at('follower_outcome')],
    path_time_s: at('path_time_s'),
    path_error_rad: at('path_error_rad'),
    last_error_rad: at('last_error_rad'),
    failed_joint: at('failed_joint'),
    speed: at('speed'),
    contact_joint: at('contact_joint'),
    gripper_outcome: GRIPPER_OUTCOMES[at('gripper_outcome')],
    gripper_width_m: at('gripper_width_m'),
    answered: at('answered'),
    refusal: Buffer.from(u8.slice(text_from, text_from + at('text_bytes'))).toString('utf8'),
    position: vector(0, nq),
    velocity: vector(1, nq),
    effort: vector(2, nq),
    wrench: vector(3, 6),
    reference: f64.slice(sent_from, sent_from + joints),
    reference_velocity: f64.slice(sent_from + joints, sent_from + 2 * joints),
  };
}
