import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import {
  FrameViewer,
  type GoldenPicture,
  type Grid,
  type GroupPlanes,
  hashOf,
  INPUT_CHANNELS,
  INPUT_SIZE,
  makeGolden,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { type Batch, batchOf } from './crops.ts';
import { type Count, MaskEvaluation, type MaskRow } from './evaluate_masks.ts';
import { HeldOutSet } from './held_out.ts';
import { INPUT_NAME, inferenceModel, OUTPUT_NAMES } from './network.ts';
import { networkInterface } from './network_interface.ts';
import { NETWORK_ROLES, NETWORK_SHAPES, type NetworkRole, parameterCountOf } from './network_shape.ts';
import { PictureSource } from './picture_source.ts';
import { type ModelFacts, publishModel } from './publish.ts';
import { initialState, trainVision } from './trainer.ts';
import { commandOf, DEFAULT_RECIPES, type TrainingRecipe, wholeNumber, worldsAt } from './training_command.ts';
import { TrainingLog } from './training_log.ts';

const ROBOT = 'panda';
/** Of the worlds that say how good the model is; the accuracy report draws others. */
const EVALUATION_SEED = 900_002;
const CHECKPOINT_STEPS = 250;
/** Other processors round otherwise. */
const GOLDEN_TOLERANCE = 1e-3;
const GOLDEN_PICTURES = 2;
const LIMITS = [
  'Trained and measured on rendered pictures alone.',
  'Knows boxes and cylinders in front of a table; anything else that stands on it may be taken for one of them.',
  'Of the class of a thing the outline knows more: alone it confuses boxes and cylinders in heaps.',
];
/** The hand's camera has no larger pictures, cells. */
const MOST_CROP = 64;

/**
 * Trains a vision network and pins it: `node dist/learning/vision/train.js --role fast`. Equal options give equal bytes on
 * one machine, whatever the threads, and whether or not it was interrupted and went on with --resume.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...{ role: { type: 'string', default: 'fast' }, seed: { type: 'string', default: '1' } },
      ...{ steps: { type: 'string' }, worlds: { type: 'string' }, batch: { type: 'string' } },
      ...{ crop: { type: 'string' }, rate: { type: 'string' }, threads: { type: 'string', default: '1' } },
      ...{ drawers: { type: 'string', default: '1' }, 'held-out': { type: 'string', default: '300' } },
      ...{ name: { type: 'string' }, version: { type: 'string', default: '2.0.0' } },
      ...{
        out: { type: 'string', default: join(PACKAGE_ROOT, 'models') },
        resume: { type: 'boolean', default: false },
      },
    },
  });
  const recipe = recipeOf(values);
  const threads = wholeNumber('--threads', values.threads, 1, 256);
  const drawers = wholeNumber('--drawers', values.drawers, 0, 256);
  const worlds = wholeNumber('--held-out', values['held-out'], 1);
  const name = values.name ?? (recipe.role === 'fast' ? 'vision' : 'vision-full');
  const checkpoint = join(values.out, `.${name}-${values.version}.checkpoint`);
  await mkdir(values.out, { recursive: true });
  const { role, seed } = recipe;
  const source = new PictureSource({ seed, worlds: recipe.worlds, robot: ROBOT, threads: drawers });
  try {
    const theta = await train(recipe, source, threads, checkpoint, values.resume);
    const shape = NETWORK_SHAPES[role];
    const model = inferenceModel(shape, theta);
    const infer = await inferrer(model);
    const rows = await evaluate(infer, worlds);
    const facts: ModelFacts = {
      ...{ name, version: values.version, role, licence: 'Apache-2.0' },
      ...networkInterface(),
      description: 'Classes of cells, and where the centres of the objects are that they belong to.',
      training: {
        ...{ command: commandOf(recipe), seed, steps: recipe.steps, batch: recipe.batch },
        ...{ parameters: parameterCountOf(shape), data_sha256: await source.hash() },
        runtime: `onnxruntime-node ${env.versions.node ?? env.versions.common}`,
      },
      metrics: [metricsOf(rows, 2 * worlds)],
      limits: LIMITS,
    };
    const text = await makeGolden(goldenPictures(), networkInterface(), infer);
    await publishModel(values.out, model, facts, { text, tolerance: GOLDEN_TOLERANCE });
    await rm(checkpoint, { force: true });
    process.stdout.write(`${JSON.stringify({ sha256: hashOf(model), bytes: model.length, masks: rows })}\n`);
  } finally {
    await source.close();
  }
}

type Values = Readonly<Record<'role' | 'seed', string>> &
  Readonly<Partial<Record<'steps' | 'worlds' | 'batch' | 'crop' | 'rate', string>>>;

function recipeOf(values: Values): TrainingRecipe {
  const role = NETWORK_ROLES.find((known): known is NetworkRole => known === values.role);
  if (role === undefined) throw new InputError(`--role ${values.role}`, `one of ${NETWORK_ROLES.join(', ')}`);
  const usual = DEFAULT_RECIPES[role];
  const whole = (flag: 'steps' | 'worlds' | 'batch', low: number): number => {
    const text = values[flag];
    return text === undefined ? usual[flag] : wholeNumber(`--${flag}`, text, low);
  };
  const side = values.crop === undefined ? usual.crop.width : wholeNumber('--crop', values.crop, 32, MOST_CROP);
  if (side % 8 !== 0) throw new InputError(`--crop ${side}`, 'a multiple of 8');
  const rate = values.rate === undefined ? usual.rate : Number(values.rate);
  if (!(rate > 0 && rate < 1)) throw new InputError(`--rate ${values.rate}`, 'a number between 0 and 1');
  return {
    ...{ role, seed: wholeNumber('--seed', values.seed, 0), steps: whole('steps', 1), worlds: whole('worlds', 1) },
    ...{ batch: whole('batch', 1), crop: { width: side, height: side }, rate },
  };
}

async function train(
  recipe: TrainingRecipe,
  source: PictureSource,
  threads: number,
  checkpoint: string,
  resume: boolean,
): Promise<Float32Array> {
  const { role, seed, steps, batch, crop, rate } = recipe;
  const shape = NETWORK_SHAPES[role];
  const options = { shape, seed, steps, batch, crop, rate, threads };
  const command = commandOf(recipe);
  const start = resume ? await loadCheckpoint(checkpoint, command) : initialState(options);
  const log = new TrainingLog(steps, process.stderr);
  const next = async (k: number): Promise<Batch> =>
    batchOf(seed, k, await source.first(worldsAt(k, recipe)), { size: crop, batch });
  return trainVision(options, start, next, async ({ losses, state }) => {
    log.add(state.step, losses);
    if (state.step % CHECKPOINT_STEPS === 0) await saveCheckpoint(checkpoint, command, state);
  });
}

type Inferrer = (inputs: Readonly<Record<string, Float32Array>>, grid: Grid) => Promise<Record<string, Float32Array>>;

async function inferrer(model: Uint8Array): Promise<Inferrer> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return async (inputs, { width, height }) => {
    const image = new Tensor('float32', inputs[INPUT_NAME], [1, INPUT_CHANNELS, height, width]);
    const results = await session.run({ [INPUT_NAME]: image });
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => {
        if (!(data instanceof Float32Array)) throw new Error(`the network gave no float32 as ${name}`);
        return [name, data];
      }),
    );
  };
}

async function evaluate(infer: Inferrer, worlds: number): Promise<MaskRow[]> {
  const held = new HeldOutSet(loadRobot(ROBOT), EVALUATION_SEED);
  const evaluation = new MaskEvaluation(async (input, grid): Promise<GroupPlanes> => {
    const outputs = await infer({ [INPUT_NAME]: input }, grid);
    const [semantic, offset, centre] = [OUTPUT_NAMES.semantic, OUTPUT_NAMES.offset, OUTPUT_NAMES.centre].map(
      (name) => outputs[name],
    );
    return { ...grid, semantic, offset, centre };
  });
  for (let k = 0; k < worlds; k++) for (const picture of held.world(k)) await evaluation.add(picture);
  return evaluation.rows();
}

function metricsOf(rows: readonly MaskRow[], pictures: number): ModelFacts['metrics'][number] {
  const shares = rows.flatMap(({ group, recall, precision, class_accuracy }): [string, Count][] => [
    [`recall ${group}`, recall],
    [`precision ${group}`, precision],
    [`class accuracy ${group}`, class_accuracy],
  ]);
  const measured = shares
    .filter(([, { of }]) => of > 0)
    .map(([name, { share, of, wilson95 }]) => [name, { value: share, unit: '1', count: of, interval95: wilson95 }]);
  return {
    ...{ set: 'held-out worlds: hard, objects of the test set', seed: EVALUATION_SEED, pictures },
    values: Object.fromEntries(measured),
  };
}

/** Pictures of held-out worlds as the network takes them. */
function goldenPictures(): GoldenPicture[] {
  const viewer = new FrameViewer();
  const held = new HeldOutSet(loadRobot(ROBOT), EVALUATION_SEED);
  return held
    .world(0)
    .slice(0, GOLDEN_PICTURES)
    .map(({ frame }) => {
      const input = new Float32Array(INPUT_SIZE);
      const grid = viewer.writeInput(frame, input);
      return { grid, values: input.subarray(0, INPUT_CHANNELS * grid.width * grid.height) };
    });
}

/** Of `parseArgs`. */
function isArgumentCode(code: unknown): boolean {
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
}

await main().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  const refused =
    error instanceof InputError || (error instanceof Error && 'code' in error && isArgumentCode(error.code));
  process.exitCode = refused ? 2 : 1;
});
