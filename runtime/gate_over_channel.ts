import { type EnablingDevice, OPERATING_MODES, SAFETY_MODES } from '../contracts/index.ts';
import type { GateObservation, OperatingMode, SafetyMode, StopCategory } from '../safety/index.ts';
import { type Channel, ChannelReader, ChannelWriter } from './channel.ts';
import {
  encodeRecordText,
  type GateSnapshot,
  GRANT,
  HASH_WORDS,
  isGrant,
  isObservation,
  OBSERVATION,
  readObservation,
  recordText,
} from './gate_record.ts';

const COUNTERS = ['stops', 'resets', 'modes'] as const;

/**
 * The supervisor's end of the channels to a gate: what the gate last told, and what is asked of it. A nonce is offered once,
 * and none after what makes no sense. Another supervisor on the same channels goes on from the counters of the one before.
 */
export class GateOverChannel implements GateObservation {
  mode: SafetyMode = 'initialising';
  nonce = 0;
  readonly observations: ChannelReader;
  /** Observations that made no sense. */
  malformed = 0;
  /** Times that somebody else was found to write grants, or to have asked the gate for something. */
  intrusions = 0;
  /** Whether another supervisor had this gate before. */
  readonly restarted: boolean;
  private readonly grants: ChannelWriter;
  private granted = 0;
  private heard = false;
  private device: EnablingDevice = 'none';
  /** What was said of the enabling device with the last mode; of use where no source has one. */
  private said = false;

  constructor(observation: Channel, grant: Channel) {
    this.observations = new ChannelReader(observation);
    this.grants = new ChannelWriter(grant);
    const { payload } = this.grants;
    const before = new ChannelReader(grant);
    this.restarted = before.poll() && isGrant(before.payload);
    payload.fill(0);
    if (this.restarted) payload.set(before.payload);
    payload[GRANT.enabled] = 0;
    payload[GRANT.tool_speed_m_per_s] = Number.POSITIVE_INFINITY;
    payload[GRANT.speed_share] = 1;
    payload[GRANT.pace] = 1;
    payload[GRANT.policies] = 1;
  }

  /** Reads the newest observation; whether there was a sensible one since the last. */
  poll(): boolean {
    const { observations } = this;
    if (!this.grants.isAlone()) this.intrusions++;
    if (!observations.poll()) return false;
    const { payload } = observations;
    if (!isObservation(payload)) {
      this.malformed++;
      this.nonce = 0;
      return false;
    }
    this.heard = true;
    if (this.othersWereAnswered()) this.intrusions++;
    const nonce = payload[OBSERVATION.nonce];
    this.nonce = nonce !== this.granted ? nonce : 0;
    this.mode = SAFETY_MODES[payload[OBSERVATION.mode]];
    return true;
  }

  /** Whether the gate says that it has loaded this envelope. @param words  as of hashWords */
  hasLoaded(words: Float64Array): boolean {
    const { payload } = this.observations;
    for (let k = 0; k < HASH_WORDS; k++) if (payload[OBSERVATION.envelope + k] !== words[k]) return false;
    return true;
  }

  /** Whether the gate has selected this mode; asks for it, at rest, where it has not. @param may_ask  else only looks */
  keepMode(mode: OperatingMode, may_ask: boolean): boolean {
    const { observations, grants } = this;
    if (!this.heard) return false;
    if (OPERATING_MODES[observations.payload[OBSERVATION.selected_mode]] === mode) return true;
    const open = observations.payload[OBSERVATION.modes] !== grants.payload[GRANT.modes];
    if (may_ask && !open && observations.payload[OBSERVATION.at_rest] === 1) this.requestMode(mode, this.said);
    return false;
  }

  /** Null before the first observation. Allocates. */
  snapshot(): GateSnapshot | null {
    return this.heard ? readObservation(this.observations.payload) : null;
  }

  /** Of the gate that was heard last; 0 before. */
  get session(): number {
    return this.heard ? this.observations.payload[OBSERVATION.session] : 0;
  }

  /** Whether the gate has acted on more than this supervisor has asked; it goes on from there. */
  private othersWereAnswered(): boolean {
    const seen = this.observations.payload;
    const asked = this.grants.payload;
    let others = false;
    for (const counter of COUNTERS) {
      if (seen[OBSERVATION[counter]] <= asked[GRANT[counter]]) continue;
      asked[GRANT[counter]] = seen[OBSERVATION[counter]];
      others = true;
    }
    return others;
  }

  /** Each nonce once: a repeated grant would be worthless, and put off the next by its period. */
  grant(nonce: number): void {
    this.granted = nonce;
    this.nonce = 0;
    this.grants.payload[GRANT.nonce] = nonce;
    this.grants.send();
  }

  /** Stops the arm in the gate's next cycle, until a reset. */
  requestStop(category: StopCategory, reason: string): void {
    const { payload } = this.grants;
    payload[GRANT.stops]++;
    payload[GRANT.stop_category] = category;
    payload[GRANT.nonce] = 0;
    const text = encodeRecordText(reason);
    recordText(payload).set(text);
    payload[GRANT.text_bytes] = text.length;
    this.grants.send();
  }

  /** Returns the number under which the gate will answer, as for requestMode. */
  requestReset(): number {
    const { payload } = this.grants;
    payload[GRANT.resets]++;
    this.grants.send();
    return payload[GRANT.resets];
  }

  requestMode(mode: OperatingMode, enabled: boolean): number {
    const { payload } = this.grants;
    payload[GRANT.modes]++;
    payload[GRANT.mode] = OPERATING_MODES.indexOf(mode);
    this.said = enabled && this.device === 'none';
    payload[GRANT.enabled] = this.isEnabled ? 1 : 0;
    this.grants.send();
    return payload[GRANT.modes];
  }

  /**
   * The enabling device of sources that have one, from the gate's next cycle on, in place of what is said with modes. One that
   * is gone leaves the arm released until a mode is selected.
   */
  setEnablingDevice(device: EnablingDevice): void {
    if (this.device === device) return;
    this.device = device;
    this.said = false;
    this.grants.payload[GRANT.enabled] = this.isEnabled ? 1 : 0;
    this.grants.send();
  }

  /** Where a source has an enabling device, it is not held. */
  releaseEnablingDevice(): void {
    if (this.device === 'held') this.setEnablingDevice('released');
  }

  private get isEnabled(): boolean {
    return this.device === 'none' ? this.said : this.device === 'held';
  }

  /** Share of the usual speed along paths, 0..1, and whether learned policies may command: from the gate's next cycle on. */
  setPace(pace: number, policies: boolean): void {
    const { payload } = this.grants;
    const allowed = policies ? 1 : 0;
    if (payload[GRANT.pace] === pace && payload[GRANT.policies] === allowed) return;
    payload[GRANT.pace] = pace;
    payload[GRANT.policies] = allowed;
    this.grants.send();
  }

  /** Grants from now on are for these limits: of the tool (m/s, null for the envelope's own) and of joint speeds, a share. */
  setLimits(tool_speed_m_per_s: number | null, speed_share: number): void {
    const { payload } = this.grants;
    payload[GRANT.tool_speed_m_per_s] = tool_speed_m_per_s ?? Number.POSITIVE_INFINITY;
    payload[GRANT.speed_share] = speed_share;
  }
}
