import type { WebGLRenderer } from 'three';
import type { FrameBudget } from './frame_budget.ts';

const POLL_MS = 4;
const MOST_POLLS = 250;

/** Draws when something changed, as often as the budget lets it, and never a frame before the last one is done. */
export class FrameLoop {
  private readonly renderer: WebGLRenderer;
  private readonly budget: FrameBudget;
  private readonly draw: (now_ms: number) => boolean;
  private readonly ratioChanged: () => void;
  private dirty = false;
  private shown = true;
  private busy = false;
  private last_ms = -Infinity;
  private request = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  /** `draw` says whether it has to be called again though nothing new comes. */
  constructor(
    renderer: WebGLRenderer,
    budget: FrameBudget,
    draw: (now_ms: number) => boolean,
    ratioChanged: () => void,
  ) {
    this.renderer = renderer;
    this.budget = budget;
    this.draw = draw;
    this.ratioChanged = ratioChanged;
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
    const wait_ms = this.last_ms + this.budget.interval_ms - performance.now() - 8;
    if (wait_ms > 0) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.plan();
      }, wait_ms);
      return;
    }
    this.request = requestAnimationFrame(() => this.frame());
  }

  private frame(): void {
    this.request = 0;
    const began_ms = performance.now();
    this.last_ms = began_ms;
    this.dirty = false;
    if (this.draw(began_ms)) this.dirty = true;
    this.busy = true;
    this.finish(began_ms);
  }

  /** The card works on by itself: a fence says when it is done. */
  private finish(began_ms: number): void {
    const gl = this.renderer.getContext() as WebGL2RenderingContext;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    let polls = 0;
    const poll = () => {
      if (this.ended) return;
      const done = fence === null || gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.SIGNALED;
      if (!done && ++polls < MOST_POLLS) {
        setTimeout(poll, POLL_MS);
        return;
      }
      gl.deleteSync(fence);
      this.busy = false;
      if (this.budget.took(performance.now() - began_ms)) {
        this.ratioChanged();
        this.dirty = true;
      }
      this.plan();
    };
    setTimeout(poll, 0);
  }
}
