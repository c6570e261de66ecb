import { InputError } from '../../contracts/index.ts';
import {
  acceptThreshold,
  type Calibration,
  CLASS_POWERS,
  ConfidenceModel,
  classLogits,
  conformalQuantile,
  crossEntropy,
  DEFAULT_COSTS,
  DETECTION_FEATURES,
  type DecisionCosts,
  featuresOf,
  fitLogistic,
  fitTemperature,
  POSSIBLE,
} from '../../perception/index.ts';
import type { DetectionSample } from './calibrate_samples.ts';

export interface FitOptions {
  /** Coverage that conformal sets are to have, within (0, 1). */
  readonly level: number;
  readonly costs: DecisionCosts;
}

export const DEFAULT_FIT: FitOptions = { level: 0.98, costs: DEFAULT_COSTS };

/**
 * One world in so many is kept for the conformal quantile: what odds were fitted to is not exchangeable with new worlds. Has
 * no factor in common with the number of tasks, which take turns.
 */
const KEPT_FOR_QUANTILE = 3;
const LEAST_SAMPLES = 100;
/** Precision of the prior on the weights of the odds. */
const RIDGE = 2;

/**
 * Fits the odds of an object (logistic), the temperature of the classes and the quantile of the conformal sets to what a
 * detector said of known worlds.
 * @param seed  of the worlds they were taken from
 * @throws InputError with fewer than 100 samples
 */
export function fitCalibration(
  samples: readonly DetectionSample[],
  seed: number,
  { level, costs }: FitOptions = DEFAULT_FIT,
): Calibration {
  if (samples.length < LEAST_SAMPLES) {
    throw new InputError(`${samples.length} detections to calibrate on`, `at least ${LEAST_SAMPLES}: take more worlds`);
  }
  const fitted = samples.filter(({ picture }) => picture % KEPT_FOR_QUANTILE !== 0);
  const kept = samples.filter(({ picture }) => picture % KEPT_FOR_QUANTILE === 0);
  const odds = fitLogistic(
    fitted.map(({ detection, evidence }) => featuresOf(detection, evidence)),
    fitted.map(({ truth }) => truth !== 'unknown'),
    RIDGE,
  );
  const shown = fitted.filter(({ truth }) => truth !== 'unknown');
  const { temperature, power } = fitClasses(shown);
  const first: Calibration = {
    fitted_on: {
      set: 'worlds of the hard level, objects that training draws from, both cameras',
      seed,
      objects: samples.length,
    },
    object: { features: [...DETECTION_FEATURES], ...odds },
    temperature,
    conformal: { level, quantile: 1 },
    costs: { ...costs },
    thresholds: {
      class_power: power,
      accept: acceptThreshold(costs, ['look_again', 'escalate']),
      accept_without_full: acceptThreshold(costs, ['ask_full', 'look_again', 'escalate']),
    },
  };
  const model = new ConfidenceModel(first, 'the one being fitted');
  const strange = kept.map(({ detection, evidence, truth }) => {
    const p = model.probabilities(detection, evidence);
    return 1 - p[POSSIBLE.indexOf(truth)];
  });
  return { ...first, conformal: { level, quantile: conformalQuantile(strange, level) } };
}

/** The power and the temperature under which the true classes are likeliest. */
function fitClasses(shown: readonly DetectionSample[]): { temperature: number; power: number } {
  const labels = shown.map(({ truth }) => (truth === 'box' ? 0 : 1));
  const fits = CLASS_POWERS.map((power) => {
    const logits = shown.map(({ detection, evidence }) => classLogits(detection, evidence, power));
    const temperature = fitTemperature(logits, labels);
    return { power, temperature, cost: crossEntropy(logits, labels, temperature) };
  });
  return fits.reduce((best, fit) => (fit.cost < best.cost ? fit : best));
}

/** How many of the samples a quantile rests on. */
export function keptForQuantile(samples: readonly DetectionSample[]): number {
  return samples.filter(({ picture }) => picture % KEPT_FOR_QUANTILE === 0).length;
}
