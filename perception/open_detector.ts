import { InputError } from '../contracts/index.ts';
import { CLASSICAL_MODEL, ClassicalDetector } from './classical.ts';
import { DEFAULT_INQUIRIES, type Inquiry, readClassicalCalibration } from './confidence/index.ts';
import { ConfidentDetector } from './confident_detector.ts';
import { type Detector, NO_STOPWATCH, type Stopwatch } from './detector.ts';
import { ALL_AS_PUT_UP, type CameraUncertainties } from './frame_viewer.ts';
import { type Calibration, type FoundModel, findModel, type ModelSources } from './models/index.ts';
import { NetworkDetector } from './network_detector.ts';
import {
  type DetectionProvider,
  type ExecutionProvider,
  type Inference,
  InferenceBatcher,
  type InferenceOptions,
  measureBatches,
  openInference,
  type ProviderChain,
  takesSeveral,
} from './runtime/index.ts';

/** Name of the shipped model, used unless another is asked for. */
export const DEFAULT_MODEL = 'vision';
const DEFAULT_PROVIDERS: readonly DetectionProvider[] = ['cpu', 'classical'];

export interface DetectorOptions extends Omit<InferenceOptions, 'providers'>, ModelSources {
  /**
   * What is to answer, in the order in which it is wanted; `classical` answers what no network does. Without `classical`,
   * such a frame fails. Default `cpu`, then `classical`.
   */
  readonly providers?: readonly DetectionProvider[];
  /** Answer with the classical detector when the model cannot be used. Default: only for the shipped model's bare name. */
  readonly fallback?: boolean;
  readonly stopwatch?: Stopwatch;
  /** How sure the cameras' calibrations are, which the covariances rest on. Default: as put up, not calibrated. */
  readonly cameras?: CameraUncertainties;
  /** Whether detections say how sure they are, where there is a calibration for it. Default true. */
  readonly confidence?: boolean;
  /** Ways to learn more that verdicts may name. Default: another look, and a person. */
  readonly inquiries?: readonly Inquiry[];
  /** Is told what people should know of the model, e.g. that nobody has signed it. */
  readonly onNote?: (note: string) => void;
}

/**
 * The detector for a model: NAME or NAME@VERSION of the shipped ones or the user's own, a path to an .onnx file, or
 * `classical`. A model somebody named must be there, whole and not untrusted; the shipped default falls back to the classical detector, whose detections then say why. A
 * network that is whole but runs nowhere, or gives no numbers, is answered for by the classical detector too. The caller
 * closes it.
 * @throws InputError if a named model is missing, corrupt, altered, untrusted or made for something else
 */
export async function openDetector(model: string = DEFAULT_MODEL, options: DetectorOptions = {}): Promise<Detector> {
  const { stopwatch = NO_STOPWATCH, fallback = model === DEFAULT_MODEL, providers = DEFAULT_PROVIDERS } = options;
  const { cameras = ALL_AS_PUT_UP, confidence = true } = options;
  const classical = async (reason: string): Promise<Detector> => {
    const detector = new ClassicalDetector(reason, stopwatch, cameras);
    return confidence ? calibrated(detector, await readClassicalCalibration(), options.inquiries) : detector;
  };
  if (model === CLASSICAL_MODEL || providers.every((one) => one === CLASSICAL_MODEL)) {
    return classical('');
  }
  try {
    return await networkDetector(model, options);
  } catch (error) {
    if (!fallback || !(error instanceof InputError)) throw error;
    return classical(error.message);
  }
}

/**
 * As openDetector, one for each of several cameras, all on one network: pictures that wait go through it together where that
 * is measured to be quicker, which needs a stopwatch and a network that takes several. Each is closed by itself.
 */
export async function openDetectors(
  model: string,
  cameras: number,
  options: DetectorOptions = {},
): Promise<readonly Detector[]> {
  const { stopwatch, providers = DEFAULT_PROVIDERS, fallback = model === DEFAULT_MODEL } = options;
  const alone = () => Promise.all(Array.from({ length: cameras }, () => openDetector(model, options)));
  if (model === CLASSICAL_MODEL || providers.every((one) => one === CLASSICAL_MODEL)) return alone();
  try {
    const found = await findModel(model, options);
    const pictures = stopwatch !== undefined && takesSeveral(found.shape) ? cameras : 1;
    const network = await openNetwork(found, { ...options, pictures });
    const measured = pictures > 1 && network.ready;
    const batch = measured
      ? (await measureBatches(network, found.shape, pictures, stopwatch ?? NO_STOPWATCH)).batch
      : 1;
    const batcher = new InferenceBatcher(network, found.shape, batch);
    return await Promise.all(Array.from({ length: cameras }, () => detectorOn(batcher.client(), found, options)));
  } catch (error) {
    if (!fallback || !(error instanceof InputError)) throw error;
    return alone();
  }
}

async function networkDetector(reference: string, options: DetectorOptions): Promise<Detector> {
  const found = await findModel(reference, options);
  return detectorOn(await openNetwork(found, options), found, options);
}

async function openNetwork(
  { bytes, shape, where, note }: FoundModel,
  { providers = DEFAULT_PROVIDERS, onNote = () => {}, ...options }: DetectorOptions,
): Promise<ProviderChain> {
  const networks = providers.filter((one): one is ExecutionProvider => one !== CLASSICAL_MODEL);
  const network = await openInference(bytes, shape, where, { ...options, providers: networks });
  // What cannot be used at all is one error, and no note before it.
  if (note !== '') onNote(note);
  return network;
}

function detectorOn(
  network: Inference,
  { model, sha256, shape, manifest }: FoundModel,
  { providers = DEFAULT_PROVIDERS, stopwatch = NO_STOPWATCH, cameras, confidence, inquiries }: DetectorOptions,
): Promise<Detector> {
  const called = { model, model_sha256: sha256 };
  const withClassical = providers.includes(CLASSICAL_MODEL);
  const detector = new NetworkDetector(network, called, stopwatch, shape, withClassical, cameras);
  if (confidence === false) return Promise.resolve(detector);
  return calibrated(detector, manifest?.calibration ?? null, inquiries);
}

/** Without a calibration, or with one that says nothing of objects, detections keep the scores they have. */
async function calibrated(
  detector: Detector,
  own: Calibration | null,
  inquiries: readonly Inquiry[] = DEFAULT_INQUIRIES,
): Promise<Detector> {
  if (own?.object === undefined) return detector;
  try {
    const classical = detector.source === 'classical' ? null : await readClassicalCalibration();
    return new ConfidentDetector(detector, { own, classical, inquiries });
  } catch (error) {
    await detector.close();
    throw error;
  }
}
