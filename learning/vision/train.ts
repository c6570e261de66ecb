import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError, PACKAGE_ROOT } from '../../contracts/index.ts';
import type { RobotModel } from '../../dynamics/index.ts';
import {
  FrameViewer,
  hashOf,
  INPUT_CHANNELS,
  INPUT_HEIGHT,
  INPUT_SIZE,
  INPUT_WIDTH,
  ModelRepository,
  makeGolden,
  openDetector,
  VISION_CLASSES,
  VISION_INTERFACE,
} from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { BatchSource, dataHash } from './batches.ts';
import { evaluateDetector, evaluateSegmentation, evaluationScene } from './evaluate.ts';
import { INPUT_NAME, inferenceModel, OUTPUT_NAME, PARAMETER_COUNT } from './network.ts';
import { type ModelFacts, publishModel } from './publish.ts';
import { SceneGenerator, type SceneVariation, type VisionScene } from './scenes.ts';
import { DEFAULT_TRAINING, trainVision } from './trainer.ts';

const HASHED_BATCHES = 4;
const EVALUATION_SEED = 900_001;
const REPORT_EVERY = 50;
/** Other processors round otherwise. */
const GOLDEN_TOLERANCE = 1e-3;
const GOLDEN_PICTURES = 2;

/**
 * Trains the shipped vision network and pins it: `node dist/learning/vision/train.js --seed 1 --steps 1000`. Equal seed and
 * steps give equal bytes on one machine.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(DEFAULT_TRAINING.seed) },
      steps: { type: 'string', default: '1000' },
      threads: { type: 'string', default: '1' },
      scenes: { type: 'string', default: '200' },
      version: { type: 'string', default: '1.0.0' },
      out: { type: 'string', default: join(PACKAGE_ROOT, 'models') },
    },
  });
  const seed = whole('--seed', values.seed, 0);
  const steps = whole('--steps', values.steps, 1);
  const threads = whole('--threads', values.threads, 1);
  const scenes = whole('--scenes', values.scenes, 1);
  const robot = loadRobot('panda').model;
  const source = new BatchSource(seed, DEFAULT_TRAINING.batch, robot);
  await mkdir(values.out, { recursive: true });
  const report = new LossLog(steps);
  const options = { ...DEFAULT_TRAINING, seed, steps, threads };
  const theta = await trainVision(
    options,
    (step) => source.batch(step),
    ({ step, loss }) => report.add(step, loss),
  );
  const model = inferenceModel(theta, { classes: VISION_CLASSES.join(' ') });
  const generator = new SceneGenerator();
  const held = function* (variation: SceneVariation): Generator<VisionScene> {
    for (let i = 0; i < scenes; i++) yield evaluationScene(generator, EVALUATION_SEED, i, variation, robot);
  };
  const segmentation = await evaluateSegmentation(await inferrer(model), held('wide'));
  const facts: ModelFacts = {
    name: 'vision',
    version: values.version,
    role: 'fast',
    description: 'Classes of every cell of the overview picture: background, table, robot, box, cylinder.',
    licence: 'Apache-2.0',
    ...VISION_INTERFACE,
    training: {
      command: `node dist/learning/vision/train.js --seed ${seed} --steps ${steps}`,
      seed,
      steps,
      batch: options.batch,
      parameters: PARAMETER_COUNT,
      data_sha256: dataHash(source, HASHED_BATCHES),
      runtime: `onnxruntime-node ${env.versions.node ?? env.versions.common}`,
    },
    metrics: [
      {
        ...{ set: 'drawn scenes, wide variation', seed: EVALUATION_SEED, pictures: scenes },
        values: {
          cell_accuracy: shareOf(segmentation.cell_accuracy),
          iou_object: shareOf(segmentation.iou_object),
          ...Object.fromEntries(Object.entries(segmentation.iou).map(([name, iou]) => [`iou_${name}`, shareOf(iou)])),
        },
      },
    ],
  };
  const infer = await inferrer(model);
  const pictures = goldenPictures(generator, robot);
  const text = await makeGolden(pictures, VISION_INTERFACE, async (inputs) => ({
    [OUTPUT_NAME]: await infer(inputs[INPUT_NAME]),
  }));
  const golden = { text, tolerance: GOLDEN_TOLERANCE };
  await publishModel(values.out, model, facts, golden);
  const detector = await openDetector('vision', { repository: new ModelRepository(values.out) });
  const { errors: _, ...detection } = await evaluateDetector(detector, held('task'));
  const { objects: count, position_mm } = detection;
  const found = {
    ...{ set: 'drawn scenes of the task', seed: EVALUATION_SEED, pictures: scenes },
    values: {
      recall: { ...shareOf(detection.recall), count },
      class_accuracy: { ...shareOf(detection.class_accuracy), count },
      position_error_median: { value: position_mm.median, unit: 'mm', count },
      position_error_p95: { value: position_mm.p95, unit: 'mm', count },
    },
  };
  await publishModel(values.out, model, { ...facts, metrics: [...facts.metrics, found] }, golden);
  process.stdout.write(
    `${JSON.stringify({ sha256: hashOf(model), bytes: model.length, ...segmentation, detection })}\n`,
  );
}

const shareOf = (value: number) => ({ value, unit: '1' });

/** Pictures of the evaluation as the network takes them. */
function goldenPictures(generator: SceneGenerator, robot: RobotModel): Float32Array[] {
  const viewer = new FrameViewer();
  return Array.from({ length: GOLDEN_PICTURES }, (_, i) => {
    const picture = new Float32Array(INPUT_SIZE);
    viewer.writeInput(evaluationScene(generator, EVALUATION_SEED, i, 'wide', robot).frame, picture);
    return picture;
  });
}

/** Prints the mean loss now and then. */
class LossLog {
  private readonly steps: number;
  private sum = 0;
  private count = 0;

  constructor(steps: number) {
    this.steps = steps;
  }

  add(step: number, loss: number): void {
    this.sum += loss;
    this.count++;
    if (step % REPORT_EVERY !== 0 && step !== this.steps) return;
    process.stderr.write(`step ${step} of ${this.steps}: loss ${(this.sum / this.count).toFixed(4)}\n`);
    this.sum = 0;
    this.count = 0;
  }
}

async function inferrer(model: Uint8Array): Promise<(input: Float32Array) => Promise<Float32Array>> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  return async (input) => {
    const image = new Tensor('float32', input, [1, INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH]);
    const { data } = (await session.run({ [INPUT_NAME]: image }))[OUTPUT_NAME];
    if (!(data instanceof Float32Array)) throw new Error('the network gave no float32');
    return data;
  };
}

function whole(flag: string, text: string, low: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= low) return value;
  throw new InputError(`${flag} ${text}`, `a whole number of at least ${low}`);
}

await main().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
});
