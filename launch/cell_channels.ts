import { z } from 'zod';
import { loadRobot } from '../robots/index.ts';
import { type Channel, channelSchema, openArmLink, openGateLink } from '../runtime/index.ts';
import type { Cell } from './graph.ts';

/** Shared memory between the processes of one cell: arm command and state, the gate's observation, the grant, and bodies. */
export const CHANNEL_NAMES = ['command', 'state', 'observation', 'grant', 'bodies'] as const;
export type ChannelName = (typeof CHANNEL_NAMES)[number];

/** Channels by what they carry; `heartbeat` is a process's own, `heartbeat/NAME` that of another. */
export const cellChannels = z.record(z.string(), channelSchema);
export type CellChannels = Readonly<z.infer<typeof cellChannels>>;

export function openCellChannels(cell: Cell): Record<ChannelName, Channel> {
  const robot = loadRobot(cell.robot, { visualMeshes: false });
  return { ...openArmLink(robot), ...openGateLink() };
}
