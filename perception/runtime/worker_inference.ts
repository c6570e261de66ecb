import { Worker } from 'node:worker_threads';
import {
  type ExecutionProvider,
  greatestGrid,
  type Inference,
  InferenceError,
  type NetworkSpec,
  type PictureGrid,
  partOf,
  picturesIn,
  reasonOf,
  runKey,
  type TensorSpec,
  type Tensors,
  valuesOf,
} from './inference.ts';
import type { InferenceAnswer, InferenceRequest, InferenceSetup } from './inference_worker.ts';

const WORKER = new URL('./inference_worker.js', import.meta.url);

export interface WorkerOptions {
  /** The thread's program; beside this file by default. */
  readonly worker?: URL | string;
  /** A network that is silent for longer than this is given up, with its thread (s). Default 2, while loading 30. */
  readonly silence_s?: number;
  readonly load_silence_s?: number;
  /** The most pictures of a run. Default 1. */
  readonly pictures?: number;
  /** Heap of the thread's own JavaScript, in which no values of the network lie (MB). Default 128. */
  readonly heap_MB?: number;
}

interface Waiting {
  done(): void;
  failed(error: InferenceError): void;
}

/**
 * A network in a thread of its own: neither loading nor running it holds up the thread that asks. Values cross by shared
 * memory. A thread that ends, or is silent for too long, fails the run that waits for it at once.
 */
export class WorkerInference implements Inference {
  readonly provider: ExecutionProvider;
  readonly degraded_reason = '';
  private readonly thread: Worker;
  private readonly where: string;
  private readonly silence_s: number;
  private readonly spec: NetworkSpec;
  private readonly pictures: number;
  private readonly inputs: Tensors;
  private readonly outputs: Tensors;
  /** Results of so many pictures of a size. */
  private readonly results = new Map<number, Tensors>();
  private readonly ended: Promise<void>;
  private waiting: Waiting | null = null;
  /** Why the thread is there no more. */
  private end: InferenceError | null = null;

  private constructor(setup: InferenceSetup, { worker = WORKER, silence_s = 2, heap_MB = 128 }: WorkerOptions) {
    this.provider = setup.provider;
    this.where = setup.where;
    this.silence_s = silence_s;
    this.spec = setup.spec;
    this.pictures = setup.pictures;
    this.inputs = setup.inputs;
    this.outputs = setup.outputs;
    const resourceLimits = { maxOldGenerationSizeMb: heap_MB };
    this.thread = new Worker(worker, { workerData: setup, resourceLimits });
    this.thread.on('message', (answer: InferenceAnswer) => this.take(answer));
    this.thread.on('error', (error) => this.close(faultOf(error), reasonOf(error)));
    this.ended = new Promise((resolve) => {
      this.thread.once('exit', (code) => {
        this.close('ended', `the network's thread ended with ${code}`);
        resolve();
      });
    });
  }

  /** As OnnxSession.load. */
  static async load(
    bytes: Uint8Array,
    spec: NetworkSpec,
    where: string,
    provider: ExecutionProvider = 'cpu',
    options: WorkerOptions = {},
  ): Promise<WorkerInference> {
    const { pictures = 1 } = options;
    const greatest = greatestGrid(spec);
    const inputs = sharedTensors(spec.inputs, pictures, greatest);
    const outputs = sharedTensors(spec.outputs, pictures, greatest);
    const { width, height } = greatest;
    const plain = {
      ...{ inputs: spec.inputs.map(bare), outputs: spec.outputs.map(bare) },
      preprocessing: { width, height },
    };
    const setup: InferenceSetup = { bytes, spec: plain, where, provider, pictures, inputs, outputs };
    const inference = new WorkerInference(setup, options);
    try {
      await inference.answer(options.load_silence_s ?? 30);
    } catch (error) {
      void inference.thread.terminate();
      throw error;
    }
    return inference;
  }

  async run(inputs: Tensors, grid: PictureGrid = greatestGrid(this.spec)): Promise<Tensors> {
    if (this.end !== null) throw this.end;
    const pictures = picturesIn(inputs, this.spec, this.pictures, grid);
    for (const { name } of this.spec.inputs) this.inputs[name].set(inputs[name]);
    const { width, height } = grid;
    this.thread.postMessage({ pictures, width, height } satisfies InferenceRequest);
    await this.answer(this.silence_s);
    const key = runKey(pictures, grid);
    const results = this.results.get(key) ?? partOf(this.outputs, this.spec.outputs, pictures, grid);
    this.results.set(key, results);
    return results;
  }

  /**
   * Ends the thread without an answer, as when something kills it; between two calls of onnxruntime, inside which an end takes
   * the process with it.
   */
  async kill(): Promise<void> {
    this.thread.postMessage('die' satisfies InferenceRequest);
    await this.ended;
  }

  async release(): Promise<void> {
    if (this.end === null) {
      this.thread.ref();
      this.thread.postMessage('end' satisfies InferenceRequest);
    }
    // A thread inside a call of a library that hangs cannot be waited for.
    if (this.end?.fault !== 'silent') await this.ended;
  }

  /** Resolves with the next answer. Only meanwhile does the thread keep this process alive. */
  private answer(silence_s: number): Promise<void> {
    this.thread.ref();
    return new Promise<void>((resolve, reject) => {
      const silent = setTimeout(() => {
        this.close('silent', `the network gave no answer within ${silence_s} s`);
        void this.thread.terminate();
      }, 1000 * silence_s);
      const settle = () => {
        clearTimeout(silent);
        this.waiting = null;
        this.thread.unref();
      };
      this.waiting = {
        done: () => {
          settle();
          resolve();
        },
        failed: (error) => {
          settle();
          reject(error);
        },
      };
    });
  }

  private take(answer: InferenceAnswer): void {
    if (answer === null) this.waiting?.done();
    else this.waiting?.failed(new InferenceError(answer.fault, answer.reason));
  }

  private close(fault: InferenceError['fault'], reason: string): void {
    this.end ??= new InferenceError(fault, `${this.where}: ${reason}`);
    this.waiting?.failed(this.end);
  }
}

function faultOf(error: unknown): InferenceError['fault'] {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'ended';
}

/** What a thread needs of it, whatever else a manifest says. */
function bare({ name, type, shape }: TensorSpec): TensorSpec {
  return { name, type, shape };
}

function sharedTensors(specs: readonly TensorSpec[], pictures: number, grid: PictureGrid): Tensors {
  return Object.fromEntries(
    specs.map((spec) => [spec.name, new Float32Array(new SharedArrayBuffer(4 * valuesOf(spec, pictures, grid)))]),
  );
}
