import { z } from 'zod';
import { LOG_LEVELS } from '../stack/index.ts';
import { cellSchema } from './graph.ts';
import { logLineSchema } from './log_line.ts';
import { REQUESTS } from './messages.ts';

/** What the thread of a node is started with, beside its end of the bus. */
export const threadSetup = z.object({
  cell: cellSchema,
  /** Name of the node in its cell. */
  node: z.string(),
  log_level: z.enum(LOG_LEVELS),
  out_dir: z.string(),
});
export type ThreadSetup = Readonly<z.infer<typeof threadSetup>>;

/** From the cell to the thread of a node. */
export const threadOrder = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('change'), id: z.int(), request: z.enum(REQUESTS) }),
  z.object({ kind: z.literal('tell'), fields: z.record(z.string(), z.unknown()) }),
]);
export type ThreadOrder = z.infer<typeof threadOrder>;

const fault = { message: z.string(), input: z.boolean() };

/** From the thread of a node to its cell. */
export const threadWord = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loaded') }),
  z.object({ kind: z.literal('answer'), id: z.int(), fault: z.object(fault).nullable() }),
  z.object({ kind: z.literal('line'), line: logLineSchema }),
  z.object({ kind: z.literal('report'), fields: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('error'), where: z.string(), ...fault }),
]);
export type ThreadWord = z.infer<typeof threadWord>;
