import { type Detections, InputError } from '../contracts/index.ts';
import { DEFAULT_INQUIRIES, type DecisionCosts, type Inquiry, verdictOn } from './confidence/index.ts';
import type { DetectionPlacement, DetectionTiming, Detector, RgbdFrame, Stopwatch } from './detector.ts';
import type { DetectionEvidence } from './evidence.ts';

export interface RouteOptions {
  /** Time from the start of a frame within which its answer must be out, s; 0 for none. */
  readonly deadline_s: number;
  /** By which it is decided again about what the full detector could not be asked about. */
  readonly costs: DecisionCosts;
  /** Ways to learn more beside the full detector. Default: another look, and a person. */
  readonly inquiries?: readonly Inquiry[];
  readonly stopwatch: Stopwatch;
}

/** How frames went, since the start. */
export interface RouteCounts {
  readonly frames: number;
  /** Answered by the fast detector, sure or with nothing seen. */
  readonly fast: number;
  /** Asked of the full detector for doubt, or since the fast one failed or was degraded. */
  readonly doubted: number;
  readonly failed: number;
  /** In doubt, but the deadline left no time to ask. */
  readonly no_time: number;
  /** The full detector failed, and the fast one's answer stands. */
  readonly full_failed: number;
  /** Seconds of either detector. */
  readonly fast_s: number;
  readonly full_s: number;
}

/** Weight of the newest measurement in the mean time of the full detector. */
const NEWEST = 0.2;

/**
 * Asks the fast detector first, and the full one about the same picture where the fast one's verdict is `ask_full`, or it
 * failed or was degraded, as long as the deadline leaves time for it (a cascade in the sense of Viola and Jones, 2001, with
 * cost-based thresholds). Of a picture in doubt the full detector's answer stands for all of it.
 */
export class RoutedDetector implements Detector {
  timing: DetectionTiming;
  masks: readonly Int32Array[] = [];
  evidence: readonly DetectionEvidence[] = [];
  placement: DetectionPlacement | null = null;
  readonly full: Detector;
  private readonly fast: Detector;
  private readonly options: RouteOptions;
  private readonly tally = {
    frames: 0,
    fast: 0,
    doubted: 0,
    failed: 0,
    no_time: 0,
    full_failed: 0,
    fast_s: 0,
    full_s: 0,
  };
  /** Mean time of the full detector, s; of its first frame nothing is known. */
  private full_mean_s = 0;

  /**
   * @param fast  its detections must say `ask_full` where it pays; closed by this one, as is `full`
   * @param full  must not say `ask_full`: there is nobody left to ask
   */
  constructor(fast: Detector, full: Detector, options: RouteOptions) {
    if (!(options.deadline_s >= 0))
      throw new InputError(`deadline of ${options.deadline_s} s`, 'at least 0; 0 for none');
    this.fast = fast;
    this.full = full;
    this.options = options;
    this.timing = fast.timing;
  }

  get source(): Detector['source'] {
    return this.fast.source;
  }

  get model(): string {
    return this.fast.model;
  }

  get model_sha256(): string | null {
    return this.fast.model_sha256;
  }

  get degraded_reason(): string {
    return this.fast.degraded_reason;
  }

  get counts(): RouteCounts {
    return { ...this.tally };
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const { fast, doubted, failed, no_time, full_failed, fast_s, full_s } = this.tally;
    return {
      ...this.fast.diagnostics?.(),
      ...{ full_model: this.full.model, routed_fast: fast, routed_doubted: doubted, routed_failed: failed },
      ...{ routed_no_time: no_time, routed_full_failed: full_failed },
      ...{ routed_fast_s: fast_s.toFixed(3), routed_full_s: full_s.toFixed(3) },
    };
  }

  /** @throws whatever the full detector throws where the fast one failed too */
  async detect(frame: RgbdFrame): Promise<Detections> {
    const { stopwatch } = this.options;
    const { tally } = this;
    tally.frames++;
    const began_s = stopwatch();
    const first = await this.askFast(frame);
    const spent_s = stopwatch() - began_s;
    tally.fast_s += spent_s;
    if (first === null) {
      tally.failed++;
      return this.askFull(frame);
    }
    if (
      first.degraded_reason === '' &&
      !first.detections.some(({ confidence }) => confidence?.verdict === 'ask_full')
    ) {
      tally.fast++;
      return this.answer(this.fast, first);
    }
    if (!this.isTime(spent_s)) {
      tally.no_time++;
      return this.answer(this.fast, this.withoutFull(first));
    }
    tally.doubted++;
    try {
      return await this.askFull(frame);
    } catch {
      tally.full_failed++;
      return this.answer(this.fast, this.withoutFull(first));
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.fast.close(), this.full.close()]);
  }

  private async askFast(frame: RgbdFrame): Promise<Detections | null> {
    try {
      return await this.fast.detect(frame);
    } catch (error) {
      // What contradicts itself is no better for the full detector.
      if (error instanceof InputError) throw error;
      return null;
    }
  }

  private async askFull(frame: RgbdFrame): Promise<Detections> {
    const { stopwatch } = this.options;
    const began_s = stopwatch();
    const found = await this.full.detect(frame);
    const spent_s = stopwatch() - began_s;
    this.tally.full_s += spent_s;
    this.full_mean_s = this.full_mean_s === 0 ? spent_s : this.full_mean_s + NEWEST * (spent_s - this.full_mean_s);
    return this.answer(this.full, found);
  }

  /** Decides again about what the full detector was to be asked. */
  private withoutFull(found: Detections): Detections {
    const { costs, inquiries = DEFAULT_INQUIRIES } = this.options;
    const detections = found.detections.map((detection) => {
      const { confidence } = detection;
      if (confidence?.verdict !== 'ask_full') return detection;
      const verdict = verdictOn(detection, confidence.possible, costs, inquiries);
      return { ...detection, confidence: { ...confidence, ...verdict } };
    });
    return { ...found, detections };
  }

  private isTime(spent_s: number): boolean {
    const { deadline_s } = this.options;
    return deadline_s === 0 || spent_s + this.full_mean_s <= deadline_s;
  }

  /** What the last frame's parts are, by whoever answered; its time is that of both. */
  private answer(by: Detector, found: Detections): Detections {
    this.masks = by.masks;
    this.evidence = by.evidence ?? [];
    this.placement = by.placement ?? null;
    this.timing = by === this.fast ? by.timing : sum(this.fast.timing, by.timing);
    return found;
  }
}

function sum(a: DetectionTiming, b: DetectionTiming): DetectionTiming {
  return { pre_s: a.pre_s + b.pre_s, model_s: a.model_s + b.model_s, post_s: a.post_s + b.post_s };
}
