import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import { sha256Hex } from './manifest.ts';
import { hashOf, type ModelFiles, modelFolders, modelPath, parseModelJson, readModelFiles } from './model_files.ts';
import { modelName, modelVersion, parseReference } from './model_name.ts';

/** Where the shipped models are. */
export const MODELS_FOLDER: string = join(PACKAGE_ROOT, 'models');
const LOCK_FILE = 'lock.json';
const POLICIES = 'policies';
const REMEDY = 'restore it from the repository';

const pin = z.strictObject({
  name: modelName,
  version: modelVersion,
  /** Of the network, and its size. */
  sha256: sha256Hex,
  bytes: z.number().int().positive(),
  /** Of its manifest; that of a vision model names the hash of the golden inputs. */
  manifest_sha256: sha256Hex,
});

export const modelLock = z.strictObject({
  models: z.array(pin).max(1024).readonly(),
  /** Of tasks: policies/NAME.onnx with NAME.manifest.json. */
  policies: z.array(pin).max(1024).readonly().default([]),
});
export type ModelLock = z.infer<typeof modelLock>;
export type LockedModel = ModelLock['models'][number];

export interface ModelStatus extends LockedModel {
  readonly verified: boolean;
  /** Why not; empty when verified. */
  readonly problem: string;
}

/** A model of this name or version is not there. */
export class UnknownModelError extends InputError {}

/**
 * The models that the repository vouches for: NAME/VERSION/model.onnx, manifest.json and golden.json, pinned by SHA-256 in the
 * folder's lock.json. No key is asked, and nothing expires. Policies for tasks are pinned beside them.
 */
export class ModelRepository {
  readonly folder: string;

  constructor(folder: string = MODELS_FOLDER) {
    this.folder = folder;
  }

  modelFile(name: string, version: string): string {
    return modelPath(this.folder, name, version, 'model.onnx');
  }

  manifestFile(name: string, version: string): string {
    return modelPath(this.folder, name, version, 'manifest.json');
  }

  /** @throws InputError if the lock is missing or malformed */
  async lock(): Promise<ModelLock> {
    const file = join(this.folder, LOCK_FILE);
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw new InputError(file, `cannot be read; ${REMEDY}`, { cause });
    });
    return parseModelJson(bytes, file, modelLock);
  }

  /** The pinned model called NAME or NAME@VERSION; without a version the last one pinned under the name. */
  async find(reference: string): Promise<LockedModel> {
    const { models } = await this.lock();
    const { name, version } = parseReference(reference);
    const found = models
      .filter((model) => model.name === name && (version === null || model.version === version))
      .at(-1);
    if (found !== undefined) return found;
    const known = models.map((model) => `${model.name}@${model.version}`).join(', ');
    throw new UnknownModelError(
      `model '${reference}'`,
      `not pinned in ${join(this.folder, LOCK_FILE)}; known: ${known || 'none'}`,
    );
  }

  /** Every pinned model, hashed and compared. */
  async verify(): Promise<ModelStatus[]> {
    return statusOf((await this.lock()).models, (model) => this.problemOf(model));
  }

  /** The network of a policy for a task; its manifest is NAME.manifest.json beside it. */
  policyFile(name: string): string {
    return join(this.folder, POLICIES, `${name}.onnx`);
  }

  /** Every pinned policy for a task, hashed and compared, network and manifest. */
  async verifyPolicies(): Promise<ModelStatus[]> {
    return statusOf((await this.lock()).policies, (policy) => this.problemOfPolicy(policy));
  }

  /** Models that the lock does not name: unpinned, never loaded by name. */
  async unpinned(): Promise<string[]> {
    const { models } = await this.lock();
    const pinned = new Set(models.map((model) => `${model.name}@${model.version}`));
    const found = await modelFolders(this.folder);
    return found.map(({ name, version }) => `${name}@${version}`).filter((one) => !pinned.has(one));
  }

  /** Reads a pinned model. @throws InputError naming file, expected and found hash, before anything else sees the bytes */
  async load(reference: string): Promise<ModelFiles> {
    const { name, version, ...pin } = await this.find(reference);
    const files = await readModelFiles(this.folder, name, version, REMEDY);
    if (files.sha256 !== pin.sha256 || files.bytes.length !== pin.bytes)
      throw new InputError(
        `${this.modelFile(name, version)} of ${files.bytes.length} bytes with SHA-256 ${files.sha256}`,
        `${LOCK_FILE} pins ${pin.bytes} bytes with ${pin.sha256}; ${REMEDY}`,
      );
    if (files.manifest_sha256 !== pin.manifest_sha256)
      throw new InputError(
        `${this.manifestFile(name, version)} with SHA-256 ${files.manifest_sha256}`,
        `${LOCK_FILE} pins ${pin.manifest_sha256}; ${REMEDY}`,
      );
    return files;
  }

  private async problemOfPolicy({ name, sha256, manifest_sha256 }: LockedModel): Promise<string> {
    const network = this.policyFile(name);
    const pins = [
      [network, sha256],
      [network.replace(/\.onnx$/, '.manifest.json'), manifest_sha256],
    ] as const;
    for (const [file, pinned] of pins) {
      const bytes = await readFile(file).catch(() => null);
      if (bytes === null) return `${file} cannot be read: ${REMEDY}`;
      const found = hashOf(bytes);
      if (found !== pinned) return `${file} with SHA-256 ${found}: ${LOCK_FILE} pins ${pinned}; ${REMEDY}`;
    }
    return '';
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

/** Each of what is pinned with what is wrong with it, empty where nothing is. */
function statusOf(
  pinned: readonly LockedModel[],
  problemOf: (one: LockedModel) => Promise<string>,
): Promise<ModelStatus[]> {
  return Promise.all(
    pinned.map(async (one) => {
      const problem = await problemOf(one);
      return { ...one, verified: problem === '', problem };
    }),
  );
}
