import { createRng, quantile, type Rng, wilson95 } from '../../contracts/index.ts';
import { type ClusterCount, clusteredWilson95 } from '../statistics/index.ts';
import { CHI2_95, type PictureResult, type PoseResult } from './accuracy.ts';

/** A share with its Wilson interval at 95 %. */
export interface Share {
  readonly of: number;
  readonly share: number;
  readonly wilson95: readonly [number, number];
}

/** A quantile with its interval at 95 %, by drawing whole worlds again. */
export interface Spread {
  readonly value: number;
  readonly bootstrap95: readonly [number, number];
}

/** What pictures and their objects are grouped by. */
export type Grouping = 'all' | 'class' | 'camera' | 'class and camera' | 'task';

/** What is true of one group of pictures: a class, a camera, a task, or all. */
export interface AccuracyRow {
  readonly by: Grouping;
  readonly group: string;
  /** Of the objects asked for. */
  readonly recall: Share;
  /** Of the detections: that show an object, and that name its class too. */
  readonly precision: Share;
  readonly class_precision: Share;
  /** Of the objects found: those whose class is right. */
  readonly class_accuracy: Share;
  readonly position_median_mm: Spread;
  readonly position_p95_mm: Spread;
  readonly yaw_median_deg: Spread;
  readonly yaw_p95_deg: Spread;
  /** Share of the errors within the 95 % ellipsoid of the stated covariance; their interval takes runs, which share cameras, whole. */
  readonly position_covered: Share;
  readonly yaw_covered: Share;
}

/** A picture's results with the world they belong to; pictures of one world go together in the bootstrap. */
export interface WorldResult extends PictureResult {
  readonly world: number;
  /** Whose cameras took it: their errors are the same in all of its worlds. */
  readonly run: string;
}

const BOOTSTRAPS = 200;
const DEG = 180 / Math.PI;

export function summarise(group: string, results: readonly WorldResult[], by: Grouping = 'all'): AccuracyRow {
  const objects = results.flatMap((result) => result.objects);
  const detections = results.flatMap((result) => result.detections);
  const found = objects.filter((object) => object.found);
  const rng = createRng(1, `bootstrap/${group}`);
  const position = (one: WorldResult) =>
    one.objects.flatMap(({ pose }) => (pose === null ? [] : [1e3 * pose.position_m]));
  const yaw = (one: WorldResult) =>
    one.objects.flatMap(({ pose }) => (pose?.yaw_rad == null ? [] : [DEG * pose.yaw_rad]));
  return {
    ...{ by, group },
    recall: shareOf(objects, ({ found: seen }) => seen),
    precision: shareOf(detections, ({ shows }) => shows),
    class_precision: shareOf(detections, ({ right }) => right),
    class_accuracy: shareOf(found, ({ class_right }) => class_right),
    position_median_mm: spreadOf(results, position, 0.5, rng),
    position_p95_mm: spreadOf(results, position, 0.95, rng),
    yaw_median_deg: spreadOf(results, yaw, 0.5, rng),
    yaw_p95_deg: spreadOf(results, yaw, 0.95, rng),
    position_covered: coveredOf(results, ({ position_chi2 }) => position_chi2 <= CHI2_95.position),
    yaw_covered: coveredOf(results, ({ yaw_chi2 }) => (yaw_chi2 === null ? null : yaw_chi2 <= CHI2_95.yaw)),
  };
}

export function shareOf<T>(of: readonly T[], holds: (one: T) => boolean): Share {
  const count = of.filter(holds).length;
  return {
    of: of.length,
    share: of.length === 0 ? Number.NaN : count / of.length,
    wilson95: wilson95(count, of.length),
  };
}

/** Of the poses of which it is known whether they are covered. */
function coveredOf(results: readonly WorldResult[], isCovered: (pose: PoseResult) => boolean | null): Share {
  const runs = new Map<string, ClusterCount>();
  for (const { run, objects } of results) {
    let { of, holds } = runs.get(run) ?? { of: 0, holds: 0 };
    for (const { pose, found } of objects) {
      const covered = pose !== null && found ? isCovered(pose) : null;
      if (covered === null) continue;
      of++;
      if (covered) holds++;
    }
    if (of > 0) runs.set(run, { of, holds });
  }
  const clusters = [...runs.values()];
  const of = clusters.reduce((sum, one) => sum + one.of, 0);
  const holds = clusters.reduce((sum, one) => sum + one.holds, 0);
  return { of, share: of === 0 ? Number.NaN : holds / of, wilson95: clusteredWilson95(clusters) };
}

/** A quantile of all values, and the middle 95 % of it over worlds drawn with replacement (Efron, 1979). */
function spreadOf(
  results: readonly WorldResult[],
  valuesOf: (one: WorldResult) => readonly number[],
  fraction: number,
  rng: Rng,
): Spread {
  const worlds = new Map<number, number[]>();
  for (const one of results) {
    const values = valuesOf(one);
    const known = worlds.get(one.world);
    if (known === undefined) worlds.set(one.world, [...values]);
    else known.push(...values);
  }
  const groups = [...worlds.values()].filter(({ length }) => length > 0);
  const value = quantile(groups.flat(), fraction);
  if (groups.length === 0) return { value, bootstrap95: [Number.NaN, Number.NaN] };
  const most = groups.length * Math.max(...groups.map(({ length }) => length));
  const again = new Float64Array(most);
  const drawn = Array.from({ length: BOOTSTRAPS }, () => {
    let n = 0;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[rng.int(groups.length)];
      again.set(group, n);
      n += group.length;
    }
    return quantile(again.subarray(0, n), fraction);
  });
  return { value, bootstrap95: [quantile(drawn, 0.025), quantile(drawn, 0.975)] };
}
