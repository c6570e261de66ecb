import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { hashOf } from '../../perception/index.ts';
import type { Demonstration } from './samples.ts';

const FORMAT = 'surepick.demonstrations/1';
const count = z.number().int().nonnegative();
const header = z.strictObject({
  format: z.literal(FORMAT),
  /** What was asked for when they were made; others are not taken for them. */
  source: z.string(),
  observation: z.number().int().positive(),
  action: z.number().int().positive(),
  /** Names of the features that were observed, in order. */
  features: z.array(z.string()).optional(),
  episodes: z.array(z.strictObject({ length: count, success: z.boolean() })),
  sha256: z.string(),
});

/** Demonstrations with what they were made by and a hash of what is in them. */
export interface DemonstrationSet {
  readonly source: string;
  readonly sha256: string;
  readonly features?: readonly string[] | undefined;
  readonly demonstrations: readonly Demonstration[];
}

/** Numbers of an observation and of an action, and the names of the features that make up the former. */
export interface DemonstrationLayout {
  readonly observation: number;
  readonly action: number;
  readonly features?: readonly string[];
}

/** Writes a set: a line of JSON, then observations, actions (float32, little-endian) and flags of every episode. */
export async function saveDemonstrations(
  file: string,
  source: string,
  demonstrations: readonly Demonstration[],
  { observation, action, features }: DemonstrationLayout,
): Promise<DemonstrationSet> {
  const body = Buffer.concat(
    demonstrations.flatMap(({ observations, actions, followed }) => [observations, actions, followed].map(bytesOf)),
  );
  const sha256 = hashOf(body);
  const episodes = demonstrations.map(({ length, success }) => ({ length, success }));
  const head = { format: FORMAT, source, observation, action, features, episodes, sha256 };
  await writeFile(`${file}.next`, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]));
  await rename(`${file}.next`, file);
  return { source, sha256, features, demonstrations };
}

/** @throws InputError if the file is none of these, is damaged, or was made by another `source` */
export async function loadDemonstrations(file: string, source: string): Promise<DemonstrationSet> {
  const set = await readDemonstrations(file);
  if (set.source !== source) throw new InputError(`demonstrations ${file} of '${set.source}'`, `those of '${source}'`);
  return set;
}

/** Of any source. Throws InputError if the file is none of these or is damaged. */
export async function readDemonstrations(file: string): Promise<DemonstrationSet> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new InputError(`demonstrations ${file}`, 'a file that can be read', { cause });
  });
  const end = Math.max(0, bytes.indexOf(10));
  const parsed = header.safeParse(parse(bytes.subarray(0, end).toString()));
  if (!parsed.success) throw new InputError(`demonstrations ${file}`, `a file that begins with ${FORMAT}`);
  const { observation, action, features, episodes, sha256 } = parsed.data;
  const body = new Uint8Array(bytes.subarray(end + 1));
  const steps = episodes.reduce((sum, { length }) => sum + length, 0);
  if (body.length !== steps * (4 * (observation + action) + 1) || hashOf(body) !== sha256)
    throw new InputError(
      `demonstrations ${file} of ${bytes.length} bytes`,
      'whole as they were written; these are damaged',
    );
  const { source } = parsed.data;
  let at = 0;
  const take = (size: number): Uint8Array => {
    at += size;
    return body.slice(at - size, at);
  };
  const demonstrations = episodes.map(({ length, success }) => ({
    length,
    success,
    observations: new Float32Array(take(4 * length * observation).buffer),
    actions: new Float32Array(take(4 * length * action).buffer),
    followed: take(length),
  }));
  return { source, sha256, features, demonstrations };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
