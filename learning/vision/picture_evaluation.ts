import { type CameraName, createRng, wilson95 } from '../../contracts/index.ts';
import type { CameraLimits, Detector } from '../../perception/index.ts';
import { TASK_NAMES } from '../../sim/index.ts';
import { DRAWN_FAULTS, type DrawnFault, drawFaultyPictures } from './faulty_pictures.ts';
import { pictureScore } from './picture_fit.ts';
import { PictureValues } from './picture_values.ts';
import type { WorldGenerator, WorldOptions } from './worlds.ts';

/** Pictures of one kind, and how many of them were flagged by any test. */
export interface KindCount {
  readonly kind: DrawnFault | 'sound';
  readonly flagged: number;
  readonly all: number;
}

const RUNS = 40;

/** A world that no training and no fitting saw: hardest randomisation, objects of the test set, runs of their own. */
export function heldOutWorld(task: WorldOptions['task'], k: number): Omit<WorldOptions, 'cameras'> {
  return { task, level: 'hard', object_set: 'test', reaching: 0.5, start_up: `run/${k % RUNS}` };
}

/**
 * Draws held-out worlds of every task, pictures of them with every kind of fault and without, and counts what is flagged by
 * the tests of the whole picture and of the things in it together.
 * @param worlds  of each task
 */
export async function evaluatePictures(
  generator: WorldGenerator,
  detector: Detector,
  camera: CameraName,
  limits: CameraLimits,
  { seed, worlds }: { readonly seed: number; readonly worlds: number },
): Promise<KindCount[]> {
  const values = new PictureValues(detector);
  const flagged = new Map<KindCount['kind'], [number, number]>();
  for (const kind of ['sound', ...DRAWN_FAULTS] as const) flagged.set(kind, [0, 0]);
  for (let k = 0; k < worlds; k++) {
    for (const task of TASK_NAMES) {
      const rng = createRng(seed).stream(`${task}/${camera}/${k}`);
      for (const { fault, before, frame, age_s } of drawFaultyPictures(generator, rng, heldOutWorld(task, k), camera)) {
        const count = flagged.get(fault ?? 'sound');
        if (count === undefined) continue;
        count[1]++;
        // What the whole picture shows needs no look at the things in it.
        const shows = pictureScore(limits, await values.of(before, frame, age_s, false)) > 1;
        if (shows || pictureScore(limits, await values.of(before, frame, age_s)) > 1) count[0]++;
      }
    }
  }
  return [...flagged].map(([kind, [hits, all]]) => ({ kind, flagged: hits, all }));
}

/** One line of a table: kind, flagged of all, share with its Wilson interval. */
export function describeCount({ kind, flagged, all }: KindCount): string {
  const [low, high] = wilson95(flagged, all);
  const percent = (share: number) => (100 * share).toFixed(1);
  return `| ${kind} | ${flagged} of ${all} | ${percent(flagged / Math.max(1, all))} % (${percent(low)} to ${percent(high)}) |`;
}
