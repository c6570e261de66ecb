import type { Detections } from '../../contracts/index.ts';
import type { DetectionPlacement, DetectionTiming, Detector, RgbdFrame } from '../detector.ts';
import type { DetectionEvidence } from '../evidence.ts';
import { type Agreement, AgreementCounter } from './agreement.ts';
import { reasonOf } from './inference.ts';

/** How the last wish for another model went. */
export interface SwapState {
  /** What answers now, and what runs beside it; empty for nothing. */
  readonly model: string;
  readonly shadow: string;
  readonly swaps: number;
  /** Why the last model that was wished for is not used; empty when it is, or is being loaded. */
  readonly refusal: string;
  /** What the model beside said against the one that answers. */
  readonly agreement: Agreement | null;
  /** Frames that the model beside did not see, since it was still busy with one before, or failed. */
  readonly shadow_missed: number;
}

/**
 * A detector whose model is changed while it runs. The new one is loaded beside the frames and takes over between two of
 * them; the old one answers until then, and still if the new one cannot be used. A shadow sees the frames too, and only what
 * it says against the model in use is kept.
 */
export class SwappingDetector implements Detector {
  timing: DetectionTiming;
  placement: DetectionPlacement | null = null;
  masks: readonly Int32Array[] = [];
  evidence: readonly DetectionEvidence[] = [];
  private current: Detector;
  private beside: Shadow | null = null;
  private next: Detector | null = null;
  private swaps = 0;
  private refusal = '';
  private busy = 0;
  /** The newest wish of each kind; older ones that load late are closed. */
  private wish = 0;
  private shadow_wish = 0;
  private closed = false;

  /** @param current  closed by this one, as all that follow */
  constructor(current: Detector) {
    this.current = current;
    this.timing = current.timing;
  }

  get source(): Detector['source'] {
    return this.current.source;
  }

  get model(): string {
    return this.current.model;
  }

  get model_sha256(): string | null {
    return this.current.model_sha256;
  }

  get degraded_reason(): string {
    return this.current.degraded_reason;
  }

  get state(): SwapState {
    const { swaps, refusal, beside } = this;
    return {
      ...{ model: this.current.model, shadow: beside?.detector.model ?? '', swaps, refusal },
      ...{ agreement: beside?.agreement.counts ?? null, shadow_missed: beside?.missed ?? 0 },
    };
  }

  diagnostics(): Readonly<Record<string, string | number>> {
    const { shadow, swaps, refusal, agreement, shadow_missed } = this.state;
    return {
      ...this.current.diagnostics?.(),
      ...{ model_swaps: swaps, model_refused: refusal },
      ...(agreement === null
        ? {}
        : { shadow, shadow_frames: agreement.frames, shadow_same: agreement.same, shadow_missed }),
    };
  }

  /**
   * Loads another model and lets it take over before the next frame.
   * @returns whether it did; false also when a later wish was faster
   */
  async swap(open: () => Promise<Detector>): Promise<boolean> {
    const wish = ++this.wish;
    this.refusal = '';
    let detector: Detector;
    try {
      detector = await open();
    } catch (error) {
      if (wish === this.wish) this.refusal = reasonOf(error);
      return false;
    }
    if (wish !== this.wish || this.closed) {
      await detector.close();
      return false;
    }
    await this.next?.close();
    this.next = detector;
    this.takeOver();
    return true;
  }

  /** Loads a model to run beside the one in use; null ends it. */
  async shadow(open: (() => Promise<Detector>) | null): Promise<boolean> {
    const wish = ++this.shadow_wish;
    let detector: Detector | null = null;
    try {
      detector = open === null ? null : await open();
    } catch (error) {
      if (wish === this.shadow_wish) this.refusal = reasonOf(error);
      return false;
    }
    if (wish !== this.shadow_wish || this.closed) {
      await detector?.close();
      return false;
    }
    const before = this.beside;
    this.beside = detector === null ? null : new Shadow(detector);
    await before?.close();
    return true;
  }

  async detect(frame: RgbdFrame): Promise<Detections> {
    this.takeOver();
    const { current, beside } = this;
    this.busy++;
    try {
      const detections = await current.detect(frame);
      this.timing = current.timing;
      this.placement = current.placement ?? null;
      this.masks = current.masks;
      this.evidence = current.evidence ?? [];
      beside?.look(frame, detections);
      return detections;
    } finally {
      this.busy--;
      this.takeOver();
    }
  }

  /** Resolves when the model beside has looked at all that it was given. */
  async shadowSettled(): Promise<void> {
    await this.beside?.settled();
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([this.current.close(), this.next?.close(), this.beside?.close()]);
    this.next = null;
    this.beside = null;
  }

  /** Between frames only: one that is at work ends with the model that it began with. */
  private takeOver(): void {
    if (this.next === null || this.busy > 0) return;
    const old = this.current;
    this.current = this.next;
    this.next = null;
    this.swaps++;
    old.close().catch(() => {});
  }
}

/** A model that looks at frames for comparison alone: it holds nothing up, and misses frames that come while it is busy. */
class Shadow {
  readonly detector: Detector;
  readonly agreement = new AgreementCounter();
  missed = 0;
  private work: Promise<void> | null = null;

  constructor(detector: Detector) {
    this.detector = detector;
  }

  look(frame: RgbdFrame, said: Detections): void {
    if (this.work !== null) {
      this.missed++;
      return;
    }
    this.work = this.detector
      .detect(frame)
      .then((own) => void this.agreement.add(said, own))
      .catch(() => void this.missed++)
      .finally(() => {
        this.work = null;
      });
  }

  async settled(): Promise<void> {
    await this.work;
  }

  async close(): Promise<void> {
    await this.work;
    await this.detector.close();
  }
}
