import type { Log, Node, NodeContext } from '../../contracts/index.ts';
import type { Detector, SwappingDetector } from '../../perception/index.ts';

const LOOK_MS = 200;

/** Which model is to answer, and which runs beside it for comparison; empty for none. */
export interface WantedModels {
  readonly model: string;
  readonly shadow_model: string;
}

/** Follows parameters: a model that is wanted anew is loaded beside the frames and takes over without one being lost. */
export class ModelWatch implements Node {
  readonly name = 'models';
  private readonly detector: SwappingDetector;
  private readonly wanted: () => WantedModels;
  private readonly open: (model: string) => Promise<Detector>;
  private readonly openShadow: (model: string) => Promise<Detector>;
  private log: Log | null = null;
  private timer: NodeJS.Timeout | undefined;
  private model: string;
  private shadow = '';

  /**
   * @param model  what the detector was opened with
   * @param openShadow  opens what only watches; by default as what answers
   */
  constructor(
    detector: SwappingDetector,
    model: string,
    wanted: () => WantedModels,
    open: (model: string) => Promise<Detector>,
    openShadow: (model: string) => Promise<Detector> = open,
  ) {
    this.detector = detector;
    this.model = model;
    this.wanted = wanted;
    this.open = open;
    this.openShadow = openShadow;
  }

  async configure({ log }: NodeContext): Promise<void> {
    this.log = log;
    await this.look();
  }

  activate(): void {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  deactivate(): void {
    clearInterval(this.timer);
  }

  async cleanup(): Promise<void> {
    this.log = null;
  }

  /** Looks at the parameters once; resolves when what they ask for is in use, or is refused. */
  async look(): Promise<void> {
    const { model, shadow_model } = this.wanted();
    const swap = model === this.model ? null : this.detector.swap(() => this.open(model));
    const beside = shadow_model === '' ? null : () => this.openShadow(shadow_model);
    const shadow = shadow_model === this.shadow ? null : this.detector.shadow(beside);
    this.model = model;
    this.shadow = shadow_model;
    if (swap !== null) this.tell('model', model, await swap);
    if (shadow !== null) this.tell('shadow model', shadow_model, await shadow);
  }

  private tell(what: string, model: string, taken: boolean): void {
    const { refusal, model: used } = this.detector.state;
    if (taken) this.log?.info({ model, used }, `${what} changed`);
    else if (refusal !== '') this.log?.warn({ model, used, reason: refusal }, `${what} refused`);
  }
}
