import { z } from 'zod';
import { vector3 } from '../../contracts/index.ts';
import { LOG_LEVELS } from '../../stack/index.ts';

/** What the process is told when it starts. */
export const serverSetup = z.strictObject({
  kind: z.literal('setup'),
  robot: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('cell'), socket: z.string() }),
    z.strictObject({ kind: z.literal('ros'), namespace: z.string(), domain_id: z.int().nullable() }),
  ]),
  host: z.string(),
  port: z.int().min(0).max(65_535),
  state_dir: z.string(),
  out_dir: z.string(),
  tls: z.strictObject({ cert: z.string(), key: z.string() }).nullable(),
  /** Under which browsers reach it. */
  names: z.array(z.string()),
  /** Whether whoever starts it is handed a code, or everybody logs in by name and password. */
  login: z.enum(['code', 'users']),
  /** Of the users. */
  config_dir: z.string(),
  foxglove: z.boolean(),
  /** Of requests and signatures, and the list of who may sign; null where none are taken in. */
  approvals: z.strictObject({ folder: z.string(), approvers: z.string() }).nullable(),
  /** Recorded runs that can be opened. */
  runs_dir: z.string(),
  /** Where things may be put. */
  places: z.array(
    z.strictObject({ name: z.string(), position: vector3, size: z.tuple([z.number(), z.number()]).readonly() }),
  ),
  /** What ended before, for the operator to know; empty at the first start. */
  news: z.array(z.string()),
  log_level: z.enum(LOG_LEVELS),
});
export type ServerSetup = z.infer<typeof serverSetup>;

export const serverOrder = z.discriminatedUnion('kind', [serverSetup, z.strictObject({ kind: z.literal('code') })]);
export type ServerOrder = z.infer<typeof serverOrder>;

export const serverWord = z.discriminatedUnion('kind', [
  /** It serves at `base`; `url` opens one session. */
  z.strictObject({ kind: z.literal('ready'), base: z.string(), url: z.string(), port: z.int() }),
  z.strictObject({ kind: z.literal('code'), url: z.string() }),
  /** It cannot start, and starting it again would not help. */
  z.strictObject({ kind: z.literal('refused'), reason: z.string() }),
]);
export type ServerWord = z.infer<typeof serverWord>;
