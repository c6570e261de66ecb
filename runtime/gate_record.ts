import { OPERATING_MODES, SAFETY_MODES } from '../contracts/index.ts';
import {
  type CommandSourceKind,
  type GateObservation,
  type OperatingMode,
  type ReasonName,
  reasonNames,
  type SafetyMode,
  type StopCategory,
} from '../safety/index.ts';
import { ARM_PHASES, type ArmPhase } from './arm_protocol.ts';
import { STOP_CAUSES, type StopCause } from './control_state.ts';

/** Longest text of a record, bytes of UTF-8; a multiple of 8. */
export const RECORD_TEXT_BYTES = 256;

/** Doubles of what the gate tells the supervisor once a cycle, before its text (the last refusal). */
const OBSERVATION_FIELDS = [
  'nonce',
  /** A number of this gate alone: another one is another gate. */
  'session',
  'mode',
  'reasons',
  'latched_reasons',
  'causes',
  'selected_mode',
  'stop_category',
  'drives_on',
  'stop_time_s',
  'lease_valid',
  'at_rest',
  'passed',
  'limited',
  'stopped',
  /** Share of the usual speed along paths; distances to the nearest tracked body (m), NaN where none is tracked. */
  'pace',
  'separation_m',
  'protective_distance_m',
  /** Who asked for motion in this cycle. */
  'source',
  'arm_phase',
  /** The supervisor's counters that the gate has acted on. */
  'stops',
  'resets',
  'modes',
  /** SHA-256 of the envelope that control has loaded, its first 32 bits first; zeros where it was not told. */
  'envelope',
  'envelope_1',
  'envelope_2',
  'envelope_3',
  'envelope_4',
  'envelope_5',
  'envelope_6',
  'envelope_7',
  'text_bytes',
] as const;

/** Doubles of a hash in a record. */
export const HASH_WORDS = 8;

/** A SHA-256, 64 hexadecimal digits, as the doubles of a record. Throws RangeError for anything else. */
export function hashWords(sha256: string): Float64Array {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError(`no SHA-256: ${sha256}`);
  return Float64Array.from({ length: HASH_WORDS }, (_, k) => Number.parseInt(sha256.slice(8 * k, 8 * k + 8), 16));
}

/** Doubles of what the supervisor tells the gate, before its text (why it stops). */
const GRANT_FIELDS = [
  'nonce',
  /** How often the supervisor has asked for a stop, a reset and a mode; the newest of each follows. */
  'stops',
  'stop_category',
  'resets',
  'modes',
  'mode',
  'enabled',
  /** Fastest the tool may move (m/s, Infinity for no limit but the envelope's), share of the envelope's joint speeds. */
  'tool_speed_m_per_s',
  'speed_share',
  /** Share of the usual speed along paths, 0..1, and whether learned policies may command; in force at once. */
  'pace',
  'policies',
  'text_bytes',
] as const;

function places<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, i) => [name, i])) as Readonly<Record<Name, number>>;
}

/** Who may ask for motion, in the order of their numbers in a record. */
export const SOURCES = ['none', 'trajectory', 'servo', 'policy'] as const satisfies readonly (
  | CommandSourceKind
  | 'none'
)[];

export const OBSERVATION = places(OBSERVATION_FIELDS);
export const GRANT = places(GRANT_FIELDS);
export const OBSERVATION_VALUES = OBSERVATION_FIELDS.length + RECORD_TEXT_BYTES / 8;
export const GRANT_VALUES = GRANT_FIELDS.length + RECORD_TEXT_BYTES / 8;

/** What a gate tells of itself; a SafetyGate is one. */
export interface GateReport extends GateObservation {
  readonly reasons: number;
  readonly latchedReasons: number;
  readonly selectedMode: OperatingMode;
  readonly stopCategory: StopCategory | -1;
  readonly leaseValid: boolean;
  readonly atRest: boolean;
  readonly passed: number;
  readonly limited: number;
  readonly stopped: number;
  readonly pace: number;
  readonly source: CommandSourceKind | 'none';
  readonly separation_m?: number | null;
  readonly protective_distance_m?: number | null;
  readonly lastCommand: { readonly drives_on: boolean; readonly stop_time_s: number };
}

/** The gate as its supervisor sees it. */
export interface GateSnapshot {
  readonly session: number;
  readonly mode: SafetyMode;
  readonly reasons: readonly ReasonName[];
  readonly latched_reasons: readonly ReasonName[];
  readonly causes: readonly StopCause[];
  readonly selected_mode: OperatingMode;
  readonly stop_category: number;
  readonly drives_on: boolean;
  readonly stop_time_s: number;
  readonly lease_valid: boolean;
  readonly at_rest: boolean;
  readonly passed: number;
  readonly limited: number;
  readonly stopped: number;
  readonly pace: number;
  readonly separation_m: number | null;
  readonly protective_distance_m: number | null;
  readonly source: CommandSourceKind | 'none';
  readonly arm_phase: ArmPhase;
  /** Counters that the gate has acted on, and why it refused the last reset or mode; empty when it did not. */
  readonly answered: { readonly stops: number; readonly resets: number; readonly modes: number };
  readonly refusal: string;
}

