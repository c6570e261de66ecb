import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, strFromU8 } from 'fflate';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import { type Effects, effects } from './effects.ts';

/** SHA-256 of what the shipped file holds. */
export const SEALED_SHA256 = 'f130c1f70dd65d85c861fa51e4af800bf14a902004ee7e251fc17bd162fa57cb';
const SHIPPED = join(PACKAGE_ROOT, 'sim', 'second_world', 'sealed.json.gz');
/** Most that a file of effects may hold, bytes. */
const MOST_BYTES = 100_000;

const sealedFile = z.strictObject({
  schema: z.literal('surepick/second_world'),
  version: z.literal(1),
  /** Of the stream that the effects were drawn from. */
  seed: z.number().int().nonnegative(),
  /** Arm joints that the lists are for. */
  joints: z.number().int().positive(),
  effects,
});

export interface SealedWorld {
  readonly sha256: string;
  readonly joints: number;
  readonly effects: Effects;
}

/** Text of a file with these effects, gzipped or not when read. */
export function sealedText(seed: number, joints: number, drawn: Effects): string {
  return `${JSON.stringify({ schema: 'surepick/second_world', version: 1, seed, joints, effects: drawn })}\n`;
}

/** Effects of a file, or of the shipped one by default. Throws InputError that tells no value of it. */
export function readSealed(file: string | null): SealedWorld {
  const place = file ?? 'the shipped second world';
  const text = unpacked(file ?? SHIPPED, place);
  const sha256 = createHash('sha256').update(text).digest('hex');
  if (file === null && sha256 !== SEALED_SHA256)
    throw new InputError(`${place}: SHA-256 ${sha256}`, `must be ${SEALED_SHA256}; restore sealed.json.gz`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new InputError(place, 'must be JSON');
  }
  const parsed = sealedFile.safeParse(content);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new InputError(`${place}: ${path.join('.') || 'content'}`, message);
  }
  const { joints, effects: drawn } = parsed.data;
  for (const [name, list] of Object.entries(perJoint(drawn))) {
    if (list.length !== joints) throw new InputError(`${place}: ${name} of ${list.length} joints`, `${joints} joints`);
  }
  return { sha256, joints, effects: drawn };
}

function perJoint({
  joint_friction,
  stiction,
  elasticity,
  encoder_offset,
}: Effects): Record<string, readonly number[]> {
  return {
    ...joint_friction,
    ...stiction,
    stiffness_Nm_rad: elasticity.stiffness_Nm_rad,
    offset_rad: encoder_offset.offset_rad,
  };
}

function unpacked(path: string, place: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new InputError(place, 'a file of effects that can be read', { cause: error });
  }
  if (bytes.length > MOST_BYTES) throw new InputError(`${place}: ${bytes.length} bytes`, `at most ${MOST_BYTES}`);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return strFromU8(bytes);
  try {
    // A buffer of this size is all that is filled: more is not unpacked.
    return strFromU8(gunzipSync(bytes, { out: new Uint8Array(MOST_BYTES) })).replace(/\0+$/, '');
  } catch (error) {
    throw new InputError(place, 'a whole gzip file', { cause: error });
  }
}
