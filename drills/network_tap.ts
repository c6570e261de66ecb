import {
  type ExecutionProvider,
  type Grid,
  type Inference,
  InferenceError,
  type NetworkLoader,
  type Tensors,
  WorkerInference,
} from '../perception/index.ts';

/** What can be wrong with a network that runs. */
export type NetworkFault = 'none' | 'memory' | 'nan';

/** Stands between a cell's perception and its networks, and breaks them when a drill says so. */
export class NetworkTap {
  fault: NetworkFault = 'none';
  /** What is found in place of the network when it is loaded anew; null for itself. */
  bytes: Uint8Array | null = null;
  private readonly running = new Set<Inference>();

  readonly loading = async (_provider: ExecutionProvider, load: NetworkLoader): Promise<Inference> => {
    const inference = await (this.bytes === null ? load() : load(this.bytes));
    this.running.add(inference);
    return new TappedInference(this, inference, () => this.running.delete(inference));
  };

  /** Kills the threads of all networks, or whatever else they run in: they are there no more. */
  kill(): void {
    for (const inference of this.running) {
      if (inference instanceof WorkerInference) void inference.kill();
      else void inference.release();
    }
    this.running.clear();
  }
}

class TappedInference implements Inference {
  private readonly tap: NetworkTap;
  private readonly inner: Inference;
  private readonly forget: () => void;

  constructor(tap: NetworkTap, inner: Inference, forget: () => void) {
    this.tap = tap;
    this.inner = inner;
    this.forget = forget;
  }

  get provider(): ExecutionProvider {
    return this.inner.provider;
  }

  get degraded_reason(): string {
    return this.inner.degraded_reason;
  }

  async run(inputs: Tensors, grid?: Grid): Promise<Tensors> {
    const { fault } = this.tap;
    // As onnxruntime says it.
    if (fault === 'memory') throw new InferenceError('memory', 'failed to allocate memory for the activations');
    if (fault === 'none') return this.inner.run(inputs, grid);
    const spoilt = Object.entries(inputs).map(([name, values]) => [
      name,
      new Float32Array(values.length).fill(Number.NaN),
    ]);
    return this.inner.run(Object.fromEntries(spoilt), grid);
  }

  async release(): Promise<void> {
    this.forget();
    await this.inner.release();
  }
}
