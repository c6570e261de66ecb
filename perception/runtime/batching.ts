import {
  emptyTensors,
  greatestGrid,
  type Inference,
  InferenceError,
  type NetworkSpec,
  type PictureGrid,
  partOf,
  reasonOf,
  runKey,
  type Tensors,
  valuesOf,
} from './inference.ts';

/** A batch must save this share of the time of a picture, or it is not worth the wait of the first in it. */
const LEAST_SAVING = 0.05;
const ROUNDS = 9;

/** How long a picture takes in batches of each size that was tried. */
export interface BatchTimes {
  /** The size that is worth it; 1 if none is. */
  readonly batch: number;
  /** Of sizes 1, 2, 4 ...: seconds a picture, the median of rounds that took turns. */
  readonly seconds: ReadonlyMap<number, number>;
}

/**
 * Measures whether pictures are quicker together.
 * @param network  takes up to `most` pictures at once
 * @param stopwatch  seconds
 */
export async function measureBatches(
  network: Inference,
  spec: NetworkSpec,
  most: number,
  stopwatch: () => number,
): Promise<BatchTimes> {
  const sizes: number[] = [];
  for (let size = 1; size <= most; size *= 2) sizes.push(size);
  const times = new Map(sizes.map((size) => [size, [] as number[]]));
  const inputs = new Map(sizes.map((size) => [size, emptyTensors(spec.inputs, size, greatestGrid(spec))]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const size of sizes) {
      const started_s = stopwatch();
      await network.run(inputs.get(size) ?? {});
      if (round >= 0) times.get(size)?.push((stopwatch() - started_s) / size);
    }
  }
  const seconds = new Map([...times].map(([size, all]) => [size, all.sort((a, b) => a - b)[ROUNDS >> 1]]));
  const single = seconds.get(1) ?? 0;
  let batch = 1;
  for (const [size, each] of seconds)
    if (each < (1 - LEAST_SAVING) * single && each < (seconds.get(batch) ?? single)) batch = size;
  return { batch, seconds };
}

interface Request {
  readonly grid: PictureGrid;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  readonly done: (batch: number) => void;
  readonly failed: (error: InferenceError) => void;
}

/**
 * One network for the pictures of several cameras. Nobody waits for company: what has come while a run was at work goes
 * together in the next. A batch that fails is run again one by one, so that one bad picture fails alone.
 */
export class InferenceBatcher {
  private readonly network: Inference;
  private readonly spec: NetworkSpec;
  /** By number and size of the pictures that go together. */
  private readonly inputs = new Map<number, Tensors>();
  private readonly waiting: Request[] = [];
  private readonly most: number;
  private working = false;
  private runs = 0;
  private pictures = 0;
  private clients = 0;

  /** @param most  pictures of one run, e.g. as measured */
  constructor(network: Inference, spec: NetworkSpec, most: number) {
    this.network = network;
    this.spec = spec;
    this.most = most;
  }

  /** A place for one more camera, which gives one picture at a time. The network is released with the last of them. */
  client(): Inference {
    this.clients++;
    return new BatchClient(this.network, this.spec, {
      run: (inputs, outputs, grid) => this.ask(inputs, outputs, grid),
      release: async () => {
        if (--this.clients === 0) await this.network.release();
      },
      diagnostics: () => ({
        ...this.network.diagnostics?.(),
        ...{ batch_most: this.most, pictures_a_run: this.runs === 0 ? 0 : this.pictures / this.runs },
      }),
    });
  }

  private ask(inputs: Tensors, outputs: Tensors, grid: PictureGrid): Promise<number> {
    return new Promise((done, failed) => {
      this.waiting.push({ grid, inputs, outputs, done, failed });
      if (!this.working) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.working = true;
    for (let batch = this.next(); batch.length > 0; batch = this.next()) {
      if (batch.length > 1 && (await this.runTogether(batch))) continue;
      for (const request of batch) await this.runAlone(request);
    }
    this.working = false;
  }

  /** The first that waits, and those of its size that go with it. */
  private next(): Request[] {
    const [first] = this.waiting;
    if (first === undefined) return [];
    const { width, height } = first.grid;
    const batch: Request[] = [];
    for (let k = 0; k < this.waiting.length && batch.length < this.most; ) {
      const { grid } = this.waiting[k];
      if (grid.width === width && grid.height === height) batch.push(...this.waiting.splice(k, 1));
      else k++;
    }
    return batch;
  }

  private async runTogether(batch: readonly Request[]): Promise<boolean> {
    const [{ grid }] = batch;
    const key = runKey(batch.length, grid);
    const together = this.inputs.get(key) ?? emptyTensors(this.spec.inputs, batch.length, grid);
    this.inputs.set(key, together);
    batch.forEach(({ inputs }, k) => {
      for (const spec of this.spec.inputs) together[spec.name].set(inputs[spec.name], k * valuesOf(spec, 1, grid));
    });
    try {
      const results = await this.network.run(together, grid);
      for (const [k, request] of batch.entries()) this.answer(request, results, k, batch.length);
    } catch {
      return false;
    }
    this.count(batch.length);
    return true;
  }

  private async runAlone(request: Request): Promise<void> {
    try {
      this.answer(request, await this.network.run(request.inputs, request.grid), 0, 1);
    } catch (error) {
      request.failed(error instanceof InferenceError ? error : new InferenceError('run', reasonOf(error)));
    }
    this.count(1);
  }

  private answer({ outputs, grid, done }: Request, results: Tensors, k: number, batch: number): void {
    for (const spec of this.spec.outputs) {
      const size = valuesOf(spec, 1, grid);
      outputs[spec.name].set(results[spec.name].subarray(k * size, (k + 1) * size));
    }
    done(batch);
  }

  private count(pictures: number): void {
    this.runs++;
    this.pictures += pictures;
  }
}

interface Shared {
  run(inputs: Tensors, outputs: Tensors, grid: PictureGrid): Promise<number>;
  release(): Promise<void>;
  diagnostics(): Readonly<Record<string, string | number>>;
}

/** One camera's place at a batcher. */
class BatchClient implements Inference {
  batch = 1;
  private readonly network: Inference;
  private readonly spec: NetworkSpec;
  private readonly all: Tensors;
  /** Of them, what a picture of a size takes up. */
  private readonly outputs = new Map<number, Tensors>();
  private readonly shared: Shared;

  constructor(network: Inference, spec: NetworkSpec, shared: Shared) {
    this.network = network;
    this.spec = spec;
    this.all = emptyTensors(spec.outputs, 1, greatestGrid(spec));
    this.shared = shared;
  }

  get provider(): Inference['provider'] {
    return this.network.provider;
  }

  get degraded_reason(): string {
    return this.network.degraded_reason;
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    return this.shared.diagnostics();
  }

  async run(inputs: Tensors, grid: PictureGrid = greatestGrid(this.spec)): Promise<Tensors> {
    const key = runKey(1, grid);
    const outputs = this.outputs.get(key) ?? partOf(this.all, this.spec.outputs, 1, grid);
    this.outputs.set(key, outputs);
    this.batch = await this.shared.run(inputs, outputs, grid);
    return outputs;
  }

  release(): Promise<void> {
    return this.shared.release();
  }
}
