import { type Detection, type Detections, InputError } from '../contracts/index.ts';
import {
  ConfidenceModel,
  DEFAULT_COSTS,
  DEFAULT_INQUIRIES,
  type DecisionCosts,
  decisionCosts,
  type Inquiry,
  POSSIBLE,
  type Possible,
  verdictOn,
} from './confidence/index.ts';
import type { DetectionPlacement, DetectionTiming, Detector, RgbdFrame } from './detector.ts';
import type { DetectionEvidence } from './evidence.ts';
import type { Calibration } from './models/index.ts';

/** Calibrations of what may answer: the detector itself, and the classical one where it stands in. */
export interface ConfidenceOptions {
  readonly own: Calibration;
  readonly classical: Calibration | null;
  /** Default: those of the calibration. */
  readonly costs?: DecisionCosts;
  /** Ways to learn more that whoever reads the detections has. Default: another look, and a person. */
  readonly inquiries?: readonly Inquiry[];
}

/**
 * A detector whose detections say how sure they are: scores are calibrated probabilities, and `confidence` says what else
 * it may be and what to do about it. Detections that no calibration is for are passed on as they are.
 */
export class ConfidentDetector implements Detector {
  timing: DetectionTiming;
  private readonly inner: Detector;
  private readonly models: Readonly<Record<Detector['source'], ConfidenceModel | null>>;
  readonly costs: DecisionCosts;
  private readonly inquiries: readonly Inquiry[];

  /**
   * @param inner  closed by this one
   * @throws InputError if a calibration does not fit this version, or its costs are none
   */
  constructor(inner: Detector, { own, classical, costs, inquiries = DEFAULT_INQUIRIES }: ConfidenceOptions) {
    this.inner = inner;
    this.timing = inner.timing;
    const mine = new ConfidenceModel(own, inner.model);
    const other = classical === null ? null : new ConfidenceModel(classical, 'classical');
    this.models = inner.source === 'onnx' ? { onnx: mine, classical: other } : { onnx: null, classical: mine };
    this.costs = costs ?? costsOf(own, inner.model);
    this.inquiries = inquiries;
  }

  get source(): Detector['source'] {
    return this.inner.source;
  }

  get model(): string {
    return this.inner.model;
  }

  get model_sha256(): string | null {
    return this.inner.model_sha256;
  }

  get degraded_reason(): string {
    return this.inner.degraded_reason;
  }

  get masks(): readonly Int32Array[] {
    return this.inner.masks;
  }

  get evidence(): readonly DetectionEvidence[] {
    return this.inner.evidence ?? [];
  }

  get placement(): DetectionPlacement | null {
    return this.inner.placement ?? null;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    return this.inner.diagnostics?.() ?? {};
  }

  async detect(frame: RgbdFrame): Promise<Detections> {
    const found = await this.inner.detect(frame);
    this.timing = this.inner.timing;
    const model = found.source === 'state' ? null : this.models[found.source];
    if (model === null) return found;
    const { evidence } = this.inner;
    const detections = found.detections.map((detection, k) => this.judge(model, detection, evidence?.[k] ?? null));
    return { ...found, detections };
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  private judge(model: ConfidenceModel, detection: Detection, evidence: DetectionEvidence | null): Detection {
    const p = model.probabilities(detection, evidence);
    const score = p[POSSIBLE.indexOf(detection.class)];
    const visible = detection.confidence?.visible ?? Math.min(1, Math.max(0, evidence?.filled ?? 1));
    const set = model.possible(p);
    const judged = { ...detection, score };
    // A set without any class says that the detection is like few that were calibrated on: it stays what it was taken for.
    const possible: readonly Possible[] = set.length > 0 ? set : [detection.class, 'unknown'];
    const told = verdictOn(judged, possible, this.costs, this.inquiries);
    const named = told.verdict === 'accept' && set.length === 0 ? [detection.class] : possible;
    return { ...judged, confidence: { visible, possible: named, ...told } };
  }
}

function costsOf({ costs }: Calibration, model: string): DecisionCosts {
  if (Object.keys(costs).length === 0) return DEFAULT_COSTS;
  const parsed = decisionCosts.safeParse(costs);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new InputError(
    `costs of ${model} at ${path.join('.') || 'their top'}: ${message}`,
    'seconds and shares, all given',
  );
}
