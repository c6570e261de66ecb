import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../contracts/index.ts';

/** What vouches for the files of a dataset is no part of them. */
export const MERKLE_NAME = 'merkle.json';
export const SIGNATURES_FOLDER = 'signatures';

/** A file as it lies in a dataset's folder. */
export interface FoundFile {
  /** From the dataset's folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Of the last change of content or of attributes, ns; what `--quick` goes by. */
  readonly changed: string;
}

export interface HashedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Something in the folder that is no plain file and cannot be vouched for. */
export interface Oddity {
  readonly path: string;
  readonly what: string;
}

const CHUNK_BYTES = 2 ** 20;

/**
 * All files of a dataset but those that vouch for it, in order of the bytes of their paths. Follows no link: links, sockets
 * and names that are no UTF-8 are told as oddities.
 */
export async function listFiles(folder: string): Promise<{ files: FoundFile[]; oddities: Oddity[] }> {
  const files: FoundFile[] = [];
  const oddities: Oddity[] = [];
  const folders = [''];
  for (let inner = folders.pop(); inner !== undefined; inner = folders.pop()) {
    for (const raw of namesIn(join(folder, inner))) {
      const name = raw.toString('utf8');
      const path = `${inner}${name}`;
      if (!Buffer.from(name, 'utf8').equals(raw)) {
        oddities.push({ path, what: 'has a name that is no UTF-8' });
        continue;
      }
      const stat = await lstat(join(folder, path), { bigint: true });
      if (stat.isSymbolicLink()) oddities.push({ path, what: 'is a link, which is not followed' });
      else if (stat.isDirectory()) {
        if (path !== SIGNATURES_FOLDER) folders.push(`${path}/`);
      } else if (!stat.isFile()) oddities.push({ path, what: 'is no plain file' });
      else if (path !== MERKLE_NAME)
        files.push({ path, bytes: Number(stat.size), changed: `${stat.mtimeNs}/${stat.ctimeNs}/${stat.ino}` });
    }
  }
  return { files: files.sort(byPath), oddities: oddities.sort(byPath) };
}

/** Order of the bytes of UTF-8. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return Buffer.compare(Buffer.from(a.path, 'utf8'), Buffer.from(b.path, 'utf8'));
}

/** Size and SHA-256 of a file of any size, read piece by piece into one buffer. */
export async function hashStream(
  file: string,
  buffer = Buffer.allocUnsafe(CHUNK_BYTES),
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  const handle = await open(file);
  try {
    let bytes = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** Remembers hashes of files by size and times. */
export interface HashCache {
  get(file: FoundFile): string | undefined;
  set(file: FoundFile, sha256: string): void;
}

export interface HashOptions {
  /** Only where the user asked not to read files again that look unchanged. */
  readonly cache?: HashCache;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, path: string) => void;
}

/** Hashes files in order; `read` counts those that were read and not taken from the cache. Throws when aborted. */
export async function hashFiles(
  folder: string,
  files: readonly FoundFile[],
  { cache, signal, onProgress }: HashOptions = {},
): Promise<{ readonly hashed: readonly HashedFile[]; readonly read: number }> {
  const hashed: HashedFile[] = [];
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let read = 0;
  for (const [k, file] of files.entries()) {
    signal?.throwIfAborted();
    onProgress?.(k, files.length, file.path);
    const known = cache?.get(file);
    const now = known === undefined ? await hashNamed(join(folder, file.path), buffer) : { ...file, sha256: known };
    if (known === undefined) read++;
    cache?.set(file, now.sha256);
    hashed.push({ path: file.path, bytes: now.bytes, sha256: now.sha256 });
  }
  onProgress?.(files.length, files.length, '');
  return { hashed, read };
}

function namesIn(folder: string): Buffer[] {
  try {
    return readdirSync(folder, { encoding: 'buffer' });
  } catch (cause) {
    throw new InputError(`folder ${folder} (${codeOf(cause)})`, 'must be a folder that can be read', { cause });
  }
}

async function hashNamed(file: string, buffer: Buffer<ArrayBuffer>): ReturnType<typeof hashStream> {
  try {
    return await hashStream(file, buffer);
  } catch (cause) {
    throw new InputError(`${file} (${codeOf(cause)})`, 'must be a file that can be read', { cause });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
