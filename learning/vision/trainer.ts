import { InferenceSession, Tensor, type TypedTensor } from 'onnxruntime-node';
import { createRng } from '../../contracts/index.ts';
import { INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH } from '../../perception/index.ts';
import { adamRate, cosineRate, initialParameters } from '../graph/index.ts';
import type { Batch } from './batches.ts';
import { INPUT_NAME, PARAMETER_COUNT, PARAMETERS, trainingModel } from './network.ts';

export interface TrainingOptions {
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  /** Greatest learning rate. */
  readonly rate: number;
  /** Threads of the runtime; the result is the same for any number. */
  readonly threads: number;
}

export const DEFAULT_TRAINING: Omit<TrainingOptions, 'steps'> = { seed: 1, batch: 16, rate: 3e-3, threads: 1 };
const WARMUP_STEPS = 50;

export interface TrainingProgress {
  readonly step: number;
  /** Mean loss since the last report. */
  readonly loss: number;
  readonly theta: Float32Array;
}

/**
 * Trains the vision network. The parameters after n steps depend on the options and the batches alone.
 * @param batchOf  batch of step 0, 1, …
 * @param onProgress  called after every step
 */
export async function trainVision(
  options: TrainingOptions,
  batchOf: (step: number) => Batch | Promise<Batch>,
  onProgress: (progress: TrainingProgress) => void,
): Promise<Float32Array> {
  const { seed, steps, batch, rate, threads } = options;
  const session = await InferenceSession.create(trainingModel(batch), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const image = [batch, INPUT_CHANNELS, INPUT_HEIGHT, INPUT_WIDTH];
  let theta = new Tensor('float32', initialParameters(PARAMETERS, createRng(seed).stream('parameters')), [
    PARAMETER_COUNT,
  ]);
  let m = new Tensor('float32', new Float32Array(PARAMETER_COUNT), [PARAMETER_COUNT]);
  let v = new Tensor('float32', new Float32Array(PARAMETER_COUNT), [PARAMETER_COUNT]);
  for (let step = 1; step <= steps; step++) {
    const { images, labels } = await batchOf(step - 1);
    const now = adamRate(cosineRate(rate, step, steps, WARMUP_STEPS), step);
    const result = await session.run({
      [INPUT_NAME]: new Tensor('float32', images, image),
      label: new Tensor('int32', labels, [batch, 1, INPUT_HEIGHT, INPUT_WIDTH]),
      theta,
      m,
      v,
      rate: new Tensor('float32', Float32Array.of(now), [1]),
    });
    const loss = Number(result.loss.data[0]);
    if (!Number.isFinite(loss))
      throw new Error(`training diverged at step ${step}: loss ${loss}; lower the rate of ${rate}`);
    theta = floatTensor(result.theta_next);
    m = floatTensor(result.m_next);
    v = floatTensor(result.v_next);
    onProgress({ step, loss, theta: valuesOf(theta) });
  }
  await session.release();
  return valuesOf(theta);
}

function floatTensor(tensor: Tensor): TypedTensor<'float32'> {
  return new Tensor('float32', valuesOf(tensor), tensor.dims);
}

function valuesOf(tensor: Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new Error(`float32 expected, not ${tensor.type}`);
  return tensor.data;
}
