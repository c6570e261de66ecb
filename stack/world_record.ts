import { z } from 'zod';
import { createRng, InputError, type Rng, taskGoal } from '../contracts/index.ts';
import { calibrationFile } from '../perception/index.ts';
import type { Robot } from '../robots/index.ts';
import {
  addDistractors,
  createTask,
  disturb,
  drawRandomization,
  parseDisturbances,
  type Randomization,
  randomization,
  randomizeScene,
  sceneRecord,
  type Task,
  type TaskInstance,
  type WantedDisturbance,
} from '../sim/index.ts';
import { type EpisodeOptions, episodeOptions } from './options.ts';
import { DT_S } from './rates.ts';
import { drawAround, parseAround } from './transfer/around.ts';

/** Everything an episode starts from, as JSON: it can be played again from this alone. */
export const worldRecord = z.object({
  schema: z.literal('surepick/world'),
  version: z.literal(1),
  options: episodeOptions,
  /** With the seed of the options it names the streams of policy and cameras. */
  index: z.number().int().nonnegative(),
  /** The world as the task drew it; `randomization` is how it differs from that. */
  scene: sceneRecord,
  goal: taskGoal,
  randomization,
  /** What was measured of the cameras before; absent where the robot goes by what was planned. */
  calibration: calibrationFile.optional(),
});
export type WorldRecord = Readonly<z.infer<typeof worldRecord>>;

/** What fixes a world. */
export type WorldOptions = Pick<EpisodeOptions, 'task' | 'seed' | 'randomize' | 'objects' | 'disturb' | 'around'>;

/** A world to play in. */
export interface DrawnWorld {
  readonly task: Task;
  /** The randomised world with its judge. */
  readonly instance: TaskInstance;
  readonly randomization: Randomization;
  /** The episode's own stream. */
  readonly rng: Rng;
}

/** A world of an episode, and what it was made from. */
export interface EpisodeWorld extends DrawnWorld {
  readonly record: WorldRecord;
}

/** Draws the world of episode `index` with its record. */
export function drawWorld(options: EpisodeOptions, index: number, robot: Robot): EpisodeWorld {
  const { drawn, ...world } = draw(options, index, robot);
  const { scene, goal } = drawn;
  const record: WorldRecord = {
    ...{ schema: 'surepick/world', version: 1, options, index },
    ...{ scene: sceneRecord.parse(scene), goal, randomization: world.randomization },
  };
  return { ...world, record };
}

/** Draws the same world without a record. */
export function drawUnrecordedWorld(options: WorldOptions, index: number, robot: Robot): DrawnWorld {
  const { task, instance, randomization: drawn, rng } = draw(options, index, robot);
  return { task, instance, randomization: drawn, rng };
}

/** The world that a record describes. */
export function worldOf(record: WorldRecord): EpisodeWorld {
  const { options, index, scene, goal, randomization: drawn } = record;
  const task = createTask(options.task);
  const instance = task.restore(randomizeScene(drawn, scene, task.spec.touching), goal);
  return { record, task, instance, randomization: drawn, rng: episodeStream(options, index) };
}

/** `drawn` is the world as the task drew it, before anything in it was changed. */
function draw(options: WorldOptions, index: number, robot: Robot): DrawnWorld & { readonly drawn: TaskInstance } {
  const { seed, randomize, objects } = options;
  const task = createTask(options.task);
  const rng = episodeStream(options, index);
  const wanted = options.disturb === undefined ? [] : parseDisturbances(options.disturb);
  const drawn = withDistractors(task, task.reset(rng.stream('task'), objects), objects, wanted, rng);
  const streams = { start_up: createRng(seed).stream('start_up'), episode: rng.stream('randomization') };
  const varied = aroundKnown(options, drawRandomization(randomize, streams, robot, task, drawn, objects), robot);
  const { touching } = task.spec;
  const world = { scene: randomizeScene(varied, drawn.scene, touching), spec: task.spec, cycle_s: DT_S };
  const object = disturbedObject(drawn, rng);
  const change = disturb(varied, wanted, { ...world, object }, rng.stream('disturbance'));
  const scene = wanted.length === 0 ? world.scene : randomizeScene(change, drawn.scene, touching);
  return { task, drawn, instance: task.restore(scene, drawn.goal), randomization: change, rng };
}

/** The same for all episodes of a run, as everything about the arm. At `none` all but the arm is nominal. */
function aroundKnown({ around, seed }: WorldOptions, drawn: Randomization, robot: Robot): Randomization {
  if (around === undefined) return drawn;
  const rng = createRng(seed).stream('around');
  const start_up = drawAround(parseAround(around, robot), drawn.start_up, robot, rng);
  return { ...drawn, level: drawn.level === 'none' ? 'train' : drawn.level, start_up };
}

function withDistractors(
  task: Task,
  drawn: TaskInstance,
  objects: EpisodeOptions['objects'],
  wanted: readonly WantedDisturbance[],
  rng: Rng,
): TaskInstance {
  const count = wanted.find(({ name }) => name === 'distractors')?.strength ?? 0;
  if (count === 0) return drawn;
  const { scene, goal } = drawn;
  return task.restore(addDistractors(scene, goal, task.spec, objects, count, rng.stream('distractors')), goal);
}

/** The object that the goal names, or one of all. */
function disturbedObject({ scene: { objects }, goal }: TaskInstance, rng: Rng): number {
  if (goal.task !== 'pick-place') return rng.stream('disturbed').int(objects.length);
  return objects.findIndex((one) => one.class === goal.object.class && one.colour === goal.object.colour);
}

/** Reads a record from JSON; throws an InputError that names the field that is wrong. */
export function parseWorldRecord(content: unknown, place: string): WorldRecord {
  const parsed = worldRecord.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(`${place}: ${issue.path.join('.') || 'content'}`, issue.message);
  }
  const { goal, options, scene, randomization: drawn } = parsed.data;
  if (goal.task !== options.task) throw new InputError(`${place}: goal of ${goal.task}`, `one of ${options.task}`);
  if (drawn.reset.objects.length !== scene.objects.length) {
    throw new InputError(
      `${place}: randomization of ${drawn.reset.objects.length} objects`,
      `as many as the scene has, ${scene.objects.length}`,
    );
  }
  return parsed.data;
}

function episodeStream({ seed }: WorldOptions, index: number): Rng {
  return createRng(seed).stream(`episode/${index}`);
}
