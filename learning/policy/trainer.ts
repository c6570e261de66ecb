import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createRng, InputError, type Rng } from '../../contracts/index.ts';
import { adamRate, cosineRate, initialParameters } from '../graph/index.ts';
import { type MlpShape, mlpParameterCount, mlpParameters } from './mlp.ts';
import { cloningStep, POLICY_INPUT } from './network.ts';
import type { ChunkSamples } from './samples.ts';
import { type Draw, evenDraw, weightedDraw } from './weighted_draw.ts';

export interface CloningOptions {
  readonly shape: MlpShape;
  readonly seed: number;
  readonly steps: number;
  /** Samples a step. */
  readonly batch: number;
  /** Greatest learning rate. */
  readonly rate: number;
  /** Threads of the runtime; the result is the same for any number. */
  readonly threads: number;
}

const WARMUP_STEPS = 50;

/** Where a training stands after a step: all it needs to go on. */
export interface CloningState {
  /** Steps done. */
  readonly step: number;
  readonly theta: Float32Array;
  /** Adam's moments. */
  readonly m: Float32Array;
  readonly v: Float32Array;
}

export function initialCloningState({ shape, seed }: Pick<CloningOptions, 'shape' | 'seed'>): CloningState {
  const count = mlpParameterCount(shape);
  const theta = initialParameters(mlpParameters(shape), createRng(seed).stream('parameters'));
  return { step: 0, theta, m: new Float32Array(count), v: new Float32Array(count) };
}

/** After a step. Answers true to end the training there. */
export type CloningListener = (loss: number, state: CloningState) => boolean | Promise<boolean>;

/**
 * Behaviour cloning from a state on, to the last step or until `onStep` says that it is enough. The parameters depend on
 * options, state and samples alone: a training that was interrupted ends as it would have.
 *
 * @param samples  normalised
 * @param weights  of the samples, how often each is drawn; all alike by default
 * @throws InputError if state or samples do not fit the network, or the state is beyond the last step
 * @throws Error naming step and rate if the loss is no longer finite
 */
export async function cloneBehaviour(
  options: CloningOptions,
  start: CloningState,
  samples: ChunkSamples,
  onStep: CloningListener,
  weights?: Float32Array,
): Promise<CloningState> {
  const { shape, seed, steps, batch, rate, threads } = options;
  checkFit(options, start, samples);
  const outputs = shape.chunk * shape.action;
  const session = await InferenceSession.create(cloningStep(shape, batch), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const x = new Float32Array(batch * shape.inputs);
  const y = new Float32Array(batch * outputs);
  const order = createRng(seed).stream('batches');
  const draw = weights === undefined ? evenDraw(samples.count) : weightedDraw(weights);
  let state = start;
  try {
    while (state.step < steps) {
      const step = state.step + 1;
      gather(samples, draw, order.stream(`${step}`), x, y);
      const now = adamRate(cosineRate(rate, step, steps, WARMUP_STEPS), step);
      const result = await session.run({
        [POLICY_INPUT]: new Tensor('float32', x, [batch, shape.inputs]),
        target: new Tensor('float32', y, [batch, outputs]),
        theta: vector(state.theta),
        m: vector(state.m),
        v: vector(state.v),
        rate: vector(Float32Array.of(now)),
      });
      const loss = Number(result.loss.data[0]);
      if (!Number.isFinite(loss))
        throw new Error(`training diverged at step ${step}: loss ${loss}; lower the rate of ${rate}`);
      state = { step, theta: values(result.theta_next), m: values(result.m_next), v: values(result.v_next) };
      if (await onStep(loss, state)) break;
    }
  } finally {
    await session.release();
  }
  return state;
}

function checkFit({ shape, steps }: CloningOptions, start: CloningState, samples: ChunkSamples): void {
  const count = mlpParameterCount(shape);
  if (start.theta.length !== count) throw new InputError(`state of ${start.theta.length} parameters`, `${count} here`);
  if (start.step > steps) throw new InputError(`state of step ${start.step}`, `the training ends at ${steps}`);
  if (samples.count === 0) throw new InputError('samples to train on: none', 'at least one whole chunk');
  if (samples.inputs !== shape.inputs || samples.outputs !== shape.chunk * shape.action) {
    throw new InputError(
      `samples of ${samples.inputs} inputs and ${samples.outputs} outputs`,
      `the network has ${shape.inputs} and ${shape.chunk * shape.action}`,
    );
  }
}

/** Draws the samples of a step, with replacement. */
function gather(
  { inputs, outputs, x, y }: ChunkSamples,
  draw: Draw,
  rng: Rng,
  into_x: Float32Array,
  into_y: Float32Array,
): void {
  const batch = into_x.length / inputs;
  for (let i = 0; i < batch; i++) {
    const k = draw(rng);
    into_x.set(x.subarray(k * inputs, (k + 1) * inputs), i * inputs);
    into_y.set(y.subarray(k * outputs, (k + 1) * outputs), i * outputs);
  }
}

function vector(data: Float32Array): Tensor {
  return new Tensor('float32', data, [data.length]);
}

function values(tensor: Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new Error(`float32 expected, not ${tensor.type}`);
  return tensor.data;
}
