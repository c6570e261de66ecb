import {
  type ExecutionProvider,
  type Inference,
  InferenceError,
  type PictureGrid,
  reasonOf,
  type Tensors,
} from './inference.ts';

export interface ChainOptions {
  /** In the order in which they are wanted. */
  readonly providers: readonly ExecutionProvider[];
  /** Loads the network on one of them. @throws InferenceError if it cannot; with `model`, no provider can */
  readonly open: (provider: ExecutionProvider) => Promise<Inference>;
  /** What a network is tried with as soon as it is loaded, so that the first frame finds it warm. */
  readonly warm_up: Tensors;
  /** Frames until a provider that failed is tried again; each failure doubles them, up to the most. Default 16 and 1024. */
  readonly retry_frames?: number;
  readonly most_retry_frames?: number;
  /**
   * Load beside the frames and keep the next provider loaded; for networks with threads of their own. Without this, which
   * frame a provider takes up again follows from the frames alone.
   */
  readonly beside?: boolean;
}

const RETRY_FRAMES = 16;
const MOST_RETRY_FRAMES = 1024;
/** Frames in a row that make a provider as good as new. */
const SETTLED_FRAMES = 64;

/** Counts since the start. */
export interface ChainCounts {
  readonly runs: number;
  /** Runs that one provider failed and another answered. */
  readonly rescued: number;
  /** Runs that nothing answered. */
  readonly lost: number;
  /** Providers loaded again after a failure. */
  readonly recovered: number;
}

/**
 * A network on the first execution provider that works. One that does not load, runs out of memory, dies, hangs or gives
 * values that are not finite is left at once, and the next answers the same run; it is tried again after some frames, more
 * each time. A run fails only when all have failed.
 */
export class ProviderChain implements Inference {
  private readonly links: readonly Link[];
  private readonly beside: boolean;
  private current: Link;
  private readonly count = { runs: 0, rescued: 0, lost: 0, recovered: 0 };

  private constructor({ retry_frames, most_retry_frames, ...options }: ChainOptions) {
    const [first, most] = [retry_frames ?? RETRY_FRAMES, most_retry_frames ?? MOST_RETRY_FRAMES];
    this.links = options.providers.map((provider) => new Link(provider, options, first, most));
    this.beside = options.beside ?? false;
    this.current = this.links[0];
  }

  /**
   * Loads and warms the first provider that works.
   * @throws InferenceError `model` if no provider can run the network. When all fail for other reasons, runs fail, and say why
   */
  static async open(options: ChainOptions): Promise<ProviderChain> {
    const chain = new ProviderChain(options);
    for (const link of chain.links) {
      const loaded = await link.load(0);
      if (link.failure?.fault === 'model') throw link.failure;
      if (!loaded) continue;
      chain.current = link;
      break;
    }
    chain.prepareNext();
    return chain;
  }

  get provider(): ExecutionProvider {
    return this.current.provider;
  }

  get degraded_reason(): string {
    const before = this.links.slice(0, this.links.indexOf(this.current));
    return before.map(({ reason }) => reason).join('; ');
  }

  /** Whether a provider is loaded that could answer now. */
  get ready(): boolean {
    return this.links.some(({ loaded }) => loaded);
  }

  get counts(): ChainCounts {
    return { ...this.count };
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const { runs, rescued, lost, recovered } = this.count;
    const states = this.links.map(({ provider, loaded, reason }) => [
      `provider_${provider}`,
      loaded ? 'loaded' : reason || 'not loaded',
    ]);
    return { runs, runs_rescued: rescued, runs_lost: lost, recovered, ...Object.fromEntries(states) };
  }

