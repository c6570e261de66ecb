import { SAFETY_MODES } from '../contracts/index.ts';
import type { LeaseSource } from '../control/index.ts';
import type { GateObservation, SafetyMode } from '../safety/index.ts';
import { type Channel, ChannelReader, ChannelWriter } from './channel.ts';

/** Doubles of what the gate tells the supervisor (nonce, mode's index) and of a grant (nonce). */
export const OBSERVATION_VALUES = 2;
export const GRANT_VALUES = 1;

export const leaseNonce = (value: number) => Number.isInteger(value) && value > 0 && value < 2 ** 31;

/** The gate's end: tells a supervisor in another process mode and nonce once a cycle, and passes its grants on. */
export class LeaseChannel implements LeaseSource {
  readonly grants: ChannelReader;
  private readonly observations: ChannelWriter;

  constructor(observation: Channel, grant: Channel) {
    this.observations = new ChannelWriter(observation);
    this.grants = new ChannelReader(grant);
    // What was granted before this gate began is not for it.
    this.grants.poll();
  }

  step(_t_s: number, gate: GateObservation): number {
    const { observations, grants } = this;
    observations.payload[0] = gate.nonce;
    observations.payload[1] = SAFETY_MODES.indexOf(gate.mode);
    observations.send();
    if (!grants.poll()) return 0;
    const nonce = grants.payload[0];
    return leaseNonce(nonce) ? nonce : 0;
  }
}

/** The supervisor's end: what the gate last told. Before that, and after anything that makes no sense, there is no nonce. */
export class GateOverChannel implements GateObservation {
  mode: SafetyMode = 'initialising';
  nonce = 0;
  readonly observations: ChannelReader;
  private readonly grants: ChannelWriter;

  constructor(observation: Channel, grant: Channel) {
    this.observations = new ChannelReader(observation);
    this.grants = new ChannelWriter(grant);
  }

  /** Reads the newest observation; false if there is none since the last. A gate that has fallen silent has no nonce. */
  poll(): boolean {
    this.nonce = 0;
    if (!this.observations.poll()) return false;
    const [nonce, mode] = this.observations.payload;
    if (!leaseNonce(nonce) || !(mode in SAFETY_MODES)) return false;
    this.nonce = nonce;
    this.mode = SAFETY_MODES[mode];
    return true;
  }

  grant(nonce: number): void {
    this.grants.payload[0] = nonce;
    this.grants.send();
  }
}
