import { createRng } from '../../contracts/index.ts';
import {
  areaUnderRisk,
  bootstrapInterval95,
  brierScore,
  type Calibration,
  ConfidenceModel,
  type CostReport,
  calibrationError,
  costReport,
  coverageInterval95,
  decisionCosts,
  type Judged,
  type Measured,
  POSSIBLE,
  reliabilityBins,
  reliabilitySvg,
  riskCoverage,
  riskCoverageSvg,
} from '../../perception/index.ts';
import type { DetectionSample, SetAnswer } from './calibrate_samples.ts';

/** A detection of the held-out set with what the calibration says of it. */
interface HeldOut extends Judged {
  readonly covered: boolean;
  readonly set_size: number;
  readonly truth: DetectionSample['truth'];
}

export interface CalibrationReport {
  readonly measured: Readonly<Record<string, Measured>>;
  readonly reliability: NonNullable<Calibration['reliability']>;
  /** Covered share of each true class, with how many there are. */
  readonly coverage_by_class: Readonly<Record<string, { readonly share: number; readonly count: number }>>;
  readonly cost: CostReport;
  /** Expected calibration error at most ECE_LIMIT; coverage within its interval. */
  readonly holds: { readonly ece: boolean; readonly coverage: boolean };
  /** Self-contained SVG by name. */
  readonly diagrams: Readonly<Record<'reliability' | 'risk_coverage', string>>;
}

export const ECE_LIMIT = 0.03;

/**
 * Measures a calibration on worlds it was not fitted on. Intervals are by bootstrap over worlds; that of coverage is the
 * beta-binomial one about the nominal level.
 * @param rounds  of the bootstrap
 * @param quantile_samples  how many samples the conformal quantile rests on
 */
export function calibrationReport(
  calibration: Calibration,
  answer: SetAnswer,
  quantile_samples: number,
  seed: number,
  name: string,
  rounds = 400,
): CalibrationReport {
  const model = new ConfidenceModel(calibration, name);
  const held = answer.samples.map((sample) => judge(model, sample));
  const before = answer.samples.map(({ detection, truth, picture }) => {
    return { probability: detection.score, right: truth === detection.class, picture };
  });
  const rng = createRng(seed, 'calibration-report');
  const n = held.length;
  const of = (statistic: (samples: readonly HeldOut[]) => number): Measured => ({
    ...{ value: statistic(held), unit: '1', count: n },
    interval95: bootstrapInterval95(held, statistic, rng, rounds),
  });
  const share = (test: (one: HeldOut) => boolean) => (samples: readonly HeldOut[]) =>
    samples.filter(test).length / Math.max(1, samples.length);
  const ece = of(calibrationError);
  const coverage = share(({ covered }) => covered)(held);
  const { level } = calibration.conformal;
  const nominal = coverageInterval95(quantile_samples, level, n);
  const costs = decisionCosts.parse(calibration.costs);
  const curve = riskCoverage(held);
  const reliability = reliabilityBins(held);
  return {
    measured: {
      ece,
      ece_uncalibrated: { value: calibrationError(before), unit: '1', count: n },
      brier: of(brierScore),
      brier_uncalibrated: { value: brierScore(before), unit: '1', count: n },
      precision: of(share(({ right }) => right)),
      coverage: { value: coverage, unit: '1', count: n, interval95: nominal },
      single_sets: of(share(({ set_size }) => set_size === 1)),
      empty_sets: of(share(({ set_size }) => set_size === 0)),
      area_under_risk: of((samples) => areaUnderRisk(riskCoverage(samples))),
    },
    reliability,
    coverage_by_class: Object.fromEntries(
      POSSIBLE.map((truth) => {
        const of_class = held.filter((one) => one.truth === truth);
        return [truth, { share: share(({ covered }) => covered)(of_class), count: of_class.length }];
      }),
    ),
    cost: costReport(held, answer.objects - answer.found, costs, ['ask_full', 'look_again', 'escalate']),
    holds: { ece: ece.value <= ECE_LIMIT, coverage: coverage >= nominal[0] && coverage <= nominal[1] },
    diagrams: {
      reliability: reliabilitySvg(`${name}: calibration on ${n} detections`, reliability),
      risk_coverage: riskCoverageSvg(`${name}: risk and coverage on ${n} detections`, curve),
    },
  };
}

function judge(model: ConfidenceModel, { detection, evidence, truth, picture }: DetectionSample): HeldOut {
  const p = model.probabilities(detection, evidence);
  const possible = model.possible(p);
  return {
    ...{ picture, truth, right: truth === detection.class, probability: p[POSSIBLE.indexOf(detection.class)] },
    ...{ covered: possible.includes(truth), set_size: possible.length },
  };
}
