import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type CameraName, createRng, InputError } from '../../contracts/index.ts';
import {
  type CameraLimits,
  type Detector,
  FEATURE_TESTS,
  loadPictureLimits,
  OBJECT_TESTS,
  openDetector,
  PICTURE_LIMITS_FILE,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { TASK_NAMES } from '../../sim/index.ts';
import { drawSound } from './faulty_pictures.ts';
import { describeCount, evaluatePictures } from './picture_evaluation.ts';
import { fitLimits, type TestValues, widened } from './picture_fit.ts';
import { PictureValues } from './picture_values.ts';
import { WorldGenerator, type WorldOptions } from './worlds.ts';

/** Share of sound pictures of the training worlds that tests of the whole picture, and those of things in it, may flag. */
const FALSE_ALARMS = 0.03;
const OBJECT_FALSE_ALARMS = 0.02;
/** Pictures of other worlds and cameras lie a little farther out: limits are so much farther from the middle than fitted. */
const ROOM: Readonly<Record<CameraName, number>> = { overview: 1.1, wrist: 1 };
/** Unknown things lie far beyond known ones, and one that is doubted is not picked. */
const OBJECT_ROOM = 1.5;
const CAMERAS: readonly CameraName[] = ['overview', 'wrist'];
/** Of every so many worlds one is at the level train, and one has two pictures. */
const TRAIN_LEVEL_EVERY = 3;
const TWO_EVERY = 4;
const RUNS = 40;

interface Fitted {
  readonly limits: CameraLimits;
  readonly sound: number;
}

/**
 * Fits what sound pictures look like and pins it: `node dist/learning/vision/fit_picture_limits.js --worlds 200`. It sees no
 * picture with a fault, so that every kind of fault is one it was not fitted on. With `--evaluate N` it then draws N held-out
 * worlds a task (hard, other objects, other runs) and says what is flagged of every kind; with `--worlds 0` by the limits
 * that are there.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '501' },
      worlds: { type: 'string', default: '200' },
      evaluate: { type: 'string', default: '0' },
      'evaluation-seed': { type: 'string', default: '2063' },
      camera: { type: 'string' },
      out: { type: 'string', default: PICTURE_LIMITS_FILE },
    },
  });
  const [seed, worlds, evaluate] = [values.seed, values.worlds, values.evaluate].map(Number);
  if (!(worlds >= 50 || worlds === 0))
    throw new InputError(`--worlds ${values.worlds}`, 'at least 50, or 0 to fit nothing');
  const detector = await openDetector('classical');
  const generator = new WorldGenerator(loadRobot('panda'));
  if (worlds > 0) await writeFile(values.out, await fitted(generator, detector, seed, worlds));
  const evaluation = { seed: Number(values['evaluation-seed']), worlds: evaluate };
  for (const camera of evaluate > 0 ? CAMERAS : []) {
    if (values.camera !== undefined && values.camera !== camera) continue;
    const limits = await loadPictureLimits(camera, values.out);
    const counts = await evaluatePictures(generator, detector, camera, limits, evaluation);
    process.stdout.write(`${camera}\n${counts.map(describeCount).join('\n')}\n`);
  }
}

/** The file of limits, as text. */
async function fitted(generator: WorldGenerator, detector: Detector, seed: number, worlds: number): Promise<string> {
  const found = new Map<CameraName, Fitted>();
  for (const camera of CAMERAS) {
    const sound = await soundValues(generator, detector, camera, seed, worlds);
    const limits = {
      ...widened(fitLimits(FEATURE_TESTS, sound, FALSE_ALARMS), ROOM[camera]),
      ...widened(fitLimits(OBJECT_TESTS, sound, OBJECT_FALSE_ALARMS), OBJECT_ROOM),
    };
    found.set(camera, { limits, sound: sound.length });
  }
  const of = <T>(pick: (one: Fitted) => T) =>
    Object.fromEntries([...found].map(([camera, one]) => [camera, pick(one)]));
  const command = `node dist/learning/vision/fit_picture_limits.js --seed ${seed} --worlds ${worlds}`;
  const about = { command, seed, sound_pictures: of(({ sound }) => sound), object_pictures: of(({ sound }) => sound) };
  const file = {
    schema: 'surepick/picture-limits',
    version: 1,
    fitted: { ...about, false_alarms: FALSE_ALARMS },
    cameras: of(({ limits }) => limits),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function trainingWorld(task: WorldOptions['task'], k: number): Omit<WorldOptions, 'cameras'> {
  const level = k % TRAIN_LEVEL_EVERY === 0 ? 'train' : 'hard';
  return { task, level, object_set: 'train', reaching: 0.5, start_up: `train/${k % RUNS}` };
}

async function soundValues(
  generator: WorldGenerator,
  detector: Detector,
  camera: CameraName,
  seed: number,
  worlds: number,
): Promise<TestValues[]> {
  const values = new PictureValues(detector);
  const sound: TestValues[] = [];
  for (let k = 0; k < worlds; k++) {
    for (const task of TASK_NAMES) {
      const rng = createRng(seed).stream(`${task}/${camera}/${k}`);
      const { before, frame, age_s } = drawSound(generator, rng, trainingWorld(task, k), camera, k % TWO_EVERY === 0);
      sound.push(await values.of(before, frame, age_s));
    }
  }
  return sound;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
});
