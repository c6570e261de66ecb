import { randomInt } from 'node:crypto';
import { OPERATING_MODES, SAFETY_MODES } from '../contracts/index.ts';
import type { LeaseSource } from '../control/index.ts';
import type { OperatingMode, StopCategory } from '../safety/index.ts';
import { ARM_PHASES, type ArmPhase } from './arm_protocol.ts';
import { type Channel, ChannelReader, ChannelWriter } from './channel.ts';
import {
  encodeRecordText,
  type GateReport,
  GRANT,
  GRANT_VALUES,
  hashWords,
  isGrant,
  isNonce,
  OBSERVATION,
  recordText,
  SOURCES,
} from './gate_record.ts';

const CATEGORIES = [0, 1, 2] as const;

/**
 * The gate's end of the channels to a supervisor in another process: hears grants, stops, resets, modes and limits, and
 * tells of the gate once a cycle. What was said before it began is not for it.
 */
export class LeaseChannel implements LeaseSource {
  readonly grants: ChannelReader;
  /** Records that made no sense; nothing in them is taken. */
  malformed = 0;
  private readonly observations: ChannelWriter;
  /** The last record that made sense. */
  private readonly told = new Float64Array(GRANT_VALUES);
  /** Nonce granted last and not yet passed on, and limits of the tool (m/s) and of joint speeds (share) that are asked for. */
  private readonly heard = Float64Array.of(0, Number.POSITIVE_INFINITY, 1);
  /** Limits that the gate keeps. */
  private readonly kept = Float64Array.of(Number.POSITIVE_INFINITY, 1);
  private readonly counts = new Float64Array(3);
  private granted = 0;
  private limits_refused = false;

  constructor(observation: Channel, grant: Channel) {
    this.observations = new ChannelWriter(observation);
    this.grants = new ChannelReader(grant);
    const { payload } = this.observations;
    payload.fill(0);
    this.told[GRANT.pace] = 1;
    this.told[GRANT.policies] = 1;
    payload[OBSERVATION.session] = randomInt(1, 2 ** 47);
    this.receive();
    this.heard[NONCE] = 0;
    this.counts[STOPS] = this.told[GRANT.stops];
    this.counts[RESETS] = this.told[GRANT.resets];
    this.counts[MODES] = this.told[GRANT.modes];
  }

  /** From now on the supervisor is told that this envelope was loaded. @param sha256  64 hexadecimal digits */
  tellEnvelope(sha256: string): void {
    this.observations.payload.set(hashWords(sha256), OBSERVATION.envelope);
  }

  /** Reads the newest record; before anything else in a cycle. */
  receive(): void {
    const { grants, heard, told } = this;
    if (!grants.poll()) return;
    const { payload } = grants;
    if (!isGrant(payload)) {
      this.malformed++;
      return;
    }
    told.set(payload);
    const nonce = told[GRANT.nonce];
    if (nonce !== this.granted && isNonce(nonce)) {
      this.granted = nonce;
      heard[NONCE] = nonce;
    }
    if (told[GRANT.tool_speed_m_per_s] !== heard[TOOL_SPEED] || told[GRANT.speed_share] !== heard[SHARE])
      this.limits_refused = false;
    heard[TOOL_SPEED] = told[GRANT.tool_speed_m_per_s];
    heard[SHARE] = told[GRANT.speed_share];
  }

  /** The newest grant; none while other limits are asked for than the gate keeps. */
  step(): number {
    const nonce = this.heard[NONCE];
    this.heard[NONCE] = 0;
    return this.limitsKept ? nonce : 0;
  }

  /** Category of a stop that is asked for and was not before; −1 for none. */
  takeStop(): StopCategory | -1 {
    return this.take(STOPS, GRANT.stops) ? CATEGORIES[this.told[GRANT.stop_category]] : -1;
  }

  takeReset(): boolean {
    return this.take(RESETS, GRANT.resets);
  }

  takeMode(): OperatingMode | null {
    return this.take(MODES, GRANT.modes) ? OPERATING_MODES[this.told[GRANT.mode]] : null;
  }

