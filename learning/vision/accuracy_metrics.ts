import type { Measured, MetricSet } from '../../perception/index.ts';
import type { AccuracyRow, Share, Spread } from './accuracy_summary.ts';
import type { HeldOutReport } from './evaluate_held_out.ts';
import type { CameraKnowledge } from './known_camera.ts';

const KNOWN: Readonly<Record<CameraKnowledge, string>> = { calibrated: 'calibrated', as_put_up: 'as put up' };

/** An evaluation as a manifest has it and a card shows it: all objects, every class, every camera. */
export function accuracyMetrics(
  { rows, pictures, decisions, calibrated }: HeldOutReport,
  seed: number,
  known: CameraKnowledge,
): MetricSet {
  const of = rows.filter(({ by }) => by === 'all' || by === 'class' || by === 'camera').flatMap(valuesOf);
  return {
    set: `held-out worlds, whole detections: hard, objects of the test set, cameras ${KNOWN[known]}`,
    ...{ seed, pictures },
    values: Object.fromEntries(calibrated ? [...of, ['calibration error', decisions.ece]] : of),
  };
}

/** The same sets but one, which is put in its place or at the end. */
export function withMetrics(sets: readonly MetricSet[], one: MetricSet): MetricSet[] {
  return [...sets.filter(({ set }) => set !== one.set), one];
}

function valuesOf(row: AccuracyRow): [string, Measured][] {
  const share = ({ share: value, of: count, wilson95: interval95 }: Share): Measured => {
    return { value, unit: '1', count, interval95 };
  };
  const spread = ({ value, bootstrap95: interval95 }: Spread, unit: string): Measured => ({ value, unit, interval95 });
  const values: readonly (readonly [string, Measured])[] = [
    ['recall', share(row.recall)],
    ['precision', share(row.precision)],
    ['class accuracy', share(row.class_accuracy)],
    ['position error median', spread(row.position_median_mm, 'mm')],
    ['position error p95', spread(row.position_p95_mm, 'mm')],
    ['yaw error median', spread(row.yaw_median_deg, '°')],
    ['yaw error p95', spread(row.yaw_p95_deg, '°')],
    ['position covered', share(row.position_covered)],
    ['yaw covered', share(row.yaw_covered)],
  ];
  // A class without yaw has none to be off.
  return values.filter(([, { value }]) => !Number.isNaN(value)).map(([name, value]) => [`${name} ${row.group}`, value]);
}
