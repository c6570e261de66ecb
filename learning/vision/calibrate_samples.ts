import { setImmediate as otherWork } from 'node:timers/promises';
import { type CameraName, createRng, type Detection, InputError } from '../../contracts/index.ts';
import type { DetectionEvidence, Detector } from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { TASK_NAMES } from '../../sim/index.ts';
import { judgePicture } from './accuracy.ts';
import { WorldGenerator, type WorldPicture } from './worlds.ts';

/** What a detection turned out to be: its object's class, or `unknown` where its mask shows none. */
export type TrueClass = 'box' | 'cylinder' | 'unknown';

/** One detection with what it rested on and what is true. */
export interface DetectionSample {
  /** Number of its world: what is of one world stands or falls together. */
  readonly picture: number;
  readonly camera: CameraName;
  readonly detection: Detection;
  readonly evidence: DetectionEvidence | null;
  readonly truth: TrueClass;
}

/** What one detector made of a set of worlds. */
export interface SetAnswer {
  readonly pictures: number;
  /** Objects that are asked for, and how many of them were found and called what they are. */
  readonly objects: number;
  readonly found: number;
  readonly samples: readonly DetectionSample[];
}

/** Cameras are put up anew this often. */
const RUNS = 40;
const REACHING = 0.5;
const CAMERAS_USED = ['overview', 'wrist'] as const;

/**
 * Worlds that calibrations are fitted on: as the held-out set's, hardest randomisation and all, but with the objects that
 * training draws from, and seeds of its own. World k of a seed is the same alone and in a row.
 */
export class CalibrationSet {
  private readonly generator: WorldGenerator;
  private readonly seed: number;

  constructor(robot: Robot, seed: number) {
    this.generator = new WorldGenerator(robot);
    this.seed = seed;
  }

  world(k: number): WorldPicture[] {
    const task = TASK_NAMES[k % TASK_NAMES.length];
    const start_up = `calibration/${this.seed}/run/${Math.floor(k / TASK_NAMES.length) % RUNS}`;
    const options = { task, level: 'hard', object_set: 'train', reaching: REACHING, start_up } as const;
    const rng = createRng(this.seed).stream(`calibration/${k}`);
    return CAMERAS_USED.flatMap((camera) => {
      const posture = camera === 'wrist' ? ({ posture: 'look' } as const) : {};
      return this.generator.draw(rng, { ...options, ...posture, cameras: [camera] });
    });
  }
}

export interface SampleRun {
  /** Pictures of world k. */
  readonly worldOf: (k: number) => readonly WorldPicture[];
  readonly worlds: number;
  readonly detector: Detector;
  readonly onProgress?: (done: number) => void;
  /** Ends the run with what was seen so far. */
  readonly signal?: AbortSignal | undefined;
}

/** What a detector says of worlds whose truth is known. Equal worlds give equal samples. */
export async function drawSamples({ worldOf, worlds, detector, onProgress, signal }: SampleRun): Promise<SetAnswer> {
  if (!(worlds >= 1)) throw new InputError(`${worlds} worlds`, 'at least 1');
  const samples: DetectionSample[] = [];
  let [pictures, objects, found] = [0, 0, 0];
  for (let k = 0; k < worlds && signal?.aborted !== true; k++) {
    for (const picture of worldOf(k)) {
      const { detections } = await detector.detect(picture.frame);
      const { masks, evidence } = detector;
      const judged = judgePicture(picture, { detections, masks });
      pictures++;
      objects += judged.objects.length;
      found += judged.objects.filter((object) => object.found && object.class_right).length;
      judged.detections.forEach(({ shows, right }, j) => {
        const detection = detections[j];
        const other = detection.class === 'box' ? 'cylinder' : 'box';
        const truth = !shows ? 'unknown' : right ? detection.class : other;
        samples.push({ picture: k, camera: picture.camera, detection, evidence: evidence?.[j] ?? null, truth });
      });
    }
    onProgress?.(k + 1);
    // A detector that never waits would hear of no signal.
    await otherWork();
  }
  return { pictures, objects, found, samples };
}
