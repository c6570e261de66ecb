import { beforeAll, describe, expect, it } from 'vitest';
import { quantile } from '../../contracts/index.ts';
import { FrameViewer, openDetector, VISION_CLASSES } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { accuracyMetrics, withMetrics } from './accuracy_metrics.ts';
import { evaluateHeldOut, type HeldOutReport } from './evaluate_held_out.ts';
import { type HeldOutPicture, HeldOutSet } from './held_out.ts';
import { calibratedInfo, uncertaintyOf } from './known_camera.ts';

const SEED = 900_010;
const OBJECTS = sweep(30, 50);
const robot = loadRobot('panda');
const set = new HeldOutSet(robot, SEED, { known: 'calibrated' });
const worlds: HeldOutPicture[][] = [];
let report: HeldOutReport;

beforeAll(async () => {
  const detector = await openDetector('vision', { fallback: false, cameras: uncertaintyOf('calibrated') });
  const worldOf = (k: number) => {
    worlds[k] = set.world(k);
    return worlds[k];
  };
  report = await evaluateHeldOut({ detector, worldOf, least_objects: OBJECTS, worst: 5 });
  await detector.close();
});

describe(`a small hard set (seed ${SEED}), cameras calibrated,`, () => {
  it('has its objects found, and nothing else', () => {
    const [all] = report.rows;
    expect(all.recall.of).toBeGreaterThanOrEqual(OBJECTS);
    expect(all.recall.share, JSON.stringify(report.worst)).toBeGreaterThanOrEqual(0.95);
    expect(all.precision.share, JSON.stringify(report.worst)).toBeGreaterThanOrEqual(0.97);
    expect(all.class_accuracy.share).toBeGreaterThanOrEqual(0.95);
  });

  it('has them where they are, within what the covariances say', () => {
    const [all] = report.rows;
    expect(all.position_median_mm.value).toBeLessThan(1.5);
    expect(all.position_p95_mm.value).toBeLessThan(5);
    expect(all.yaw_median_deg.value).toBeLessThan(1);
    expect(all.yaw_p95_deg.value).toBeLessThan(6);
    expect(all.position_covered.share).toBeGreaterThan(0.88);
    expect(all.yaw_covered.share).toBeGreaterThan(0.85);
  });

  it('adds up: objects over classes, over cameras and over both', () => {
    const counted = (by: string) =>
      report.rows.filter((row) => row.by === by).reduce((sum, { recall }) => sum + recall.of, 0);
    for (const by of ['all', 'class', 'camera', 'class and camera', 'task'])
      expect(counted(by), by).toBe(report.objects);
    const { cost, reliability } = report.decisions;
    const detections = reliability.reduce((sum, { count }) => sum + count, 0);
    expect(Object.values(cost.actions).reduce((a, b) => a + b)).toBe(detections);
    expect(cost.oracle_s).toBeLessThanOrEqual(cost.always_accept_s);
  });

  it('is told in a manifest by finite numbers within their intervals, once', () => {
    const told = accuracyMetrics(report, SEED, 'calibrated');
    expect(Object.keys(told.values)).toEqual(expect.arrayContaining(['recall all', 'yaw error p95 box']));
    for (const [name, { value, interval95: [low, high] = [Number.NaN, Number.NaN] }] of Object.entries(told.values)) {
      expect(low <= value + 1e-12 && value <= high + 1e-12, `${name}: ${value} in ${low}..${high}`).toBe(true);
    }
    const other = { ...told, set: 'another' };
    expect(withMetrics([told, other], { ...told, pictures: 3 })).toEqual([other, { ...told, pictures: 3 }]);
  });

  it('has cameras that are known to within what calibrations leave, the same in every world of a run', () => {
    const plain = new HeldOutSet(robot, SEED, { cameras: ['overview'] });
    const [put_up] = plain.world(0);
    const [known] = worlds[0];
    expect(known.frame.colour).toEqual(put_up.frame.colour);
    expect(tableError(known)).toBeLessThan(0.0012);
    expect(tableError(known)).toBeLessThan(0.5 * tableError(put_up));
    expect(calibratedInfo(put_up.frame.info, put_up.perturbation, put_up.run)).toEqual(known.frame.info);
    expect(worlds[1][0].frame.info.K).toEqual(known.frame.info.K);
  });
});

/** Median distance of what depth says of table pixels from the table's plane, m. */
function tableError({ frame, labels }: HeldOutPicture): number {
  const { z } = new FrameViewer().view(frame);
  const table = VISION_CLASSES.indexOf('table');
  const heights = Array.from(z).filter((height, i) => labels[i] === table && !Number.isNaN(height));
  return quantile(heights.map(Math.abs), 0.5);
}
