import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT } from '../contracts/index.ts';

/** Where the shipped models are. */
export const MODELS_FOLDER: string = join(PACKAGE_ROOT, 'models');
const LOCK_FILE = 'lock.json';

const tensorSpec = z.object({
  name: z.string(),
  type: z.literal('float32'),
  shape: z.array(z.number().int().positive()).readonly(),
});
export type TensorSpec = z.infer<typeof tensorSpec>;

/** What stands beside a model: what it takes and gives, and how to make it again. Bears no date: equal training, equal bytes. */
export const modelManifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  training: z.object({
    command: z.string(),
    seed: z.number().int(),
    steps: z.number().int().positive(),
    batch: z.number().int().positive(),
    parameters: z.number().int().positive(),
    /** SHA-256 of the first batches of the training data. */
    data_sha256: z.string(),
    runtime: z.string(),
  }),
  classes: z.array(z.string()).readonly(),
  input: tensorSpec,
  output: tensorSpec,
  metrics: z.record(z.string(), z.number()),
});
export type ModelManifest = z.infer<typeof modelManifest>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const modelLock = z.object({
  models: z
    .array(z.object({ name: z.string(), version: z.string(), sha256, bytes: z.number().int().positive() }))
    .readonly(),
});
export type ModelLock = z.infer<typeof modelLock>;
export type LockedModel = ModelLock['models'][number];

export interface ModelStatus extends LockedModel {
  readonly verified: boolean;
  /** Why not; empty when verified. */
  readonly problem: string;
}

/** A model's bytes, the same as pinned, with its manifest. */
export interface VerifiedModel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly manifest: ModelManifest;
}

/** Models in a folder: NAME/VERSION/model.onnx and manifest.json, pinned by the folder's lock.json. */
export class ModelRepository {
  readonly folder: string;

  constructor(folder: string = MODELS_FOLDER) {
    this.folder = folder;
  }

  modelFile(name: string, version: string): string {
    return join(this.folder, name, version, 'model.onnx');
  }

  manifestFile(name: string, version: string): string {
    return join(this.folder, name, version, 'manifest.json');
  }

  /** @throws InputError if the lock is missing or malformed */
  async lock(): Promise<ModelLock> {
    return readJson(join(this.folder, LOCK_FILE), modelLock);
  }

  /** The pinned model called NAME or NAME@VERSION; without a version the last one pinned under the name. */
  async find(reference: string): Promise<LockedModel> {
    const { models } = await this.lock();
    const [name, version] = splitReference(reference);
    const found = models
      .filter((model) => model.name === name && (version === null || model.version === version))
      .at(-1);
    if (found !== undefined) return found;
    const known = models.map((model) => `${model.name}@${model.version}`).join(', ');
    throw new InputError(
      `model '${reference}'`,
      `not pinned in ${join(this.folder, LOCK_FILE)}; known: ${known || 'none'}`,
    );
  }

  /** Every pinned model, hashed and compared. */
  async verify(): Promise<ModelStatus[]> {
    const { models } = await this.lock();
    return Promise.all(
      models.map(async (model) => {
        const problem = await this.problemOf(model);
        return { ...model, verified: problem === '', problem };
      }),
    );
  }

  /** Folders with a model.onnx that the lock does not name: unpinned, never loaded by name. */
  async unpinned(): Promise<string[]> {
    const { models } = await this.lock();
    const pinned = new Set(models.map((model) => join(model.name, model.version)));
    const found: string[] = [];
    for (const name of await folders(this.folder)) {
      for (const version of await folders(join(this.folder, name))) {
        const here = await stat(this.modelFile(name, version)).catch(() => null);
        if (here !== null && !pinned.has(join(name, version))) found.push(`${name}@${version}`);
      }
    }
    return found;
  }

  /** Reads a pinned model. @throws InputError naming file, expected and found hash, before anything else sees the bytes */
  async load(reference: string): Promise<VerifiedModel> {
    const model = await this.find(reference);
    const file = this.modelFile(model.name, model.version);
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw new InputError(file, 'the pinned model is missing; restore it from the repository', { cause });
    });
    const hash = hashOf(bytes);
    if (hash !== model.sha256) {
      throw new InputError(
        `${file} of ${bytes.length} bytes with SHA-256 ${hash}`,
        `${LOCK_FILE} pins ${model.bytes} bytes with ${model.sha256}; restore the file from the repository`,
      );
    }
    const manifest = await readJson(this.manifestFile(model.name, model.version), modelManifest);
    if (manifest.name !== model.name || manifest.version !== model.version) {
      throw new InputError(
        `${this.manifestFile(model.name, model.version)} of ${manifest.name}@${manifest.version}`,
        `must describe ${model.name}@${model.version}`,
      );
    }
    return { name: model.name, version: model.version, sha256: hash, bytes, manifest };
  }

  private async problemOf(model: LockedModel): Promise<string> {
    try {
      await this.load(`${model.name}@${model.version}`);
      return '';
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function splitReference(reference: string): [string, string | null] {
  const at = reference.indexOf('@');
  return at < 0 ? [reference, null] : [reference.slice(0, at), reference.slice(at + 1)];
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new InputError(file, 'cannot be read; restore it from the repository', { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(file, 'is not JSON; restore it from the repository', { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${file} at ${issue.path.join('.') || 'its top'}`, issue.message);
}
