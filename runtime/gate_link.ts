import { type Channel, openChannel } from './channel.ts';
import { GRANT_VALUES, OBSERVATION_VALUES } from './gate_record.ts';

/** The two channels between a gate and its supervisor. */
export interface GateLink {
  readonly observation: Channel;
  readonly grant: Channel;
}

export function openGateLink(): GateLink {
  return { observation: openChannel(OBSERVATION_VALUES), grant: openChannel(GRANT_VALUES) };
}
