import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  hashOf,
  MANIFEST_FORMAT,
  type ModelLock,
  type ModelManifest,
  type ModelManifestInput,
  ModelRepository,
  modelManifest,
  modelPath,
  type OwnModels,
} from '../../perception/index.ts';

/** What is told of a model; its hashes and format are added when it is published. */
export type ModelFacts = Omit<ModelManifestInput, 'format' | 'sha256' | 'bytes' | 'golden'>;

/** Inputs with their outputs, as `makeGolden` gives them. */
export interface GoldenFacts {
  readonly text: string;
  /** Greatest difference of a value, over the greater of 1 and its size. */
  readonly tolerance: number;
}

/**
 * Writes a model with its manifest and golden inputs into a folder of models and pins it in the folder's lock.
 *
 * @throws ZodError if the facts contradict each other; nothing is written then
 */
export async function publishModel(
  folder: string,
  model: Uint8Array,
  facts: ModelFacts,
  golden: GoldenFacts | null = null,
): Promise<string> {
  const repository = new ModelRepository(folder);
  const sha256 = hashOf(model);
  const tested = golden === null ? undefined : goldenEntry(golden);
  const own = { format: MANIFEST_FORMAT, sha256, bytes: model.length, golden: tested };
  const manifest = modelManifest.parse({ ...facts, ...own });
  const { name, version } = manifest;
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const place = dirname(repository.modelFile(name, version));
  await mkdir(place, { recursive: true });
  await replaceFile(repository.modelFile(name, version), model);
  await replaceFile(repository.manifestFile(name, version), text);
  if (golden === null) await rm(join(place, 'golden.json'), { force: true });
  else await replaceFile(join(place, 'golden.json'), golden.text);
  const lockFile = join(folder, 'lock.json');
  const present = await readFile(lockFile, 'utf8').catch(() => null);
  const before: ModelLock = present === null ? { models: [], policies: [] } : await repository.lock();
  const others = before.models.filter((other) => other.name !== name || other.version !== version);
  const pin = { name, version, sha256, bytes: model.length, manifest_sha256: hashOf(Buffer.from(text)) };
  await replaceFile(lockFile, `${JSON.stringify({ ...before, models: [...others, pin] }, null, 2)}\n`);
  return sha256;
}

/**
 * Changes what is told of a model, e.g. its calibration; the network and its golden inputs stay as they are. A shipped model
 * is pinned again; of a user's own the signature is taken away, since it is of the old manifest.
 *
 * @throws InputError if there is no such model or it is spoilt, ZodError if the facts contradict each other
 */
export async function changeFacts(
  models: ModelRepository | OwnModels,
  { name, version }: { readonly name: string; readonly version: string },
  change: (facts: ModelManifest) => Partial<ModelFacts>,
): Promise<ModelManifest> {
  const shipped = models instanceof ModelRepository;
  const { bytes, manifest, golden } = shipped
    ? await models.load(`${name}@${version}`)
    : await models.read(name, version);
  const changed = modelManifest.parse({ ...manifest, ...change(manifest), name, version });
  if (shipped) {
    const tolerance = manifest.golden?.tolerance ?? 0;
    await publishModel(models.folder, bytes, changed, golden === null ? null : { text: golden, tolerance });
    return changed;
  }
  await rm(modelPath(models.folder, name, version, 'signature.json'), { force: true });
  await replaceFile(modelPath(models.folder, name, version, 'manifest.json'), `${JSON.stringify(changed, null, 2)}\n`);
  return changed;
}

function goldenEntry({ text, tolerance }: GoldenFacts): { sha256: string; tolerance: number } {
  return { sha256: hashOf(Buffer.from(text)), tolerance };
}

async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const next = `${file}.next`;
  await writeFile(next, content);
  await rename(next, file);
}
