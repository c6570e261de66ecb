import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createRng, InputError } from '../../contracts/index.ts';
import { adamRate, cosineRate, initialParameters, parameterCount } from '../graph/index.ts';
import type { CloningState } from './trainer.ts';
import {
  type EyeFrames,
  type EyeShape,
  eyeParameters,
  eyeStep,
  PAINTS,
  VIEW_CHANNELS,
  writePixel,
} from './vision_eye.ts';

export interface EyeTrainingOptions {
  readonly shape: EyeShape;
  readonly seed: number;
  readonly steps: number;
  /** Pixels a step. */
  readonly batch: number;
  /** Greatest learning rate. */
  readonly rate: number;
  /** Threads of the runtime; the result is the same for any number. */
  readonly threads: number;
}

const WARMUP_STEPS = 30;

/**
 * Trains an eye on pictures of which every pixel is known. Equal options and frames give equal parameters.
 *
 * @param onStep  after each; true ends the training there
 * @returns null if it was ended before its last step
 * @throws InputError if there are no frames, or of another size
 * @throws Error naming step and rate if the loss is no longer finite
 */
export async function trainEye(
  { shape, seed, steps, batch, rate, threads }: EyeTrainingOptions,
  frames: EyeFrames,
  onStep: (step: number, loss: number) => boolean,
): Promise<Float32Array | null> {
  const { width, height } = shape;
  if (frames.count === 0) throw new InputError('pictures to train on: none', 'at least one');
  if (frames.width !== width || frames.height !== height)
    throw new InputError(`pictures of ${frames.width} × ${frames.height}`, `${width} × ${height} here`);
  const specs = eyeParameters(shape);
  const count = parameterCount(specs);
  const rng = createRng(seed).stream('eye');
  let state: CloningState = {
    ...{ step: 0, theta: initialParameters(specs, rng.stream('parameters')) },
    ...{ m: new Float32Array(count), v: new Float32Array(count) },
  };
  const session = await InferenceSession.create(eyeStep(shape, batch), {
    ...{ intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 3 },
  });
  const views = new Float32Array(batch * VIEW_CHANNELS);
  const paint = new Float32Array(batch * PAINTS);
  const shown = objectPixels(frames);
  try {
    for (let step = 1; step <= steps; step++) {
      const draw = rng.stream(`batch/${step}`);
      paint.fill(0);
      for (let i = 0; i < batch; i++) {
        const k = i % 2 === 0 && shown.length > 0 ? shown[draw.int(shown.length)] : draw.int(frames.labels.length);
        writePixel(frames, k, views, i);
        paint[frames.labels[k] * batch + i] = 1;
      }
      const result = await session.run({
        views: new Tensor('float32', views, [1, VIEW_CHANNELS, 1, batch]),
        paint: new Tensor('float32', paint, [1, PAINTS, 1, batch]),
        ...{ theta: vector(state.theta), m: vector(state.m), v: vector(state.v) },
        rate: vector(Float32Array.of(adamRate(cosineRate(rate, step, steps, WARMUP_STEPS), step))),
      });
      const loss = Number(result.loss.data[0]);
      if (!Number.isFinite(loss))
        throw new Error(`training of the eye diverged at step ${step}: loss ${loss}; lower the rate of ${rate}`);
      state = { step, theta: values(result.theta_next), m: values(result.m_next), v: values(result.v_next) };
      if (onStep(step, loss) && step < steps) return null;
    }
  } finally {
    await session.release();
  }
  return state.theta;
}

/** Numbers of the pixels that show an object: few, so that half of every step is of them. */
function objectPixels({ labels }: EyeFrames): Uint32Array {
  const shown = new Uint32Array(labels.reduce((sum, label) => sum + (label > 0 ? 1 : 0), 0));
  let at = 0;
  labels.forEach((label, k) => {
    if (label > 0) shown[at++] = k;
  });
  return shown;
}

function vector(data: Float32Array): Tensor {
  return new Tensor('float32', data, [data.length]);
}

function values({ data, type }: Tensor): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error(`float32 expected, not ${type}`);
  return data;
}
