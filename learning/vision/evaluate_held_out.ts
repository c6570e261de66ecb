import { setImmediate as otherWork } from 'node:timers/promises';
import type { CameraName } from '../../contracts/index.ts';
import {
  DEFAULT_COSTS,
  DEFAULT_INQUIRIES,
  type DecisionCosts,
  type Detector,
  type Judged,
} from '../../perception/index.ts';
import { type JudgedPicture, judgePicture, type ObjectResult, type PictureAnswer, takenFrom } from './accuracy.ts';
import { type AccuracyRow, type Grouping, summarise, type WorldResult } from './accuracy_summary.ts';
import { type DecisionReport, decisionReport } from './decision_report.ts';
import type { HeldOutPicture, HeldOutTask } from './held_out.ts';
import { faultsOf, type WorstCase } from './worst_cases.ts';

/** A picture of the set with what was said of it. */
export interface JudgedWorld extends WorldResult {
  readonly task: HeldOutTask;
  readonly camera: CameraName;
}

export interface HeldOutReport {
  readonly pictures: number;
  readonly objects: number;
  /** Detections below were not taken: they find nothing and are not counted in precision. */
  readonly least_score: number;
  /** Whether scores are probabilities that were calibrated. */
  readonly calibrated: boolean;
  /** All; by class; by camera; by both; by task. */
  readonly rows: readonly AccuracyRow[];
  readonly decisions: DecisionReport;
  readonly worst: readonly WorstCase[];
}

export interface JudgeOptions {
  /** Detections below are not taken. Default: 0.5 where scores are probabilities, 0 where they are not. */
  readonly least_score?: number | undefined;
  /** Pictures kept as the worst. */
  readonly worst?: number;
  /** What decisions cost. */
  readonly costs?: DecisionCosts;
}

/** Collects what one detector said of pictures of the held-out set, and sums it up. */
export class HeldOutJudge {
  objects = 0;
  private calibrated = true;
  private readonly judged: JudgedWorld[] = [];
  private readonly options: JudgeOptions;

  constructor(options: JudgeOptions = {}) {
    this.options = options;
  }

  add(picture: JudgedPicture & Pick<HeldOutPicture, 'task' | 'world' | 'run'>, answer: PictureAnswer): void {
    const result = judgePicture(picture, answer);
    const { task, camera, world, run } = picture;
    this.judged.push({ ...result, world, run, task, camera });
    this.objects += result.objects.length;
    if (answer.detections.some(({ confidence }) => confidence === undefined)) this.calibrated = false;
  }

  report(): HeldOutReport {
    const { judged, objects, calibrated } = this;
    const { least_score = calibrated ? LIKELY : 0, worst = 0, costs = DEFAULT_COSTS } = this.options;
    const taken = judged.map((one): JudgedWorld => ({ ...one, ...takenFrom(least_score, one) }));
    const cases = taken.map((one): WorstCase => {
      const { task, world, camera } = one;
      return { task, world, camera, ...faultsOf(one) };
    });
    const bad = cases.filter(({ gravity }) => gravity > 0).sort((a, b) => b.gravity - a.gravity || a.world - b.world);
    const samples = judged.flatMap(({ world, detections }) =>
      detections.map(({ score, right }): Judged => ({ probability: score, right, picture: world })),
    );
    const missed = judged.flatMap((one) => one.objects).filter(({ found }) => !found).length;
    return {
      ...{ pictures: judged.length, objects, least_score, calibrated },
      rows: rowsOf(taken),
      decisions: decisionReport(samples, missed, costs, DEFAULT_INQUIRIES),
      worst: bad.slice(0, worst),
    };
  }
}

/** A probability from which on a detection is the likelier right than not. */
const LIKELY = 0.5;

export interface HeldOutRun extends JudgeOptions {
  /** Pictures of world k. */
  readonly worldOf: (k: number) => readonly HeldOutPicture[] | Promise<readonly HeldOutPicture[]>;
  readonly detector: Detector;
  /** Worlds are drawn until at least so many objects were asked for. */
  readonly least_objects: number;
  readonly onProgress?: (objects: number) => void;
  /** Ends the run with what was judged so far. */
  readonly signal?: AbortSignal;
}

/** Runs a detector over the held-out set. */
export async function evaluateHeldOut(run: HeldOutRun): Promise<HeldOutReport> {
  const { detector } = run;
  const judge = new HeldOutJudge(run);
  for (let k = 0; judge.objects < run.least_objects && run.signal?.aborted !== true; k++) {
    for (const picture of await run.worldOf(k)) {
      const { detections } = await detector.detect(picture.frame);
      judge.add(picture, { detections, masks: detector.masks });
    }
    run.onProgress?.(judge.objects);
    // A detector that never waits would hear of no signal.
    await otherWork();
  }
  return judge.report();
}

function rowsOf(judged: readonly JudgedWorld[]): AccuracyRow[] {
  const groups = (by: Grouping, keysOf: (one: JudgedWorld) => readonly string[], pick: GroupPick) =>
    [...new Set(judged.flatMap(keysOf))].sort().map((key) => {
      const of = judged.flatMap((one) => pick(one, key) ?? []);
      return summarise(key, of, by);
    });
  const whole =
    (read: (one: JudgedWorld) => string): GroupPick =>
    (one, key) =>
      read(one) === key ? one : null;
  const classes = (one: JudgedWorld) => [...new Set(one.objects.map((object) => object.class))];
  return [
    summarise('all', judged),
    ...groups('class', classes, (one, key) => onlyOf(one, key)),
    ...groups(
      'camera',
      (one) => [one.camera],
      whole((one) => one.camera),
    ),
    ...groups(
      'class and camera',
      (one) => classes(one).map((kind) => `${kind}, ${one.camera}`),
      (one, key) => {
        const [kind, camera] = key.split(', ');
        return one.camera === camera ? onlyOf(one, kind) : null;
      },
    ),
    ...groups(
      'task',
      (one) => [one.task],
      whole((one) => one.task),
    ),
  ];
}

type GroupPick = (one: JudgedWorld, key: string) => WorldResult | null;

/** What concerns objects of one class: those that are, and what was called so. */
function onlyOf(one: JudgedWorld, kind: string): WorldResult {
  const of = <T extends Pick<ObjectResult, 'class'>>(all: readonly T[]) => all.filter((x) => x.class === kind);
  return { world: one.world, run: one.run, objects: of(one.objects), detections: of(one.detections) };
}
