import { createRng } from '../../contracts/index.ts';
import {
  areaUnderRisk,
  bootstrapInterval95,
  type CostReport,
  calibrationError,
  costReport,
  type DecisionCosts,
  type Inquiry,
  type Judged,
  type Measured,
  type ReliabilityBin,
  type RiskPoint,
  reliabilityBins,
  riskCoverage,
} from '../../perception/index.ts';

/** What deciding by a detector's scores comes to, on detections whose truth is known. */
export interface DecisionReport {
  readonly costs: DecisionCosts;
  readonly cost: CostReport;
  /** Expected calibration error and the area under risk and coverage, with intervals over worlds drawn again. */
  readonly ece: Measured;
  readonly area_under_risk: Measured;
  readonly reliability: readonly ReliabilityBin[];
  /** The most that can be taken, the surest first, while at most `risk` of it is wrong. */
  readonly coverage_at_risk: readonly RiskPoint[];
  /** Thinned to CURVE points. */
  readonly curve: readonly RiskPoint[];
}

const CURVE = 200;
const ROUNDS = 200;
const RISKS = [0.05, 0.02, 0.01, 0.005, 0.001];

/**
 * Costs of decisions, calibration, and coverage against risk.
 * @param samples  detections with the probability they were given; `picture` names what is drawn together in the bootstrap
 * @param missed  objects that were asked for and not detected
 * @param inquiries  ways to learn more that whoever decides has
 */
export function decisionReport(
  samples: readonly Judged[],
  missed: number,
  costs: DecisionCosts,
  inquiries: readonly Inquiry[],
  rounds = ROUNDS,
): DecisionReport {
  const rng = createRng(1, 'decisions');
  const of = (statistic: (drawn: readonly Judged[]) => number): Measured => ({
    ...{ value: statistic(samples), unit: '1', count: samples.length },
    ...(samples.length === 0 ? {} : { interval95: bootstrapInterval95(samples, statistic, rng, rounds) }),
  });
  const points = riskCoverage(samples);
  return {
    costs,
    cost: costReport(samples, missed, costs, inquiries),
    ece: of(calibrationError),
    area_under_risk: of((drawn) => areaUnderRisk(riskCoverage(drawn))),
    reliability: reliabilityBins(samples),
    coverage_at_risk: RISKS.map((risk) => ({ risk, coverage: coverageAt(points, risk) })),
    curve: thinned(points),
  };
}

/** The greatest share that can be taken at a risk of at most `risk`; 0 where the surest is wrong. */
function coverageAt(points: readonly RiskPoint[], risk: number): number {
  return points.findLast((point) => point.risk <= risk)?.coverage ?? 0;
}

function thinned(points: readonly RiskPoint[]): RiskPoint[] {
  const every = Math.max(1, Math.floor(points.length / CURVE));
  return points.filter((_, i) => i % every === every - 1 || i === points.length - 1);
}
