import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { type ModelManifest, modelManifest } from './manifest.ts';
import { modelName, modelVersion } from './model_name.ts';

/** The files of a model, NAME/VERSION/… below a folder of models, and the most bytes that each may have. */
export const MODEL_FILES = {
  'model.onnx': 2 ** 29,
  'manifest.json': 2 ** 20,
  'golden.json': 2 ** 23,
  'signature.json': 2 ** 14,
} as const;
export type ModelFileName = keyof typeof MODEL_FILES;

/** What lies in one model's folder: files that belong together by their hashes, and nothing said yet of who vouches for them. */
export interface ModelFiles {
  readonly name: string;
  readonly version: string;
  /** Of model.onnx. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly manifest: ModelManifest;
  readonly manifest_sha256: string;
  /** Text of golden.json; null without one. */
  readonly golden: string | null;
}

/** Path of one of a model's files. @throws InputError for names that are none, before any path is made of them */
export function modelPath(folder: string, name: string, version: string, file: ModelFileName): string {
  const valid = modelName.safeParse(name).success && modelVersion.safeParse(version).success;
  if (!valid) throw new InputError(`model ${JSON.stringify(`${name}@${version}`)}`, 'must be NAME@VERSION');
  return join(folder, name, version, file);
}

/**
 * The bytes of one of a model's files; null where there is none. Follows no link below the folder, waits for no pipe, and
 * reads nothing that is larger than such a file can be.
 *
 * @throws InputError that names the file and what it must be
 */
export async function readModelFile(
  folder: string,
  name: string,
  version: string,
  file: ModelFileName,
): Promise<Buffer | null> {
  const path = modelPath(folder, name, version, file);
  let handle: FileHandle | null = null;
  try {
    const inside = join(await realpath(folder), name, version, file);
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await realpath(path)) !== inside)
      throw new InputError(path, 'must lie in its folder itself, not behind a link');
    checkSize(await handle.stat(), path, MODEL_FILES[file]);
    return await handle.readFile();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    const allowed = code === 'ELOOP' ? 'must be a file, not a link' : 'must be a file that can be read';
    throw new InputError(`${path} (${code})`, allowed, { cause });
  } finally {
    await handle?.close();
  }
}

function checkSize(stat: Stats, path: string, most: number): void {
  if (!stat.isFile()) throw new InputError(path, 'must be a file');
  if (stat.size > most) throw new InputError(`${path} of ${stat.size} bytes`, `must have at most ${most}`);
}

/**
 * Reads a model and checks that its files belong together: the manifest describes this name and version, and gives the hash
 * of the model and of its golden inputs.
 *
 * @param remedy  what to do where a file is missing or spoilt
 * @throws InputError that names the file, before anything else sees the bytes
 */
export async function readModelFiles(
  folder: string,
  name: string,
  version: string,
  remedy: string,
): Promise<ModelFiles> {
  const pathOf = (file: ModelFileName) => modelPath(folder, name, version, file);
  const read = async (file: ModelFileName) => {
    const bytes = await readModelFile(folder, name, version, file);
    if (bytes === null) throw new InputError(pathOf(file), `is missing; ${remedy}`);
    return bytes;
  };
  const text = await read('manifest.json');
  const manifest = parseModelJson(text, pathOf('manifest.json'), modelManifest);
  if (manifest.name !== name || manifest.version !== version)
    throw new InputError(
      `${pathOf('manifest.json')} of ${manifest.name}@${manifest.version}`,
      `must describe ${name}@${version}`,
    );
  const bytes = await read('model.onnx');
  const sha256 = hashOf(bytes);
  if (sha256 !== manifest.sha256 || bytes.length !== manifest.bytes)
    throw new InputError(
      `${pathOf('model.onnx')} of ${bytes.length} bytes with SHA-256 ${sha256}`,
      `its manifest says ${manifest.bytes} bytes with ${manifest.sha256}; ${remedy}`,
    );
  const golden = manifest.golden === undefined ? null : await read('golden.json');
  if (golden !== null && hashOf(golden) !== manifest.golden?.sha256)
    throw new InputError(
      `${pathOf('golden.json')} with SHA-256 ${hashOf(golden)}`,
      `its manifest says ${manifest.golden?.sha256}; ${remedy}`,
    );
  return {
    ...{ name, version, sha256, bytes, manifest },
    ...{ manifest_sha256: hashOf(text), golden: golden?.toString('utf8') ?? null },
  };
}

/** Parses and checks JSON of a model's file. @throws InputError with file, place and what is allowed */
export function parseModelJson<T>(bytes: Uint8Array, where: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InputError(where, 'must be JSON', { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${where} at ${issue.path.map(String).join('.') || 'its top'}`, issue.message);
}

/** Names and versions for which there is a folder, links left out, in their order. */
export async function modelFolders(folder: string): Promise<{ name: string; version: string }[]> {
  const found: { name: string; version: string }[] = [];
  for (const name of await foldersIn(folder)) {
    if (!modelName.safeParse(name).success) continue;
    for (const version of await foldersIn(join(folder, name)))
      if (modelVersion.safeParse(version).success) found.push({ name, version });
  }
  return found;
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
