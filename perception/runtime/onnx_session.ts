import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import {
  type ExecutionProvider,
  emptyTensors,
  greatestGrid,
  type Inference,
  InferenceError,
  type NetworkSpec,
  type PictureGrid,
  partOf,
  picturesIn,
  reasonOf,
  runKey,
  shapeOf,
  type TensorSpec,
  type Tensors,
  takesSeveral,
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
  private readonly pictures: number;
  private readonly feeds: Record<string, Tensor> = {};
  private readonly outputs: Tensors;
  /** Where results of so many pictures of a size are written, made when first needed. */
  private readonly places = new Map<number, Place>();
  /** A tensor is made once for every array that is handed in again and again. */
  private readonly tensors = new WeakMap<Float32Array, Tensor>();

  private constructor(
    session: InferenceSession,
    spec: NetworkSpec,
    where: string,
    provider: ExecutionProvider,
    outputs: Tensors,
    pictures: number,
  ) {
    this.session = session;
    this.spec = spec;
    this.where = where;
    this.provider = provider;
    this.outputs = outputs;
    this.pictures = pictures;
  }

  /**
   * Loads a network whose bytes have been verified.
   * @param where  names the network in errors
   * @param pictures  the most that a run takes at once; more than one only where all its axes `N` allow that
   * @param outputs  where results are written; by default arrays of its own
   * @throws InferenceError `model` if the bytes are no network or one with other inputs and outputs than `spec`; `absent` if
   * the provider is not here, `memory` if it has too little
   */
  static async load(
    bytes: Uint8Array,
    spec: NetworkSpec,
    where: string,
    provider: ExecutionProvider = 'cpu',
    pictures = 1,
    outputs: Tensors = emptyTensors(spec.outputs, pictures, greatestGrid(spec)),
  ): Promise<OnnxSession> {
    if (pictures > 1 && !takesSeveral(spec)) throw new InferenceError('model', `${where}: takes one picture at once`);
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
    return new OnnxSession(session, spec, where, provider, outputs, pictures);
  }

  async run(inputs: Tensors, grid: PictureGrid = greatestGrid(this.spec)): Promise<Tensors> {
    const pictures = picturesIn(inputs, this.spec, this.pictures, grid);
    for (const spec of this.spec.inputs) this.feed(spec, inputs[spec.name], pictures, grid);
    const { fetches, results } = this.place(pictures, grid);
    try {
      await this.session.run(this.feeds, fetches);
    } catch (cause) {
      const reason = reasonOf(cause);
      throw new InferenceError(OUT_OF_MEMORY.test(reason) ? 'memory' : 'run', `${this.where}: ${reason}`, { cause });
    }
    for (const { name } of this.spec.outputs) {
      const at = firstNotFinite(results[name]);
      if (at < 0) continue;
      const { length, [at]: value } = results[name];
      throw new InferenceError('values', `${this.where}: the network gave ${value} at ${at} of ${length} of ${name}`);
    }
    return results;
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  private feed(spec: TensorSpec, values: Float32Array, pictures: number, grid: PictureGrid): void {
    const shape = shapeOf(spec, pictures, grid);
    let tensor = this.tensors.get(values);
    if (tensor === undefined || !shape.every((side, axis) => side === tensor?.dims[axis])) {
      tensor = new Tensor('float32', values, shape);
      this.tensors.set(values, tensor);
    }
    this.feeds[spec.name] = tensor;
  }

  private place(pictures: number, grid: PictureGrid): Place {
    const key = runKey(pictures, grid);
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const { outputs } = this.spec;
    const results = partOf(this.outputs, outputs, pictures, grid);
    const fetches = Object.fromEntries(
      outputs.map((spec) => [spec.name, new Tensor('float32', results[spec.name], shapeOf(spec, pictures, grid))]),
    );
    const place = { results, fetches };
    this.places.set(key, place);
    return place;
  }
}

/** Results of a number of pictures, and the tensors over them. */
interface Place {
  readonly results: Tensors;
  readonly fetches: Readonly<Record<string, Tensor>>;
}

/** Index of the first value that is no number or infinite; −1 for none. */
export function firstNotFinite(values: Float32Array): number {
  const { length } = values;
  let i = 0;
  // Eight at a time: a sum of float32 is finite in double arithmetic unless one of them is not.
  for (; i + 7 < length; i += 8) {
    const first = values[i] + values[i + 1] + values[i + 2] + values[i + 3];
    const second = values[i + 4] + values[i + 5] + values[i + 6] + values[i + 7];
    if ((first + second) * 0 !== 0) break;
  }
  for (; i < length; i++) if (values[i] * 0 !== 0) return i;
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
  const side = (one: number | string, axis: number): number | string => {
    return typeof one === 'number' ? one : axis === 0 ? 'N' : 'free';
  };
  const text = (tensor: { name: string; type: string; shape: readonly (number | string)[] }): string =>
    `${tensor.name} ${tensor.type} [${tensor.shape.map(side).join(', ')}]`;
  const names = found.map((value) => (value.isTensor ? text(value) : value.name)).sort();
  const expected = wanted.map(text).sort();
  if (names.join('; ') !== expected.join('; ')) {
    const found_names = names.join('; ') || 'none';
    throw new InferenceError('model', `${where} ${found_names}: must be exactly ${expected.join('; ')}`);
  }
}
