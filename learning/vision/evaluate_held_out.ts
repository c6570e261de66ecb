import type { CameraName } from '../../contracts/index.ts';
import type { Detector } from '../../perception/index.ts';
import { judgePicture } from './accuracy.ts';
import { type AccuracyRow, summarise, type WorldResult } from './accuracy_summary.ts';
import type { HeldOutPicture, HeldOutTask } from './held_out.ts';

/** A picture of the set with what was said of it. */
export interface JudgedWorld extends WorldResult {
  readonly task: HeldOutTask;
  readonly camera: CameraName;
}

/** A picture that went badly, for people to look at. */
export interface WorstCase {
  readonly task: HeldOutTask;
  readonly world: number;
  readonly camera: CameraName;
  /** What is wrong, the gravest first: `missed`, `nothing there`, `class`, or an error of the pose. */
  readonly faults: readonly string[];
  readonly gravity: number;
}

export interface HeldOutReport {
  readonly pictures: number;
  readonly objects: number;
  /** All; by class; by camera; by task. */
  readonly rows: readonly AccuracyRow[];
  readonly worst: readonly WorstCase[];
}

/** Errors that count as grave as a missed object: position (m) and yaw (rad). */
const GRAVE = { position_m: 0.02, yaw_rad: 0.35 } as const;

export interface HeldOutRun {
  /** Pictures of world k. */
  readonly worldOf: (k: number) => Promise<readonly HeldOutPicture[]>;
  readonly detector: Detector;
  /** Worlds are drawn until at least so many objects were asked for. */
  readonly least_objects: number;
  readonly least_score: number;
  /** Pictures kept as the worst. */
  readonly worst: number;
  readonly onProgress?: (objects: number) => void;
  /** Ends the run with what was judged so far. */
  readonly signal?: AbortSignal;
}

/** Runs a detector over the held-out set. */
export async function evaluateHeldOut(run: HeldOutRun): Promise<HeldOutReport> {
  const judged: JudgedWorld[] = [];
  const cases: WorstCase[] = [];
  let objects = 0;
  for (let k = 0; objects < run.least_objects && run.signal?.aborted !== true; k++) {
    for (const picture of await run.worldOf(k)) {
      const { detections } = await run.detector.detect(picture.frame);
      const result = judgePicture(picture, { detections, masks: run.detector.masks });
      const { task, camera } = picture;
      judged.push({ ...result, world: k, task, camera });
      cases.push({ task, world: k, camera, ...faultsOf(result, run.least_score) });
      objects += result.objects.length;
    }
    run.onProgress?.(objects);
  }
  const worst = cases.filter(({ gravity }) => gravity > 0).sort((a, b) => b.gravity - a.gravity || a.world - b.world);
  return { pictures: judged.length, objects, rows: rowsOf(judged, run.least_score), worst: worst.slice(0, run.worst) };
}

function rowsOf(judged: readonly JudgedWorld[], least_score: number): AccuracyRow[] {
  const row = (group: string, results: readonly WorldResult[]) => summarise(group, results, least_score);
  const by = <K extends string>(keys: readonly K[], pick: (one: JudgedWorld, key: K) => WorldResult | null) =>
    [...new Set(keys)].sort().map((key) =>
      row(
        key,
        judged.flatMap((one) => pick(one, key) ?? []),
      ),
    );
  return [
    row('all', judged),
    ...by(
      judged.flatMap((one) => one.objects.map((object) => object.class)),
      (one, key) => ({
        ...one,
        objects: one.objects.filter((object) => object.class === key),
        detections: one.detections.filter((detection) => detection.class === key),
      }),
    ),
    ...by(
      judged.map((one) => one.camera),
      (one, key) => (one.camera === key ? one : null),
    ),
    ...by(
      judged.map((one) => one.task),
      (one, key) => (one.task === key ? one : null),
    ),
  ];
}

/** What is wrong with one answer, and how grave it is in missed objects. */
function faultsOf({ objects, detections }: WorldResult | ReturnType<typeof judgePicture>, least_score: number) {
  const faults: { readonly text: string; readonly gravity: number }[] = [];
  for (const object of objects) {
    if (!object.found) faults.push({ text: `missed a ${object.class}`, gravity: 1 });
    else if (!object.class_right) faults.push({ text: `${object.class} called something else`, gravity: 1 });
    if (object.pose === null) continue;
    const { position_m, yaw_rad } = object.pose;
    const off = position_m / GRAVE.position_m;
    const turned = (yaw_rad ?? 0) / GRAVE.yaw_rad;
    if (off > 0.5) faults.push({ text: `${(1e3 * position_m).toFixed(1)} mm off`, gravity: off });
    if (turned > 0.5) faults.push({ text: `${((180 / Math.PI) * (yaw_rad ?? 0)).toFixed(1)}° off`, gravity: turned });
  }
  for (const { shows, score, class: kind } of detections) {
    if (!shows && score >= least_score) faults.push({ text: `a ${kind} where none is`, gravity: 1.5 * score });
  }
  faults.sort((a, b) => b.gravity - a.gravity);
  return { faults: faults.map(({ text }) => text), gravity: faults.reduce((sum, { gravity }) => sum + gravity, 0) };
}
