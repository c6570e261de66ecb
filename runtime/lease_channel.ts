import { SAFETY_MODES } from '../contracts/index.ts';
import type { LeaseSource } from '../control/index.ts';
import type { GateObservation, SafetyMode } from '../safety/index.ts';
import { type Channel, ChannelReader, ChannelWriter } from './channel.ts';

/** Doubles of what the gate tells the supervisor (nonce, mode's index) and of a grant (nonce). */
export const OBSERVATION_VALUES = 2;
export const GRANT_VALUES = 1;

const leaseNonce = (value: number) => Number.isInteger(value) && value > 0 && value < 2 ** 31;

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

  /** The newest grant. */
  step(): number {
    const { grants } = this;
    if (!grants.poll()) return 0;
    const nonce = grants.payload[0];
    return leaseNonce(nonce) ? nonce : 0;
  }

  /** Tells the supervisor of the gate; right after its cycle, so that the nonce is fresh when it is granted. */
  tell(gate: GateObservation): void {
    const { observations } = this;
    observations.payload[0] = gate.nonce;
    observations.payload[1] = SAFETY_MODES.indexOf(gate.mode);
    observations.send();
  }
}

/** The supervisor's end: what the gate last told. There is no nonce before that, and after what makes no sense. */
export class GateOverChannel implements GateObservation {
  mode: SafetyMode = 'initialising';
  nonce = 0;
  readonly observations: ChannelReader;
  private readonly grants: ChannelWriter;
  private granted = 0;

  constructor(observation: Channel, grant: Channel) {
    this.observations = new ChannelReader(observation);
    this.grants = new ChannelWriter(grant);
  }

  /** Reads the newest observation, if there is one since the last. */
  poll(): void {
    if (!this.observations.poll()) return;
    const [nonce, mode] = this.observations.payload;
    const sensible = leaseNonce(nonce) && mode in SAFETY_MODES;
    this.nonce = sensible && nonce !== this.granted ? nonce : 0;
    if (sensible) this.mode = SAFETY_MODES[mode];
  }

  /** Each nonce once: a repeated grant would be worthless, and put off the next by its period. */
  grant(nonce: number): void {
    this.granted = nonce;
    this.nonce = 0;
    this.grants.payload[0] = nonce;
    this.grants.send();
  }
}
