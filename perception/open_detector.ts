import { readFile } from 'node:fs/promises';
import { InputError } from '../contracts/index.ts';
import { CLASSICAL_MODEL, ClassicalDetector } from './classical.ts';
import { type Detector, NO_STOPWATCH, type Stopwatch } from './detector.ts';
import { hashOf, type ModelInterface, ModelRepository, VISION_INTERFACE } from './models/index.ts';
import { NetworkDetector, type NetworkName } from './network_detector.ts';
import {
  type DetectionProvider,
  type ExecutionProvider,
  type InferenceOptions,
  openInference,
} from './runtime/index.ts';

/** Name of the shipped model, used unless another is asked for. */
export const DEFAULT_MODEL = 'vision';
const DEFAULT_PROVIDERS: readonly DetectionProvider[] = ['cpu', 'classical'];

export interface DetectorOptions extends Omit<InferenceOptions, 'providers'> {
  /**
   * What is to answer, in the order in which it is wanted; `classical` answers what no network does. Without `classical`,
   * such a frame fails. Default `cpu`, then `classical`.
   */
  readonly providers?: readonly DetectionProvider[];
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
  const { stopwatch = NO_STOPWATCH, fallback = model === DEFAULT_MODEL, providers = DEFAULT_PROVIDERS } = options;
  if (model === CLASSICAL_MODEL || providers.every((one) => one === CLASSICAL_MODEL)) {
    return new ClassicalDetector('', stopwatch);
  }
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

async function fromRepository(reference: string, options: DetectorOptions): Promise<Detector> {
  const { repository = new ModelRepository() } = options;
  const { name, version, sha256, bytes, manifest } = await repository.load(reference);
  const called = { model: `${name}@${version}`, model_sha256: sha256 };
  return detectorOf(bytes, manifest, repository.modelFile(name, version), called, options);
}

/** A model outside the repository is pinned by nobody: it is named by the start of its hash. */
async function fromFile(file: string, options: DetectorOptions): Promise<Detector> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new InputError(file, 'cannot be read as a model; give an .onnx file or NAME@VERSION', { cause });
  });
  const model_sha256 = hashOf(bytes);
  const called = { model: `file@${model_sha256.slice(0, 12)}`, model_sha256 };
  return detectorOf(bytes, VISION_INTERFACE, file, called, options);
}

async function detectorOf(
  bytes: Uint8Array,
  shape: ModelInterface,
  where: string,
  called: NetworkName,
  { providers = DEFAULT_PROVIDERS, stopwatch = NO_STOPWATCH, ...options }: DetectorOptions,
): Promise<Detector> {
  const networks = providers.filter((one): one is ExecutionProvider => one !== CLASSICAL_MODEL);
  const network = await openInference(bytes, shape, where, { ...options, providers: networks });
  return new NetworkDetector(network, called, stopwatch, shape, providers.includes(CLASSICAL_MODEL));
}
