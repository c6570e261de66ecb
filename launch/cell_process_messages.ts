import { z } from 'zod';
import { LOG_LEVELS } from '../stack/index.ts';
import { KIND_NAMES } from './kinds/index.ts';
import { logLineSchema } from './log_line.ts';

/** What draws, sees and plans beside the loop of a cell that an operator moves. */
export const OPERATED_THREADS = ['sim', 'perception', 'planning'] as const;

/** What the process of a cell is started with. */
export const cellProcessSetup = z.object({
  /** Graph file with one cell. */
  file: z.string(),
  /** `node.parameter=value`, in place of what the file says. */
  set: z.array(z.string()).readonly(),
  namespace: z.string(),
  log_level: z.enum(LOG_LEVELS),
  out_dir: z.string(),
  /** Simulated seconds per wall second. */
  pace: z.number().positive(),
  /** Kinds whose nodes have threads of their own. */
  threads: z.array(z.enum(KIND_NAMES)).readonly(),
  /** Files of learned policies that may be started. */
  policies: z.array(z.string()).readonly().default([]),
});
export type CellProcessSetup = Readonly<z.input<typeof cellProcessSetup>>;

/** From the process of a cell to its parent. */
export const cellWord = z.discriminatedUnion('kind', [
  /** Its nodes are up, and its bus is at this socket. */
  z.object({ kind: z.literal('ready'), socket: z.string(), robot: z.string(), namespace: z.string() }),
  /** It cannot start with what it was given. */
  z.object({ kind: z.literal('refused'), reason: z.string() }),
  z.object({ kind: z.literal('state'), node: z.string(), state: z.string() }),
  z.object({ kind: z.literal('line'), line: logLineSchema }),
  z.object({ kind: z.literal('report'), node: z.string(), fields: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('error'), where: z.string(), message: z.string() }),
]);
export type CellWord = z.infer<typeof cellWord>;
