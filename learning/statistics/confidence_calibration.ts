import { InputError, quantile, type Rng } from '../../contracts/index.ts';

/** What a policy said of itself in an episode, and how that ended. */
export interface StatedConfidence {
  readonly confidence: number;
  readonly success: boolean;
}

export interface ConfidenceBin {
  readonly from: number;
  readonly to: number;
  readonly episodes: number;
  readonly confidence: number;
  readonly success_rate: number;
}

export interface ConfidenceCalibration {
  readonly episodes: number;
  /** Expected calibration error: mean distance of confidence from success rate over the bins, weighted by episodes. */
  readonly error: number;
  /** At 95 %, by the bootstrap over episodes. */
  readonly interval: readonly [number, number];
  /** Mean square distance of confidence from outcome. */
  readonly brier: number;
  readonly bins: readonly ConfidenceBin[];
}

const BINS = 10;
const RESAMPLES = 500;

/** Expected calibration error (Naeini et al., AAAI 2015) with equal bins. Throws InputError for no episodes or no probability. */
export function confidenceCalibration(stated: readonly StatedConfidence[], rng: Rng): ConfidenceCalibration {
  if (stated.length === 0) throw new InputError('calibration of 0 episodes', 'at least 1');
  const bad = stated.findIndex(({ confidence }) => !(confidence >= 0 && confidence <= 1));
  if (bad >= 0) throw new InputError(`confidence ${stated[bad].confidence} of episode ${bad}`, '0..1');
  const resampled = Array.from({ length: RESAMPLES }, () =>
    calibrationError(binned(stated.map(() => stated[rng.int(stated.length)])), stated.length),
  );
  const bins = binned(stated);
  const squares = stated.reduce((sum, { confidence, success }) => sum + (confidence - Number(success)) ** 2, 0);
  return {
    episodes: stated.length,
    error: calibrationError(bins, stated.length),
    interval: [quantile(resampled, 0.025), quantile(resampled, 0.975)],
    brier: squares / stated.length,
    bins,
  };
}

function calibrationError(bins: readonly ConfidenceBin[], count: number): number {
  return bins.reduce((sum, { episodes, confidence, success_rate }) => {
    return sum + (episodes / count) * Math.abs(confidence - success_rate);
  }, 0);
}

/** Bins that have episodes. */
function binned(stated: readonly StatedConfidence[]): readonly ConfidenceBin[] {
  return Array.from({ length: BINS }, (_, k) => {
    const inside = stated.filter(({ confidence }) => Math.min(BINS - 1, Math.floor(confidence * BINS)) === k);
    const mean = (of: (one: StatedConfidence) => number) =>
      inside.reduce((sum, one) => sum + of(one), 0) / inside.length;
    return {
      ...{ from: k / BINS, to: (k + 1) / BINS, episodes: inside.length },
      confidence: mean(({ confidence }) => confidence),
      success_rate: mean(({ success }) => Number(success)),
    };
  }).filter(({ episodes }) => episodes > 0);
}
