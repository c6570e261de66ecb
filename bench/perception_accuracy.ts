import {
  type AccuracyRow,
  HeldOutJudge,
  type HeldOutReport,
  HeldOutSet,
  type Share,
  type Spread,
  uncertaintyOf,
} from '../learning/index.ts';
import { CLASSICAL_MODEL, DEFAULT_MODEL, openDetector } from '../perception/index.ts';
import { loadRobot } from '../robots/index.ts';
import { type BenchmarkResult, type BenchmarkRow, row } from './benchmark.ts';

/** The fixed hard set: nothing is trained, fitted or chosen on it. */
const SEED = 900_004;
const OBJECTS = 600;
const AIM = {
  ...{ recall: 0.97, precision: 0.98 },
  ...{ position_median_mm: 3, position_p95_mm: 8, yaw_median_deg: 2, yaw_p95_deg: 6 },
  covered: [0.93, 0.97],
} as const;

export interface AccuracyOptions {
  /** Worlds are drawn until so many objects were asked for. */
  readonly objects?: number;
  readonly model?: string;
}

/**
 * Detections of hard held-out worlds, both cameras, calibrated, against what is true of them; the classical detector beside it
 * on the same pictures.
 */
export async function measureAccuracy(
  progress: (line: string) => void,
  { objects = OBJECTS, model = DEFAULT_MODEL }: AccuracyOptions = {},
): Promise<BenchmarkResult> {
  const known = 'calibrated';
  const cameras = uncertaintyOf(known);
  const set = new HeldOutSet(loadRobot('panda'), SEED, { known });
  const detectors = await Promise.all([
    openDetector(model, { fallback: false, cameras }),
    openDetector(CLASSICAL_MODEL, { cameras }),
  ]);
  const judges = detectors.map(() => new HeldOutJudge());
  progress(`${objects} objects of hard worlds`);
  for (let k = 0, told = 0; judges[0].objects < objects; k++) {
    for (const picture of set.world(k)) {
      for (const [i, detector] of detectors.entries()) {
        const { detections } = await detector.detect(picture.frame);
        judges[i].add(picture, { detections, masks: detector.masks });
      }
    }
    if (judges[0].objects < told + objects / 4) continue;
    told = judges[0].objects;
    progress(`${told} objects seen`);
  }
  await Promise.all(detectors.map((detector) => detector.close()));
  const [report, classical] = judges.map((judge) => judge.report());
  return { rows: rowsOf(report, classical), checks: checksOf(report) };
}

const QUANTITIES: readonly (readonly [string, (of: AccuracyRow) => Share | Spread, string])[] = [
  ['recall', ({ recall }) => recall, '%'],
  ['precision', ({ precision }) => precision, '%'],
  ['position, median', ({ position_median_mm }) => position_median_mm, 'mm'],
  ['position, p95', ({ position_p95_mm }) => position_p95_mm, 'mm'],
  ['yaw, median', ({ yaw_median_deg }) => yaw_median_deg, '°'],
  ['yaw, p95', ({ yaw_p95_deg }) => yaw_p95_deg, '°'],
  ['position covered', ({ position_covered }) => position_covered, '%'],
  ['yaw covered', ({ yaw_covered }) => yaw_covered, '%'],
];

/** Every quantity of all objects, of each class and of each camera, with its 95 % interval. */
function rowsOf(report: HeldOutReport, classical: HeldOutReport): BenchmarkRow[] {
  return report.rows
    .filter(({ by }) => by === 'all' || by === 'class' || by === 'camera' || by === 'class and camera')
    .flatMap((of) => {
      const beside = classical.rows.find(({ by, group }) => by === of.by && group === of.group);
      return QUANTITIES.flatMap(([name, read, unit]) => {
        const { value, low, high } = numbersOf(read(of));
        if (Number.isNaN(value)) return [];
        const reference = beside === undefined ? Number.NaN : numbersOf(read(beside)).value;
        const told = `${of.group}: ${name} [${low.toPrecision(3)}, ${high.toPrecision(3)}]`;
        return row(told, value, unit, Number.isNaN(reference) ? undefined : { name: 'classical', value: reference });
      });
    });
}

function numbersOf(of: Share | Spread): { value: number; low: number; high: number } {
  if ('wilson95' in of) {
    const [low, high] = of.wilson95;
    return { value: 100 * of.share, low: 100 * low, high: 100 * high };
  }
  return { value: of.value, low: of.bootstrap95[0], high: of.bootstrap95[1] };
}

function checksOf({ rows: [all] }: HeldOutReport): BenchmarkResult['checks'] {
  const percent = ({ share, of }: Share) => `${(100 * share).toFixed(1)} % of ${of}`;
  const least = (name: 'recall' | 'precision') => ({
    name: `${name} at least ${100 * AIM[name]} %`,
    pass: all[name].share >= AIM[name],
    detail: percent(all[name]),
  });
  const most = (name: 'position_median_mm' | 'position_p95_mm' | 'yaw_median_deg' | 'yaw_p95_deg') => {
    const [what, which, unit] = name.split('_');
    return {
      name: `${what} ${which} at most ${AIM[name]} ${unit}`,
      pass: all[name].value <= AIM[name],
      detail: `${all[name].value.toFixed(2)} ${unit}`,
    };
  };
  const covered = (name: 'position_covered' | 'yaw_covered') => ({
    name: `${name.split('_')[0]}: the 95 % region holds 93 to 97 %`,
    pass: all[name].share >= AIM.covered[0] && all[name].share <= AIM.covered[1],
    detail: percent(all[name]),
  });
  return [
    ...[least('recall'), least('precision'), most('position_median_mm'), most('position_p95_mm')],
    ...[most('yaw_median_deg'), most('yaw_p95_deg'), covered('position_covered'), covered('yaw_covered')],
  ];
}
