import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import {
  type ExecutionProvider,
  emptyTensors,
  type Inference,
  InferenceError,
  type NetworkSpec,
  reasonOf,
  shapeOf,
  type TensorSpec,
  type Tensors,
} from './inference.ts';

/** What execution providers say when memory does not suffice: std::bad_alloc, onnxruntime's arenas, CUDA, cuBLAS, Dawn. */
const OUT_OF_MEMORY = /bad_alloc|failed to allocate|out of memory|out_of_memory|alloc_failed|bad allocation/i;

/**
 * A network run by onnxruntime in this thread, on one intra-op thread so that equal inputs give equal bits. Inputs and
 * outputs lie in tensors that are made once. A run keeps this thread busy; `WorkerInference` does not.
 */
export class OnnxSession implements Inference {
  readonly provider: ExecutionProvider;
  readonly degraded_reason = '';
  private readonly session: InferenceSession;
  private readonly spec: NetworkSpec;
  private readonly where: string;
  private readonly feeds: Record<string, Tensor> = {};
  private readonly fetches: Record<string, Tensor> = {};
  private readonly outputs: Tensors;

  private constructor(
    session: InferenceSession,
    spec: NetworkSpec,
    where: string,
    provider: ExecutionProvider,
    outputs: Tensors,
  ) {
    this.session = session;
    this.spec = spec;
    this.where = where;
    this.provider = provider;
    this.outputs = outputs;
    for (const output of spec.outputs)
      this.fetches[output.name] = new Tensor('float32', outputs[output.name], shapeOf(output));
  }

  /**
   * Loads a network whose bytes have been verified.
   * @param where  names the network in errors
   * @param outputs  where results are written; by default arrays of its own
   * @throws InferenceError `model` if the bytes are no network or one with other inputs and outputs than `spec`; `absent` if
   * the provider is not here, `memory` if it has too little
   */
  static async load(
    bytes: Uint8Array,
    spec: NetworkSpec,
    where: string,
    provider: ExecutionProvider = 'cpu',
    outputs: Tensors = emptyTensors(spec.outputs),
  ): Promise<OnnxSession> {
    let session = await openSession(bytes, 'cpu').catch((cause: unknown) => {
      const reason = reasonOf(cause);
      if (OUT_OF_MEMORY.test(reason)) throw new InferenceError('memory', `${where}: ${reason}`, { cause });
      throw new InferenceError('model', `${where}: not an ONNX model that onnxruntime can load (${reason})`, { cause });
    });
    try {
      checkMetadata(`${where}, inputs`, session.inputMetadata, spec.inputs);
      checkMetadata(`${where}, outputs`, session.outputMetadata, spec.outputs);
    } catch (error) {
      await session.release();
      throw error;
    }
    if (provider !== 'cpu') {
      await session.release();
      session = await openSession(bytes, provider).catch((cause: unknown) => {
        const reason = reasonOf(cause);
        if (OUT_OF_MEMORY.test(reason)) throw new InferenceError('memory', `${where}: ${reason}`, { cause });
        const remedy = `not available here; install its driver and libraries, or use cpu (${reason})`;
        throw new InferenceError('absent', `execution provider ${provider}: ${remedy}`, { cause });
      });
    }
    return new OnnxSession(session, spec, where, provider, outputs);
  }

  async run(inputs: Tensors): Promise<Tensors> {
    for (const spec of this.spec.inputs) this.feed(spec, inputs[spec.name]);
    try {
      await this.session.run(this.feeds, this.fetches);
    } catch (cause) {
      const reason = reasonOf(cause);
      throw new InferenceError(OUT_OF_MEMORY.test(reason) ? 'memory' : 'run', `${this.where}: ${reason}`, { cause });
    }
    for (const { name } of this.spec.outputs) {
      const at = firstNotFinite(this.outputs[name]);
      if (at < 0) continue;
      const { length, [at]: value } = this.outputs[name];
      throw new InferenceError('values', `${this.where}: the network gave ${value} at ${at} of ${length} of ${name}`);
    }
    return this.outputs;
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  /** A tensor is made once for every array that is handed in again and again. */
  private feed(spec: TensorSpec, values: Float32Array): void {
    const { name } = spec;
    if (this.feeds[name]?.data !== values) this.feeds[name] = new Tensor('float32', values, shapeOf(spec));
  }
}

/** Index of the first value that is no number or infinite; −1 for none. */
export function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) < Infinity)) return i;
  return -1;
}

function openSession(bytes: Uint8Array, provider: ExecutionProvider): Promise<InferenceSession> {
  // What onnxruntime would print comes as an error too.
  env.logLevel = 'fatal';
  return InferenceSession.create(bytes, {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  });
}

function checkMetadata(
  where: string,
  found: readonly InferenceSession.ValueMetadata[],
  wanted: readonly TensorSpec[],
): void {
  // What a free axis is called is the model's own affair.
  const text = (tensor: { name: string; type: string; shape: readonly (number | string)[] }): string =>
    `${tensor.name} ${tensor.type} [${tensor.shape.map((side) => (typeof side === 'string' ? 'N' : side)).join(', ')}]`;
  const names = found.map((value) => (value.isTensor ? text(value) : value.name)).sort();
  const expected = wanted.map(text).sort();
  if (names.join('; ') !== expected.join('; ')) {
    const found_names = names.join('; ') || 'none';
    throw new InferenceError('model', `${where} ${found_names}: must be exactly ${expected.join('; ')}`);
  }
}
