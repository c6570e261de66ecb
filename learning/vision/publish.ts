import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hashOf, type ModelLock, type ModelManifest, ModelRepository } from '../../perception/index.ts';

/** Writes a model with its manifest into a repository folder and pins it in the folder's lock. */
export async function publishModel(folder: string, model: Uint8Array, manifest: ModelManifest): Promise<string> {
  const repository = new ModelRepository(folder);
  const { name, version } = manifest;
  const sha256 = hashOf(model);
  await mkdir(dirname(repository.modelFile(name, version)), { recursive: true });
  await replaceFile(repository.modelFile(name, version), model);
  await replaceFile(repository.manifestFile(name, version), `${JSON.stringify(manifest, null, 2)}\n`);
  const lockFile = join(folder, 'lock.json');
  const present = await readFile(lockFile, 'utf8').catch(() => null);
  const before: ModelLock = present === null ? { models: [] } : await repository.lock();
  const others = before.models.filter((other) => other.name !== name || other.version !== version);
  const lock: ModelLock = { models: [...others, { name, version, sha256, bytes: model.length }] };
  await replaceFile(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
  return sha256;
}

async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const next = `${file}.next`;
  await writeFile(next, content);
  await rename(next, file);
}
