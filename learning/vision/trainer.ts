import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createRng, InputError } from '../../contracts/index.ts';
import { type Grid, INPUT_CHANNELS } from '../../perception/index.ts';
import { adamRate, cosineRate, initialParameters } from '../graph/index.ts';
import type { Batch } from './crops.ts';
import { INPUT_NAME, trainingModel } from './network.ts';
import { type NetworkShape, parameterCountOf, parametersOf } from './network_shape.ts';
import { TARGET_CHANNELS } from './vision_loss.ts';

export interface TrainingOptions {
  readonly shape: NetworkShape;
  readonly seed: number;
  readonly steps: number;
  /** Crops a batch, and their size. */
  readonly batch: number;
  readonly crop: Grid;
  /** Greatest learning rate. */
  readonly rate: number;
  /** Threads of the runtime; the result is the same for any number. */
  readonly threads: number;
}

export const WARMUP_STEPS = 50;
export const LOSS_PARTS = ['loss', 'loss_semantic', 'loss_offset', 'loss_centre'] as const;

/** Where a training stands after a step: all it needs to go on. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number;
  readonly theta: Float32Array;
  /** Adam's moments. */
  readonly m: Float32Array;
  readonly v: Float32Array;
}

export interface TrainingProgress {
  readonly losses: Readonly<Record<(typeof LOSS_PARTS)[number], number>>;
  /** Valid until the next step. */
  readonly state: TrainingState;
}

export function initialState({ shape, seed }: Pick<TrainingOptions, 'shape' | 'seed'>): TrainingState {
  const count = parameterCountOf(shape);
  const theta = initialParameters(parametersOf(shape), createRng(seed).stream('parameters'));
  return { step: 0, theta, m: new Float32Array(count), v: new Float32Array(count) };
}

/**
 * Trains a vision network from a state on, to the last step. The parameters depend on options, state and batches alone: a
 * training that was interrupted ends as it would have.
 * @param batchOf  batch of step 0, 1, …
 * @param onProgress  called after every step
 * @throws InputError if the state is of another network or beyond the last step
 * @throws Error naming step and rate if the loss is no longer finite
 */
export async function trainVision(
  options: TrainingOptions,
  start: TrainingState,
  batchOf: (step: number) => Promise<Batch>,
  onProgress: (progress: TrainingProgress) => void | Promise<void>,
): Promise<Float32Array> {
  const { shape, steps, batch, crop, rate, threads } = options;
  const count = parameterCountOf(shape);
  if (start.theta.length !== count) throw new InputError(`state of ${start.theta.length} parameters`, `${count} here`);
  if (start.step > steps) throw new InputError(`state of step ${start.step}`, `the training ends at ${steps}`);
  const session = await InferenceSession.create(trainingModel(shape, batch, crop), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const { width, height } = crop;
  let state = start;
  for (let step = start.step + 1; step <= steps; step++) {
    const { images, labels, targets } = await batchOf(step - 1);
    const now = adamRate(cosineRate(rate, step, steps, WARMUP_STEPS), step);
    const vector = (values: Float32Array): Tensor => new Tensor('float32', values, [values.length]);
    const result = await session.run({
      [INPUT_NAME]: new Tensor('float32', images, [batch, INPUT_CHANNELS, height, width]),
      label: new Tensor('int32', labels, [batch, 1, height, width]),
      target: new Tensor('float32', targets, [batch, TARGET_CHANNELS, height, width]),
      theta: vector(state.theta),
      m: vector(state.m),
      v: vector(state.v),
      rate: vector(Float32Array.of(now)),
    });
    const number = (name: string): number => Number(result[name].data[0]);
    const [loss, loss_semantic, loss_offset, loss_centre] = LOSS_PARTS.map(number);
    if (!Number.isFinite(loss))
      throw new Error(`training diverged at step ${step}: loss ${loss}; lower the rate of ${rate}`);
    state = {
      step,
      theta: valuesOf(result.theta_next),
      m: valuesOf(result.m_next),
      v: valuesOf(result.v_next),
    };
    await onProgress({ losses: { loss, loss_semantic, loss_offset, loss_centre }, state });
  }
  await session.release();
  return state.theta;
}

function valuesOf(tensor: Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new Error(`float32 expected, not ${tensor.type}`);
  return tensor.data;
}
