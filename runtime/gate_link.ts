import { openBodyChannel } from './body_channel.ts';
import { type Channel, openChannel } from './channel.ts';
import { GRANT_VALUES, OBSERVATION_VALUES } from './gate_record.ts';

/** The channels between a gate and its supervisor, and that of tracked bodies where somebody tells of them. */
export interface GateLink {
  readonly observation: Channel;
  readonly grant: Channel;
  readonly bodies?: Channel;
}

export function openGateLink(): Required<GateLink> {
  return { observation: openChannel(OBSERVATION_VALUES), grant: openChannel(GRANT_VALUES), bodies: openBodyChannel() };
}
