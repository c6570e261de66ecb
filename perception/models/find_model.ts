import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../contracts/index.ts';
import { type ModelInterface, type ModelManifest, modelManifest } from './manifest.ts';
import { hashOf, MODEL_FILES, parseModelJson } from './model_files.ts';
import { parseReference, printable } from './model_name.ts';
import { ModelRepository, UnknownModelError } from './model_repository.ts';
import type { OwnModels } from './own_models.ts';
import { VISION_INTERFACE } from './vision_interface.ts';

/** Where models come from, and which of them may be used. */
export interface ModelSources {
  /** The shipped models. */
  readonly repository?: ModelRepository;
  /** The user's own; by default none. */
  readonly own?: OwnModels | null;
  /** What is done with a model that nobody vouches for: used and said (default), or refused, as before a real robot. */
  readonly unsigned?: 'note' | 'refuse';
}

/** A model that may be used, with what is to be said of it. */
export interface FoundModel {
  /** NAME@VERSION, or `file@` and the start of the hash. */
  readonly model: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly shape: ModelInterface;
  /** Null for a file that has none. */
  readonly manifest: ModelManifest | null;
  readonly origin: 'shipped' | 'own' | 'file';
  /** Path of the model, for errors. */
  readonly where: string;
  /** What people should know of it, in a line; empty for nothing. */
  readonly note: string;
}

/**
 * Finds a model by NAME or NAME@VERSION, the shipped ones first and then the user's own, or by the path of an .onnx file,
 * whose manifest.json may lie beside it.
 *
 * @throws InputError if there is none, it is spoilt, altered or untrusted, or nobody vouches for it and that is asked for
 */
export async function findModel(reference: string, sources: ModelSources = {}): Promise<FoundModel> {
  const { unsigned = 'note' } = sources;
  const found = isFile(reference) ? await fromFile(reference) : await byName(reference, sources);
  if (found.note !== '' && unsigned === 'refuse')
    throw new InputError(
      `model ${found.model} (${found.where})`,
      `nobody vouches for it, and a real robot takes signed models only; put it below your own models as NAME/VERSION with its manifest, then surepick models sign ${found.origin === 'own' ? found.model : 'NAME@VERSION'}`,
    );
  return found;
}

/** Whether a reference is a path and no name. */
function isFile(reference: string): boolean {
  return reference.endsWith('.onnx') || reference.includes('/') || reference.includes('\\');
}

async function byName(
  reference: string,
  { repository = new ModelRepository(), own = null }: ModelSources,
): Promise<FoundModel> {
  const { name, version } = parseReference(reference);
  const { models } = await repository.lock();
  const pinned = models.some((model) => model.name === name && (version === null || model.version === version));
  const mine = pinned ? null : await (own?.find(reference) ?? null);
  if (mine === null || own === null) return shipped(reference, repository, own);
  const { signature, ...files } = await own.load(mine.name, mine.version);
  const model = `${mine.name}@${mine.version}`;
  const note = signature === null ? `model ${model} is signed by nobody: surepick models sign ${model}` : '';
  const { sha256, bytes, manifest } = files;
  return {
    ...{ model, sha256, bytes, shape: manifest, manifest, origin: 'own', note },
    where: own.modelFile(mine.name, mine.version),
  };
}

async function shipped(reference: string, repository: ModelRepository, own: OwnModels | null): Promise<FoundModel> {
  const { name, version, sha256, bytes, manifest } = await repository.load(reference).catch((error: unknown) => {
    if (!(error instanceof UnknownModelError) || own === null) throw error;
    throw new InputError(error.message, `and not among your own in ${own.folder}`);
  });
  const where = repository.modelFile(name, version);
  return {
    ...{ model: `${name}@${version}`, sha256, bytes, shape: manifest, manifest },
    ...{ origin: 'shipped', where, note: '' },
  };
}

/** A model outside every folder of models: it is named by the start of its hash. */
async function fromFile(file: string): Promise<FoundModel> {
  if (!file.endsWith('.onnx'))
    throw new InputError(`model '${printable(file)}'`, 'NAME, NAME@VERSION or an .onnx file');
  const bytes = await readWhole(file, MODEL_FILES['model.onnx'], 'give an .onnx file or NAME@VERSION');
  const sha256 = hashOf(bytes);
  const manifest = await manifestBeside(file, sha256);
  const model = `file@${sha256.slice(0, 12)}`;
  const note = `model ${model} (${printable(basename(file))}) is signed by nobody`;
  return { model, sha256, bytes, shape: manifest ?? VISION_INTERFACE, manifest, origin: 'file', where: file, note };
}

/** The manifest in the same folder, where it is of this file. */
async function manifestBeside(file: string, sha256: string): Promise<ModelManifest | null> {
  const path = join(dirname(file), 'manifest.json');
  const there = await stat(path).catch(() => null);
  if (there === null) return null;
  const bytes = await readWhole(path, MODEL_FILES['manifest.json'], 'restore it, or remove it');
  const manifest = parseModelJson(bytes, path, modelManifest);
  if (manifest.sha256 === sha256) return manifest;
  throw new InputError(
    `${file} with SHA-256 ${sha256}`,
    `${path} describes one with ${manifest.sha256}; give the model that it describes, or put this one elsewhere`,
  );
}

async function readWhole(path: string, most: number, remedy: string): Promise<Buffer> {
  try {
    const { size } = await stat(path).then((there) => {
      if (!there.isFile()) throw new InputError(path, `must be a file; ${remedy}`);
      return there;
    });
    if (size > most) throw new InputError(`${path} of ${size} bytes`, `must have at most ${most}`);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(printable(path), `cannot be read as a model; ${remedy}`, { cause });
  }
}
