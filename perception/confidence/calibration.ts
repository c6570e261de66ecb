import { type Detection, InputError } from '../../contracts/index.ts';
import type { DetectionEvidence } from '../evidence.ts';
import type { Calibration } from '../models/index.ts';
import { conformalSet } from './conformal.ts';
import { DETECTION_FEATURES, featuresOf } from './features.ts';
import { type LogisticModel, logOdds, sigmoid } from './logistic.ts';
import { softmax } from './temperature.ts';

/** What a detection can be, in the order of probabilities. */
export const POSSIBLE = ['box', 'cylinder', 'unknown'] as const;
export type Possible = (typeof POSSIBLE)[number];

/** Log odds of the classes beyond this count as this. */
const MOST_LOG_ODDS = 60;
/** Power that log odds are raised to before the temperature: errors of neighbouring outline pixels go together. */
export const CLASS_POWERS = [1, 0.75, 0.5] as const;

/** Turns the evidence of one detector's detections into calibrated probabilities. */
export class ConfidenceModel {
  readonly calibration: Calibration;
  private readonly object: LogisticModel;
  private readonly power: number;

  /**
   * @param calibration  as the manifest has it
   * @param model  whose it is, for messages
   * @throws InputError if it has no odds of an object, or of other features than this version computes
   */
  constructor(calibration: Calibration, model: string) {
    const { object } = calibration;
    const remedy = `make it again: surepick models calibrate ${model}`;
    if (object === undefined) throw new InputError(`calibration of ${model} without 'object'`, remedy);
    const { features, ...odds } = object;
    const same =
      features.length === DETECTION_FEATURES.length && features.every((name, k) => name === DETECTION_FEATURES[k]);
    if (!same) throw new InputError(`calibration of ${model} over ${features.join(', ')}`, remedy);
    const whole = [odds.means, odds.scales, odds.weights].every(({ length }) => length === features.length);
    if (!whole || !odds.scales.every((scale) => scale > 0)) {
      throw new InputError(
        `calibration of ${model}`,
        `${features.length} means, weights and positive scales; ${remedy}`,
      );
    }
    this.calibration = calibration;
    this.object = odds;
    this.power = calibration.thresholds.class_power ?? 1;
  }

  /** Probabilities of POSSIBLE; their sum is 1. */
  probabilities(detection: Detection, evidence: DetectionEvidence | null): Float64Array {
    const is_object = sigmoid(logOdds(this.object, featuresOf(detection, evidence)));
    const [box, cylinder] = softmax(classLogits(detection, evidence, this.power), this.calibration.temperature);
    return Float64Array.of(is_object * box, is_object * cylinder, 1 - is_object);
  }

  /** What cannot be ruled out at the calibration's level, the likeliest first; empty where nothing is likely enough. */
  possible(probabilities: Float64Array): Possible[] {
    return conformalSet(probabilities, [this.calibration.conformal.quantile]).map((k) => POSSIBLE[k]);
  }
}

/** Logits of box and cylinder; the greater is of the class that was taken. */
export function classLogits(
  { class: kind, score }: Pick<Detection, 'class' | 'score'>,
  evidence: DetectionEvidence | null,
  power: number,
): [number, number] {
  const odds = evidence === null ? Number.NaN : evidence.outline_log_odds + evidence.network_log_odds;
  const known = Number.isFinite(odds) ? Math.min(MOST_LOG_ODDS, Math.abs(odds)) : MOST_LOG_ODDS * Math.min(1, score);
  const margin = known ** power;
  return kind === 'cylinder' ? [-margin / 2, margin / 2] : [margin / 2, -margin / 2];
}
