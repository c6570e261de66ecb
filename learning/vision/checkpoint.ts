import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { hashOf } from '../../perception/index.ts';
import type { TrainingState } from './trainer.ts';

const FORMAT = 'surepick.training/1';
const header = z.strictObject({
  format: z.literal(FORMAT),
  /** What is trained on what; a training goes on only as itself. */
  training: z.string(),
  step: z.number().int().nonnegative(),
  parameters: z.number().int().positive(),
  sha256: z.string(),
});

/** Writes where a training stands: a line of JSON, then parameters and moments, float32. An interruption leaves the old one. */
export async function saveCheckpoint(file: string, training: string, state: TrainingState): Promise<void> {
  const { step, theta, m, v } = state;
  const parts = [theta, m, v].map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  const body = Buffer.concat(parts);
  const head = { format: FORMAT, training, step, parameters: theta.length, sha256: hashOf(body) };
  await writeFile(`${file}.next`, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]));
  await rename(`${file}.next`, file);
}

/** @throws InputError if the file is no checkpoint, is damaged, or is of another training */
export async function loadCheckpoint(file: string, training: string): Promise<TrainingState> {
  const remedy = 'a checkpoint that train.js wrote; train anew without --resume';
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new InputError(`checkpoint ${file}`, `a file that can be read; train anew without --resume`, { cause });
  });
  const end = bytes.indexOf(10);
  const parsed = header.safeParse(parse(bytes.subarray(0, Math.max(0, end)).toString()));
  if (!parsed.success) throw new InputError(`checkpoint ${file}`, remedy);
  const { parameters, sha256, step } = parsed.data;
  const body = bytes.subarray(end + 1);
  if (body.length !== 12 * parameters || hashOf(body) !== sha256)
    throw new InputError(`checkpoint ${file} of ${body.length} bytes`, `damaged; ${remedy}`);
  if (parsed.data.training !== training)
    throw new InputError(`checkpoint ${file} of '${parsed.data.training}'`, `this training is '${training}'`);
  const values = new Float32Array(new Uint8Array(body).buffer);
  const [theta, m, v] = [0, 1, 2].map((k) => values.slice(k * parameters, (k + 1) * parameters));
  return { step, theta, m, v };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
