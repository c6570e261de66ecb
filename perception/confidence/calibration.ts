import { z } from 'zod';
import { type Detection, InputError } from '../../contracts/index.ts';
import type { DetectionEvidence } from '../evidence.ts';
import { conformalSet } from './conformal.ts';
import { FEATURES, featuresOf } from './features.ts';
import { logOdds, sigmoid } from './logistic.ts';
import { softmax } from './temperature.ts';

/** What a detection can be, in the order of probabilities and quantiles. */
export const POSSIBLE = ['box', 'cylinder', 'unknown'] as const;
export type Possible = (typeof POSSIBLE)[number];

const finite = z.number().finite();

/** How the evidence of one detector becomes probabilities; fitted on a split that neither training nor evaluation uses. */
export const detectionCalibration = z
  .strictObject({
    /** Name and version of the detector it was fitted for. */
    model: z.string().min(1),
    fitted_on: z.strictObject({ set: z.string(), seed: z.number().int(), detections: z.number().int().nonnegative() }),
    /** Names of the features, in the order of the weights. */
    features: z.array(z.string()).readonly(),
    /** "This is an object, and its mask is right": logistic over the features. */
    object: z.strictObject({
      means: z.array(finite).readonly(),
      scales: z.array(z.number().positive().finite()).readonly(),
      weights: z.array(finite).readonly(),
      bias: finite,
    }),
    /** Log odds of the classes are divided by it. */
    temperature: z.number().positive().finite(),
    /** Log odds of the outline beyond this count as this. */
    most_log_odds: z.number().positive().finite(),
    /** A class is possible if 1 − its probability is at most its quantile. */
    conformal: z.strictObject({
      level: z.number().gt(0).lt(1),
      quantiles: z.array(z.number().min(0).max(1)).min(1).max(POSSIBLE.length).readonly(),
    }),
  })
  .readonly();
export type DetectionCalibration = z.infer<typeof detectionCalibration>;

/** Turns evidence into calibrated probabilities. */
export class ConfidenceModel {
  readonly calibration: DetectionCalibration;

  /** @throws InputError if the calibration is of other features than this version computes */
  constructor(calibration: DetectionCalibration) {
    const { features, object, conformal, model } = calibration;
    const same = features.length === FEATURES.length && features.every((name, k) => name === FEATURES[k]);
    const whole = [object.means, object.scales, object.weights].every(({ length }) => length === features.length);
    if (!same || !whole) {
      throw new InputError(
        `calibration of ${model} over ${features.join(', ')}`,
        `must be over ${FEATURES.join(', ')}; make it again with surepick models calibrate`,
      );
    }
    if (conformal.quantiles.length !== 1 && conformal.quantiles.length !== POSSIBLE.length) {
      throw new InputError(`${conformal.quantiles.length} conformal quantiles of ${model}`, `1 or ${POSSIBLE.length}`);
    }
    this.calibration = calibration;
  }

  /** Probabilities of POSSIBLE; their sum is 1. */
  probabilities(detection: Detection, evidence: DetectionEvidence | null): Float64Array {
    const { object, temperature, most_log_odds } = this.calibration;
    const is_object = sigmoid(logOdds(object, featuresOf(detection, evidence)));
    const [box, cylinder] = softmax(classLogits(detection, evidence, most_log_odds), temperature);
    return Float64Array.of(is_object * box, is_object * cylinder, 1 - is_object);
  }

  /** What cannot be ruled out at the calibration's level, the likeliest first; may be empty. */
  possible(probabilities: Float64Array): Possible[] {
    return conformalSet(probabilities, this.calibration.conformal.quantiles).map((k) => POSSIBLE[k]);
  }
}

/** Logits of box and cylinder; the greater is of the class that was taken. */
export function classLogits(
  { class: kind, score }: Pick<Detection, 'class' | 'score'>,
  evidence: DetectionEvidence | null,
  most_log_odds: number,
): [number, number] {
  const odds = evidence === null ? Number.NaN : evidence.outline_log_odds + evidence.network_log_odds;
  const margin = Number.isFinite(odds) ? Math.min(most_log_odds, Math.abs(odds)) : most_log_odds * Math.min(1, score);
  return kind === 'cylinder' ? [-margin / 2, margin / 2] : [margin / 2, -margin / 2];
}
