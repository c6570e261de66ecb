import { readFile } from 'node:fs/promises';
import { InputError } from '../contracts/index.ts';
import { CLASSICAL_MODEL, ClassicalDetector } from './classical.ts';
import { type Detector, NO_STOPWATCH, type Stopwatch } from './detector.ts';
import { hashOf, ModelRepository, VISION_INTERFACE } from './models/index.ts';
import { NetworkDetector } from './network_detector.ts';
import { type ExecutionProvider, openSession } from './runtime/index.ts';

/** Name of the shipped model, used unless another is asked for. */
export const DEFAULT_MODEL = 'vision';

export interface DetectorOptions {
  readonly repository?: ModelRepository;
  /** Where the network runs. Default `cpu`. */
  readonly provider?: ExecutionProvider;
  /** Answer with the classical detector when the model cannot be used. Default: only for the shipped model's bare name. */
  readonly fallback?: boolean;
  readonly stopwatch?: Stopwatch;
}

/**
 * The detector for a model: NAME or NAME@VERSION of the repository, a path to an .onnx file, or `classical`. A model somebody
 * named must be there and whole; the shipped default falls back to the classical detector, whose detections then say why.
 * The caller closes it.
 * @throws InputError if a named model is missing, corrupt, truncated or made for something else
 */
export async function openDetector(model: string = DEFAULT_MODEL, options: DetectorOptions = {}): Promise<Detector> {
  const { stopwatch = NO_STOPWATCH, fallback = model === DEFAULT_MODEL } = options;
  if (model === CLASSICAL_MODEL) return new ClassicalDetector('', stopwatch);
  try {
    return await (isFile(model) ? fromFile(model, options) : fromRepository(model, options));
  } catch (error) {
    if (!fallback || !(error instanceof InputError)) throw error;
    return new ClassicalDetector(error.message, stopwatch);
  }
}

function isFile(model: string): boolean {
  return model.endsWith('.onnx') || model.includes('/') || model.includes('\\');
}

async function fromRepository(
  reference: string,
  { repository = new ModelRepository(), provider = 'cpu', stopwatch = NO_STOPWATCH }: DetectorOptions,
): Promise<Detector> {
  const { name, version, sha256, bytes, manifest } = await repository.load(reference);
  const runtime = await openSession(bytes, manifest, repository.modelFile(name, version), provider);
  return new NetworkDetector(runtime, { model: `${name}@${version}`, model_sha256: sha256 }, stopwatch, manifest);
}

/** A model outside the repository is pinned by nobody: it is named by the start of its hash. */
async function fromFile(
  file: string,
  { provider = 'cpu', stopwatch = NO_STOPWATCH }: DetectorOptions,
): Promise<Detector> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new InputError(file, 'cannot be read as a model; give an .onnx file or NAME@VERSION', { cause });
  });
  const runtime = await openSession(bytes, VISION_INTERFACE, file, provider);
  const model_sha256 = hashOf(bytes);
  return new NetworkDetector(runtime, { model: `file@${model_sha256.slice(0, 12)}`, model_sha256 }, stopwatch);
}
