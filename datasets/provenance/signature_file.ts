import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fingerprintOf, type SigningKey, signDocument, verifyDocument } from '../../safety/index.ts';
import type { DatasetIndex } from '../dataset/index.ts';
import { replaceFile } from '../run/file.ts';
import { SIGNATURES_FOLDER } from './dataset_files.ts';
import { sha256Hex } from './merkle_manifest.ts';

const statement = z.strictObject({
  schema: z.literal('surepick.dataset_signature'),
  version: z.literal(1),
  id: z.uuid(),
  name: z.string(),
  revision: z.number().int().positive(),
  root: sha256Hex,
  /** Of `merkle.json` as it lies there, to the byte. */
  manifest_sha256: sha256Hex,
  /** The revision that was signed before; null for the first. */
  previous: z.strictObject({ revision: z.number().int().positive(), root: sha256Hex }).readonly().nullable(),
  /** Signatures that lay there before this one: none of them can be taken away unnoticed. */
  covers: z.array(z.strictObject({ file: z.string(), sha256: sha256Hex })).readonly(),
  signed_at: z.iso.datetime(),
  public_key: z.base64(),
});
export type DatasetStatement = Readonly<z.infer<typeof statement>>;

const signedStatement = z.strictObject({ statement, signature: z.base64() });

/** A signature as it lies in a dataset. */
export interface FoundSignature {
  /** From the dataset's folder. */
  readonly path: string;
  readonly sha256: string;
  readonly statement: DatasetStatement;
  /** Whether the key that it names has signed this very text. */
  readonly holds: boolean;
}

/** A file among the signatures that is none, and why. */
export interface BadSignature {
  readonly path: string;
  readonly why: string;
}

export interface FoundSignatures {
  /** In order of revisions, then of the time of signing. */
  readonly signatures: readonly FoundSignature[];
  readonly bad: readonly BadSignature[];
}

/** More than a signature ever needs. */
const MOST_BYTES = 2 ** 20;

export function sign(
  { key, public_key }: SigningKey,
  { id, name, revision }: Pick<DatasetIndex, 'id' | 'name' | 'revision'>,
  told: Pick<DatasetStatement, 'root' | 'manifest_sha256' | 'previous' | 'covers' | 'signed_at'>,
): { readonly path: string; readonly text: string } {
  const own: DatasetStatement = {
    ...{ schema: 'surepick.dataset_signature', version: 1, id, name, revision },
    ...told,
    public_key,
  };
  return { path: pathOf(own), text: textOf(own, signDocument(key, 'dataset', own)) };
}

export function writeSignature(folder: string, { path, text }: { readonly path: string; readonly text: string }): void {
  mkdirSync(join(folder, SIGNATURES_FOLDER), { recursive: true });
  replaceFile(join(folder, path), text);
}

/** Reads all signatures of a dataset; whether they are to be trusted is for others to say. */
export function readSignatures(folder: string): FoundSignatures {
  const inside = join(folder, SIGNATURES_FOLDER);
  if (!existsSync(inside)) return { signatures: [], bad: [] };
  if (!lstatSync(inside).isDirectory()) return { signatures: [], bad: [] };
  const signatures: FoundSignature[] = [];
  const bad: BadSignature[] = [];
  for (const name of readdirSync(inside).sort()) {
    const path = `${SIGNATURES_FOLDER}/${name}`;
    const read = readSignature(join(folder, path), path);
    if ('why' in read) bad.push(read);
    else signatures.push(read);
  }
  return { signatures: signatures.sort(inOrder), bad };
}

/** Name of the file: the revision, then the start of the key's fingerprint. */
function pathOf({ revision, public_key }: DatasetStatement): string {
  const digits = String(revision).padStart(6, '0');
  return `${SIGNATURES_FOLDER}/r${digits}-${fingerprintOf(public_key).slice(0, 16)}.json`;
}

const textOf = (own: DatasetStatement, signature: string) =>
  `${JSON.stringify({ statement: own, signature }, null, 1)}\n`;

function inOrder({ statement: a }: FoundSignature, { statement: b }: FoundSignature): number {
  return a.revision - b.revision || a.covers.length - b.covers.length || (a.signed_at < b.signed_at ? -1 : 1);
}

function readSignature(file: string, path: string): FoundSignature | BadSignature {
  const stat = lstatSync(file);
  if (!stat.isFile()) return { path, why: 'is no plain file' };
  if (stat.size > MOST_BYTES) return { path, why: `has ${stat.size} bytes; a signature has at most ${MOST_BYTES}` };
  const bytes = readFileSync(file);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { path, why: 'is no JSON' };
  }
  const { data, error } = signedStatement.safeParse(json);
  if (error !== undefined) return { path, why: `${error.issues[0].path.join('.')}: ${error.issues[0].message}` };
  const { statement: own, signature } = data;
  const name = nameOf(own);
  if (name !== path) return { path, why: name === null ? 'names no ed25519 key' : `should be called ${name}` };
  if (!Buffer.from(textOf(own, signature), 'utf8').equals(bytes)) return { path, why: 'is not written as we write it' };
  const holds = verifyDocument(own.public_key, 'dataset', own, signature);
  return { path, sha256: createHash('sha256').update(bytes).digest('hex'), statement: own, holds };
}

function nameOf(own: DatasetStatement): string | null {
  try {
    return pathOf(own);
  } catch {
    return null;
  }
}
