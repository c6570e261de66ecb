import { setImmediate as otherWork } from 'node:timers/promises';
import { type CameraName, type Detection, InputError } from '../../contracts/index.ts';
import type { DetectionEvidence, Detector } from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { judgePicture } from './accuracy.ts';
import type { CameraKnowledge } from './known_camera.ts';
import { type CamerasOfSet, type SetPicture, WorldSet } from './world_set.ts';

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
  readonly worlds: number;
  readonly pictures: number;
  /** Objects that are asked for, and how many of them were found and called what they are. */
  readonly objects: number;
  readonly found: number;
  readonly samples: readonly DetectionSample[];
}

/**
 * Worlds that calibrations are fitted on: as the held-out set's, hardest randomisation and all, but with the objects that
 * training draws from.
 */
export class CalibrationSet extends WorldSet {
  constructor(robot: Robot, seed: number, cameras: CamerasOfSet = { known: 'either' }) {
    super(robot, seed, { ...cameras, name: 'calibration', object_set: 'train' });
  }
}

export interface SampleRun {
  /** Pictures of world k. */
  readonly worldOf: (k: number) => readonly SetPicture[];
  readonly worlds: number;
  /** By what is known of the cameras, which covariances rest on. */
  readonly detectors: Readonly<Record<CameraKnowledge, Detector>>;
  /** What was drawn before: worlds go on after those. */
  readonly before?: SetAnswer | undefined;
  readonly onProgress?: (now: SetAnswer) => void;
  /** Ends the run with what was seen so far. */
  readonly signal?: AbortSignal | undefined;
}

export const NOTHING_DRAWN: SetAnswer = { worlds: 0, pictures: 0, objects: 0, found: 0, samples: [] };

/** What detectors say of worlds whose truth is known. Equal worlds give equal samples, drawn at once or in parts. */
export async function drawSamples(run: SampleRun): Promise<SetAnswer> {
  const { worldOf, worlds, detectors, before = NOTHING_DRAWN, onProgress, signal } = run;
  if (!(worlds >= 1)) throw new InputError(`${worlds} worlds`, 'at least 1');
  const samples = [...before.samples];
  let now: SetAnswer = { ...before, samples };
  while (now.worlds < worlds && signal?.aborted !== true) {
    const k = now.worlds;
    let { pictures, objects, found } = now;
    for (const picture of worldOf(k)) {
      const detector = detectors[picture.known];
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
    now = { worlds: k + 1, pictures, objects, found, samples };
    onProgress?.(now);
    // A detector that never waits would hear of no signal.
    await otherWork();
  }
  return now;
}
