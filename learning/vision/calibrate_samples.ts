import { type CameraName, createRng, type Detection, InputError } from '../../contracts/index.ts';
import type { DetectionEvidence, Detector } from '../../perception/index.ts';
import type { ObjectSet, RandomizationLevel } from '../../sim/index.ts';
import { judgePicture } from './accuracy.ts';
import type { WorldGenerator } from './worlds.ts';

/** Which worlds pictures are taken of. */
export interface WorldSplit {
  readonly seed: number;
  readonly level: RandomizationLevel;
  readonly object_set: ObjectSet;
  /** Worlds a task; each is taken by both cameras. */
  readonly worlds: number;
  /** Runs whose cameras stand as they were put up once. */
  readonly runs: number;
}

/** What a detection turned out to be: its object's class, or `unknown` where its mask shows none. */
export type TrueClass = 'box' | 'cylinder' | 'unknown';

/** One detection with what it rested on and what is true. */
export interface DetectionSample {
  readonly picture: number;
  readonly camera: CameraName;
  readonly detection: Detection;
  readonly evidence: DetectionEvidence | null;
  readonly truth: TrueClass;
}

/** What one detector made of a split. */
export interface SplitAnswer {
  readonly pictures: number;
  /** Objects that are asked for, and how many of them were found and called what they are. */
  readonly objects: number;
  readonly found: number;
  readonly samples: readonly DetectionSample[];
}

export const CALIBRATION_TASKS = ['pick-place', 'sort', 'clutter', 'inspect'] as const;
const CAMERAS_USED: readonly CameraName[] = ['overview', 'wrist'];

/** Data that calibrations are fitted on: objects that training draws from, seeds of its own. */
export const CALIBRATION_SPLIT: WorldSplit = { seed: 7001, level: 'hard', object_set: 'train', worlds: 300, runs: 40 };
/** Worlds that neither training nor calibration sees. */
export const HELD_OUT_SPLIT: WorldSplit = { seed: 9001, level: 'hard', object_set: 'test', worlds: 250, runs: 40 };

/**
 * Pictures of worlds through several detectors, all of them seeing the same pictures. Equal splits give equal samples.
 * @param progress  called after each world with how many are done
 */
export async function drawSamples(
  generator: WorldGenerator,
  detectors: readonly Detector[],
  split: WorldSplit,
  progress: (done: number, total: number) => void = () => {},
): Promise<SplitAnswer[]> {
  if (!(split.worlds >= 1)) throw new InputError(`${split.worlds} worlds a task`, 'at least 1');
  const answers = detectors.map(() => ({ pictures: 0, objects: 0, found: 0, samples: [] as DetectionSample[] }));
  const total = split.worlds * CALIBRATION_TASKS.length;
  for (let k = 0; k < total; k++) {
    const task = CALIBRATION_TASKS[k % CALIBRATION_TASKS.length];
    const rng = createRng(split.seed, `calibration/${k}`);
    const { level, object_set } = split;
    const start_up = `calibration/${split.seed}/${Math.floor(k / CALIBRATION_TASKS.length) % split.runs}`;
    const world = { task, level, object_set, cameras: CAMERAS_USED, reaching: 0.5, start_up };
    const pictures = generator.draw(rng, world);
    for (const [i, detector] of detectors.entries()) {
      for (const [c, picture] of pictures.entries()) {
        const { detections } = await detector.detect(picture.frame);
        const { masks, evidence } = detector;
        const { objects, detections: judged } = judgePicture(picture, { detections, masks });
        const answer = answers[i];
        answer.pictures++;
        answer.objects += objects.length;
        answer.found += objects.filter((object) => object.found && object.class_right).length;
        judged.forEach(({ shows, right }, j) => {
          const detection = detections[j];
          const other = detection.class === 'box' ? 'cylinder' : 'box';
          const truth = !shows ? 'unknown' : right ? detection.class : other;
          const { camera } = picture;
          // One world's pictures stand or fall together.
          answer.samples.push({ picture: k, camera, detection, evidence: evidence?.[j] ?? null, truth });
        });
        if (c === pictures.length - 1 && i === detectors.length - 1) progress(k + 1, total);
      }
    }
  }
  return answers;
}
