import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type CameraName, createRng, InputError, wilson95 } from '../../contracts/index.ts';
import {
  type CameraLimits,
  type Detector,
  FEATURE_TESTS,
  OBJECT_TESTS,
  openDetector,
  PICTURE_LIMITS_FILE,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { TASK_NAMES } from '../../sim/index.ts';
import { drawFaultyPictures, drawSound } from './faulty_pictures.ts';
import { fitLimits, pictureScore, type TestValues } from './picture_fit.ts';
import { PictureValues } from './picture_values.ts';
import { WorldGenerator, type WorldOptions } from './worlds.ts';

/** Share of sound pictures of the training worlds that tests of the whole picture, and those of objects, may flag. */
const FALSE_ALARMS: Readonly<Record<CameraName, number>> = { overview: 0.005, wrist: 0.03 };
const OBJECT_FALSE_ALARMS = 0.03;
const CAMERAS: readonly CameraName[] = ['overview', 'wrist'];
const EVALUATION_SEED = 900;
/** Of every so many worlds one is at the level train, and one has two pictures. */
const TRAIN_LEVEL_EVERY = 3;
const TWO_EVERY = 4;
const RUNS = 40;

interface Sound {
  readonly task: WorldOptions['task'];
  readonly values: TestValues;
}

interface Fitted {
  readonly limits: CameraLimits;
  readonly sound: number;
  readonly apart: number;
}

/**
 * Fits what sound pictures look like and pins it: `node dist/learning/vision/fit_picture_limits.js --worlds 200`. It sees no
 * picture with a fault, so that every kind of fault is one it was not fitted on. With `--evaluate N` it then draws N held-out
 * worlds a task (hard, other objects, other runs) and says what is flagged of every kind.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '501' },
      worlds: { type: 'string', default: '200' },
      evaluate: { type: 'string', default: '0' },
      out: { type: 'string', default: PICTURE_LIMITS_FILE },
    },
  });
  const [seed, worlds, evaluate] = [values.seed, values.worlds, values.evaluate].map(Number);
  if (!(worlds >= 50)) throw new InputError(`--worlds ${values.worlds}`, 'at least 50');
  const detector = await openDetector('classical');
  const generator = new WorldGenerator(loadRobot('panda'));
  const fitted = new Map<CameraName, Fitted>();
  for (const camera of CAMERAS) {
    const sound = await soundValues(generator, detector, camera, seed, worlds);
    const all = sound.map((one) => one.values);
    // Things that touch in a heap are found as one, which no class explains.
    const apart = sound.filter(({ task }) => task !== 'clutter').map((one) => one.values);
    const limits = {
      ...fitLimits(FEATURE_TESTS, all, FALSE_ALARMS[camera]),
      ...fitLimits(OBJECT_TESTS, apart, OBJECT_FALSE_ALARMS),
    };
    fitted.set(camera, { limits, sound: all.length, apart: apart.length });
  }
  const of = <T>(pick: (one: Fitted) => T) =>
    Object.fromEntries([...fitted].map(([camera, one]) => [camera, pick(one)]));
  const command = `node dist/learning/vision/fit_picture_limits.js --seed ${seed} --worlds ${worlds}`;
  const about = { command, seed, sound_pictures: of(({ sound }) => sound), object_pictures: of(({ apart }) => apart) };
  const file = {
    schema: 'surepick/picture-limits',
    version: 1,
    fitted: { ...about, false_alarms: FALSE_ALARMS.overview },
    cameras: of(({ limits }) => limits),
  };
  await writeFile(values.out, `${JSON.stringify(file, null, 2)}\n`);
  for (const [camera, { limits }] of fitted) await report(generator, detector, camera, limits, evaluate);
}

function worldOf(task: WorldOptions['task'], k: number, train: boolean): Omit<WorldOptions, 'cameras'> {
  return {
    ...{ task, level: train && k % TRAIN_LEVEL_EVERY === 0 ? 'train' : 'hard', object_set: train ? 'train' : 'test' },
    ...{ reaching: 0.5, start_up: `${train ? 'train' : 'run'}/${k % RUNS}` },
  };
}

async function soundValues(
  generator: WorldGenerator,
  detector: Detector,
  camera: CameraName,
  seed: number,
  worlds: number,
): Promise<Sound[]> {
  const values = new PictureValues(detector);
  const sound: Sound[] = [];
  for (let k = 0; k < worlds; k++) {
    for (const task of TASK_NAMES) {
      const rng = createRng(seed).stream(`${task}/${camera}/${k}`);
      const { before, frame, age_s } = drawSound(generator, rng, worldOf(task, k, true), camera, k % TWO_EVERY === 0);
      sound.push({ task, values: await values.of(before, frame, age_s) });
    }
  }
  return sound;
}

/** Per kind of fault: flagged of all, share and interval. */
async function report(
  generator: WorldGenerator,
  detector: Detector,
  camera: CameraName,
  limits: CameraLimits,
  worlds: number,
): Promise<void> {
  const values = new PictureValues(detector);
  const counts = new Map<string, { flagged: number; all: number }>();
  for (let k = 0; k < worlds; k++) {
    for (const task of TASK_NAMES) {
      const rng = createRng(EVALUATION_SEED).stream(`${task}/${camera}/${k}`);
      for (const { fault, before, frame, age_s } of drawFaultyPictures(
        generator,
        rng,
        worldOf(task, k, false),
        camera,
      )) {
        const score = pictureScore(limits, await values.of(before, frame, age_s));
        const count = counts.get(fault ?? 'sound') ?? { flagged: 0, all: 0 };
        counts.set(fault ?? 'sound', { flagged: count.flagged + (score > 1 ? 1 : 0), all: count.all + 1 });
      }
    }
  }
  for (const [kind, { flagged, all }] of counts) {
    const [low, high] = wilson95(flagged, all);
    const share = `${(flagged / all).toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
    process.stdout.write(`${camera} ${kind}: ${flagged} of ${all}, ${share}\n`);
  }
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
});
