import type { FrameBudget } from './frame_budget.ts';

export interface FrameLoopOptions {
  readonly budget: FrameBudget;
  /** @returns whether it has to be called again though nothing new comes */
  readonly draw: (now_ms: number) => boolean;
  /** Ends when what was drawn is on the screen. */
  readonly present: () => Promise<void>;
  readonly ratioChanged: () => void;
}

/** A frame is asked for this much before its time: the browser calls at its own turns. */
const EARLY_MS = 8;

/** Draws when something changed, as often as the budget lets it, and never a frame before the last one is done. */
export class FrameLoop {
  private readonly options: FrameLoopOptions;
  private dirty = false;
  private shown = true;
  private busy = false;
  private last_ms = -Infinity;
  private request = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(options: FrameLoopOptions) {
    this.options = options;
  }

  changed(): void {
    this.dirty = true;
    this.plan();
  }

  /** Nothing is drawn while nobody can see it. */
  show(visible: boolean): void {
    this.shown = visible;
    this.plan();
  }

  end(): void {
    this.ended = true;
    cancelAnimationFrame(this.request);
    clearTimeout(this.timer);
  }

  private plan(): void {
    if (!this.dirty || !this.shown || this.busy || this.ended || this.request !== 0 || this.timer !== undefined) return;
    const wait_ms = this.last_ms + this.options.budget.interval_ms - performance.now() - EARLY_MS;
    if (wait_ms > 0) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.plan();
      }, wait_ms);
      return;
    }
    this.request = requestAnimationFrame(() => void this.frame());
  }

  private async frame(): Promise<void> {
    const { draw, present, budget, ratioChanged } = this.options;
    this.request = 0;
    this.last_ms = performance.now();
    this.busy = true;
    this.dirty = draw(this.last_ms);
    // A frame that is lost with the graphics card is followed by the next one.
    await present().catch(() => {});
    this.busy = false;
    if (this.ended) return;
    if (budget.took(performance.now() - this.last_ms)) {
      ratioChanged();
      this.dirty = true;
    }
    this.plan();
  }
}
