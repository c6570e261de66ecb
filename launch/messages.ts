import { z } from 'zod';
import { LOG_LEVELS } from '../stack/index.ts';
import { cellChannels } from './cell_channels.ts';
import { cellSchema } from './graph.ts';

export const REQUESTS = ['configure', 'activate', 'deactivate', 'cleanup'] as const;
export type Request = (typeof REQUESTS)[number];

/** What a node process is started with. */
export const processSetup = z.object({
  /** The process's name in its cell; its nodes are those of the cell with this process. */
  process: z.string(),
  cell: cellSchema,
  domain_id: z.int().nullable(),
  log_level: z.enum(LOG_LEVELS),
  out_dir: z.string(),
  /** Shared memory of the cell, as far as this process takes part in it; `heartbeat` is its own. */
  channels: cellChannels,
});
export type ProcessSetup = Readonly<z.infer<typeof processSetup>>;

/** From the launcher to a node process. */
export const orderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('change'), id: z.int(), node: z.string(), request: z.enum(REQUESTS) }),
  /** Stop the arm and answer once it is at rest, or at the end of the wait. */
  z.object({ kind: z.literal('stop_arm'), id: z.int() }),
  /** Something for a node that listens to whoever launched it. */
  z.object({ kind: z.literal('tell'), node: z.string(), fields: z.record(z.string(), z.unknown()) }),
  /** Bring the nodes down and end. */
  z.object({ kind: z.literal('end') }),
]);
export type Order = z.infer<typeof orderSchema>;

/** From a node process to the launcher. */
export const wordSchema = z.discriminatedUnion('kind', [
  /** Its nodes are in the graph and can be configured. */
  z.object({ kind: z.literal('loaded') }),
  z.object({ kind: z.literal('answer'), id: z.int(), ok: z.boolean(), reason: z.string() }),
  z.object({ kind: z.literal('state'), node: z.string(), state: z.string() }),
  z.object({ kind: z.literal('report'), node: z.string(), fields: z.record(z.string(), z.unknown()) }),
  /** Somebody has asked the graph to end. */
  z.object({ kind: z.literal('quit') }),
  /** It cannot start, and starting it again would not help. */
  z.object({ kind: z.literal('refused'), reason: z.string() }),
]);
export type Word = z.infer<typeof wordSchema>;