  async run(inputs: Tensors, grid?: PictureGrid): Promise<Tensors> {
    const frame = ++this.count.runs;
    await this.retry(frame);
    let failed = false;
    for (const link of this.links) {
      if (link.reason !== '' && !link.loaded) continue;
      try {
        if (!link.loaded && !(await link.load(frame))) continue;
        const results = await link.run(inputs, grid);
        if (failed) this.count.rescued++;
        if (this.current !== link) this.take(link);
        return results;
      } catch (cause) {
        link.fail(cause, frame);
        failed = true;
      }
    }
    this.count.lost++;
    const { failure } = this.links[this.links.length - 1];
    const reasons = this.links.map(({ reason }) => reason).join('; ');
    throw new InferenceError(failure?.fault ?? 'absent', reasons, { cause: failure });
  }

  async release(): Promise<void> {
    await Promise.all(this.links.map((link) => link.release()));
  }

  private take(link: Link): void {
    this.current = link;
    this.prepareNext();
  }

  /** Providers better than the one in use whose time has come. */
  private async retry(frame: number): Promise<void> {
    for (const link of this.links) {
      if (link.loaded) return;
      if (link.reason === '' || !link.due(frame)) continue;
      const loading = link.load(frame).then((loaded) => {
        if (loaded) this.count.recovered++;
      });
      if (!this.beside) await loading;
    }
  }

  /** The one after the one in use waits loaded. */
  private prepareNext(): void {
    if (!this.beside) return;
    const next = this.links[this.links.indexOf(this.current) + 1];
    if (next !== undefined && !next.loaded && next.reason === '') void next.load(this.count.runs);
  }
}

/** One provider of a chain. */
class Link {
  readonly provider: ExecutionProvider;
  /** Why it is not used; empty while nothing is known against it. */
  reason = '';
  /** The last one. */
  failure: InferenceError | null = null;
  private readonly open: ChainOptions['open'];
  private readonly warm_up: Tensors;
  private readonly first: number;
  private readonly most: number;
  private inference: Inference | null = null;
  private loading: Promise<boolean> | null = null;
  private released = false;
  private wait: number;
  private retry_at = 0;
  private good = 0;

  constructor(provider: ExecutionProvider, { open, warm_up }: ChainOptions, first: number, most: number) {
    this.provider = provider;
    this.open = open;
    this.warm_up = warm_up;
    this.first = first;
    this.most = most;
    this.wait = first;
  }

  get loaded(): boolean {
    return this.inference !== null;
  }

  due(frame: number): boolean {
    return frame >= this.retry_at && this.loading === null;
  }

  /** Loads and warms it; false if that failed. */
  load(frame: number): Promise<boolean> {
    this.loading ??= this.loadOnce(frame).finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  private async loadOnce(frame: number): Promise<boolean> {
    let inference: Inference | null = null;
    try {
      inference = await this.open(this.provider);
      await inference.run(this.warm_up);
    } catch (error) {
      await inference?.release();
      this.fail(error, frame);
      return false;
    }
    if (this.released) {
      await inference.release();
      return false;
    }
    this.inference = inference;
    this.reason = '';
    this.good = 0;
    return true;
  }

  async run(inputs: Tensors, grid?: PictureGrid): Promise<Tensors> {
    if (this.inference === null) throw new InferenceError('absent', 'not loaded');
    const results = await this.inference.run(inputs, grid);
    if (++this.good === SETTLED_FRAMES) this.wait = this.first;
    return results;
  }

  /** Leaves it for a while. */
  fail(error: unknown, frame: number): void {
    const failure = error instanceof InferenceError ? error : new InferenceError('run', reasonOf(error));
    this.failure = failure;
    this.reason = failure.fault === 'absent' ? failure.message : `${this.provider}: ${failure.message}`;
    this.retry_at = frame + this.wait;
    this.wait = Math.min(this.most, 2 * this.wait);
    const left = this.inference;
    this.inference = null;
    // It may be hung: nothing waits for it.
    left?.release().catch(() => {});
  }

  async release(): Promise<void> {
    this.released = true;
    await this.loading;
    await this.inference?.release();
    this.inference = null;
  }
}