  /** Why the last reset or mode was refused; empty when it was not. Allocates. */
  answer(refusal: string): void {
    const text = encodeRecordText(refusal);
    const { payload } = this.observations;
    recordText(payload).set(text);
    payload[OBSERVATION.text_bytes] = text.length;
  }

  /** The enabling device as the supervisor last said. */
  get enabled(): boolean {
    return this.told[GRANT.enabled] === 1;
  }

  /** Share of the usual speed along paths as the supervisor last said, 0..1. */
  get pace(): number {
    return this.told[GRANT.pace];
  }

  /** Whether learned policies may command, as the supervisor last said. */
  get policies(): boolean {
    return this.told[GRANT.policies] === 1;
  }

  get toolSpeed_m_per_s(): number {
    return this.heard[TOOL_SPEED];
  }

  get speedShare(): number {
    return this.heard[SHARE];
  }

  /** Whether the gate can be asked for other limits: it does not keep those asked for, and has not refused them. */
  get limitsWanted(): boolean {
    return !this.limitsKept && !this.limits_refused;
  }

  /** Whether the gate keeps the limits that are asked for. */
  get limitsKept(): boolean {
    return this.kept[0] === this.heard[TOOL_SPEED] && this.kept[1] === this.heard[SHARE];
  }

  /** The gate keeps the limits asked for from now on. */
  keepLimits(): void {
    this.kept[0] = this.heard[TOOL_SPEED];
    this.kept[1] = this.heard[SHARE];
  }

  /** The gate cannot keep the limits asked for: nothing is granted before others are. */
  refuseLimits(): void {
    this.limits_refused = true;
  }

  /** Tells the supervisor of the gate; right after its cycle, so that the nonce is fresh when it is granted. */
  tell(gate: GateReport, causes: number, arm_phase: ArmPhase): void {
    const { payload } = this.observations;
    payload[OBSERVATION.nonce] = gate.nonce;
    payload[OBSERVATION.mode] = SAFETY_MODES.indexOf(gate.mode);
    payload[OBSERVATION.reasons] = gate.reasons;
    payload[OBSERVATION.latched_reasons] = gate.latchedReasons;
    payload[OBSERVATION.causes] = causes;
    payload[OBSERVATION.selected_mode] = OPERATING_MODES.indexOf(gate.selectedMode);
    payload[OBSERVATION.stop_category] = gate.stopCategory;
    payload[OBSERVATION.drives_on] = gate.lastCommand.drives_on ? 1 : 0;
    payload[OBSERVATION.stop_time_s] = gate.lastCommand.stop_time_s;
    payload[OBSERVATION.lease_valid] = gate.leaseValid ? 1 : 0;
    payload[OBSERVATION.at_rest] = gate.atRest ? 1 : 0;
    payload[OBSERVATION.passed] = gate.passed;
    payload[OBSERVATION.limited] = gate.limited;
    payload[OBSERVATION.stopped] = gate.stopped;
    payload[OBSERVATION.pace] = gate.pace;
    payload[OBSERVATION.source] = SOURCES.indexOf(gate.source);
    payload[OBSERVATION.separation_m] = gate.separation_m ?? Number.NaN;
    payload[OBSERVATION.protective_distance_m] = gate.protective_distance_m ?? Number.NaN;
    payload[OBSERVATION.arm_phase] = ARM_PHASES.indexOf(arm_phase);
    payload[OBSERVATION.stops] = this.counts[STOPS];
    payload[OBSERVATION.resets] = this.counts[RESETS];
    payload[OBSERVATION.modes] = this.counts[MODES];
    this.observations.send();
  }

  /** Whether counter `k` has changed; one that went back is another supervisor's, whose stops count too. */
  private take(k: number, place: number): boolean {
    const { told, counts } = this;
    const count = told[place];
    if (count === counts[k]) return false;
    const asked = k === STOPS || count > counts[k];
    counts[k] = count;
    return asked;
  }
}

const STOPS = 0;
const RESETS = 1;
const MODES = 2;
const NONCE = 0;
const TOOL_SPEED = 1;
const SHARE = 2;