export const isNonce = (value: number) => Number.isInteger(value) && value > 0 && value < 2 ** 31;
const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
const isIndex = (value: number, of: readonly unknown[]) => isCount(value) && value < of.length;

const distance = (value_m: number) => (value_m >= 0 && value_m < Number.POSITIVE_INFINITY ? value_m : null);

/** Bytes of a record's text, at its end. */
export function recordText(payload: Float64Array): Uint8Array {
  const bytes = 8 * payload.length - RECORD_TEXT_BYTES;
  return new Uint8Array(payload.buffer, payload.byteOffset + bytes, RECORD_TEXT_BYTES);
}

/** Whether a grant record says nothing that makes no sense; its nonce may be none. */
export function isGrant(payload: Float64Array): boolean {
  const { nonce, stops, stop_category, resets, modes, mode, enabled, tool_speed_m_per_s, speed_share } = GRANT;
  const { pace, policies } = GRANT;
  return (
    (payload[nonce] === 0 || isNonce(payload[nonce])) &&
    isCount(payload[stops]) &&
    payload[stop_category] >= 0 &&
    payload[stop_category] <= 2 &&
    isCount(payload[stop_category]) &&
    isCount(payload[resets]) &&
    isCount(payload[modes]) &&
    isIndex(payload[mode], OPERATING_MODES) &&
    (payload[enabled] === 0 || payload[enabled] === 1) &&
    payload[tool_speed_m_per_s] > 0 &&
    payload[speed_share] > 0 &&
    payload[speed_share] <= 1 &&
    payload[pace] >= 0 &&
    payload[pace] <= 1 &&
    (payload[policies] === 0 || payload[policies] === 1) &&
    isCount(payload[GRANT.text_bytes]) &&
    payload[GRANT.text_bytes] <= RECORD_TEXT_BYTES
  );
}

/** Whether an observation record says nothing that makes no sense. */
export function isObservation(payload: Float64Array): boolean {
  const at = OBSERVATION;
  return (
    isNonce(payload[at.nonce]) &&
    isCount(payload[at.session]) &&
    isIndex(payload[at.mode], SAFETY_MODES) &&
    isIndex(payload[at.selected_mode], OPERATING_MODES) &&
    isIndex(payload[at.arm_phase], ARM_PHASES) &&
    payload[at.pace] >= 0 &&
    payload[at.pace] <= 1 &&
    isIndex(payload[at.source], SOURCES) &&
    isCount(payload[at.stops]) &&
    isCount(payload[at.resets]) &&
    isCount(payload[at.modes]) &&
    isHash(payload, at.envelope) &&
    isCount(payload[at.text_bytes]) &&
    payload[at.text_bytes] <= RECORD_TEXT_BYTES
  );
}

function isHash(payload: Float64Array, from: number): boolean {
  for (let k = 0; k < HASH_WORDS; k++) {
    const word = payload[from + k];
    if (!(isCount(word) && word < 2 ** 32)) return false;
  }
  return true;
}

/** Reads an observation for which isObservation holds. Allocates. */
export function readObservation(payload: Float64Array): GateSnapshot {
  const at = (name: keyof typeof OBSERVATION) => payload[OBSERVATION[name]];
  return {
    session: at('session'),
    mode: SAFETY_MODES[at('mode')],
    reasons: reasonNames(at('reasons')),
    latched_reasons: reasonNames(at('latched_reasons')),
    causes: STOP_CAUSES.filter((_, bit) => (at('causes') & (1 << bit)) !== 0),
    selected_mode: OPERATING_MODES[at('selected_mode')],
    stop_category: at('stop_category'),
    drives_on: at('drives_on') === 1,
    stop_time_s: at('stop_time_s'),
    lease_valid: at('lease_valid') === 1,
    at_rest: at('at_rest') === 1,
    passed: at('passed'),
    limited: at('limited'),
    stopped: at('stopped'),
    pace: at('pace'),
    separation_m: distance(at('separation_m')),
    protective_distance_m: distance(at('protective_distance_m')),
    source: SOURCES[at('source')],
    arm_phase: ARM_PHASES[at('arm_phase')],
    answered: { stops: at('stops'), resets: at('resets'), modes: at('modes') },
    refusal: new TextDecoder().decode(recordText(payload).slice(0, at('text_bytes'))),
  };
}

/** As much of a text as a record takes, whole characters only. */
export function encodeRecordText(text: string): Uint8Array {
  const bytes = new Uint8Array(RECORD_TEXT_BYTES);
  return bytes.subarray(0, new TextEncoder().encodeInto(text, bytes).written);
}
