import { readFile } from 'node:fs/promises';
import { InputError } from '../contracts/index.ts';
import { CLASSICAL_MODEL, ClassicalDetector } from './classical.ts';
import { type Detector, NO_STOPWATCH, type Stopwatch } from './detector.ts';
import { hashOf, ModelRepository, VISION_INTERFACE } from './models/index.ts';
import { NetworkDetector } from './network_detector.ts';
import { type InferenceOptions, openInference } from './runtime/index.ts';

/** Name of the shipped model, used unless another is asked for. */
export const DEFAULT_MODEL = 'vision';

export interface DetectorOptions extends InferenceOptions {
  readonly repository?: ModelRepository;
  /** Answer with the classical detector when the model cannot be used. Default: only for the shipped model's bare name. */
  readonly fallback?: boolean;
  readonly stopwatch?: Stopwatch;
}

/**
 * The detector for a model: NAME or NAME@VERSION of the repository, a path to an .onnx file, or `classical`. A model somebody
 * named must be there and whole; the shipped default falls back to the classical detector, whose detections then say why. A
 * network that is whole but runs nowhere, or gives no numbers, is answered for by the classical detector too. The caller
 * closes it.
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
  { repository = new ModelRepository(), stopwatch = NO_STOPWATCH, ...options }: DetectorOptions,
): Promise<Detector> {
  const { name, version, sha256, bytes, manifest } = await repository.load(reference);
  const network = await openInference(bytes, manifest, repository.modelFile(name, version), options);
  return new NetworkDetector(network, { model: `${name}@${version}`, model_sha256: sha256 }, stopwatch, manifest);
}

/** A model outside the repository is pinned by nobody: it is named by the start of its hash. */
async function fromFile(file: string, { stopwatch = NO_STOPWATCH, ...options }: DetectorOptions): Promise<Detector> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new InputError(file, 'cannot be read as a model; give an .onnx file or NAME@VERSION', { cause });
  });
  const network = await openInference(bytes, VISION_INTERFACE, file, options);
  const model_sha256 = hashOf(bytes);
  return new NetworkDetector(network, { model: `file@${model_sha256.slice(0, 12)}`, model_sha256 }, stopwatch);
}
