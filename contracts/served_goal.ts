import type { GoalHandle } from './bus.ts';

/** Where the handle of a goal sends what its server says. */
export interface GoalOutlet<F, R> {
  readonly feedback: (feedback: F) => void;
  readonly end: (how: 'succeed' | 'abort', result: R) => void;
}

/** A goal as its server holds it, wherever its client is. */
export class ServedGoal<F, R> implements GoalHandle<F, R> {
  readonly id: number;
  done = false;
  cancelled = false;
  private readonly outlet: GoalOutlet<F, R>;
  private cancelCallback: (() => void) | null = null;

  constructor(id: number, outlet: GoalOutlet<F, R>) {
    this.id = id;
    this.outlet = outlet;
  }

  feedback(feedback: F): void {
    if (!this.done) this.outlet.feedback(feedback);
  }

  succeed(result: R): void {
    this.finish('succeed', result);
  }

  abort(result: R): void {
    this.finish('abort', result);
  }

  onCancel(callback: () => void): void {
    this.cancelCallback = callback;
  }

  /** The client wants it to end, or is gone. */
  cancel(): void {
    if (this.done || this.cancelled) return;
    this.cancelled = true;
    this.cancelCallback?.();
  }

  private finish(how: 'succeed' | 'abort', result: R): void {
    if (this.done) throw new Error(`goal ${this.id} was finished twice`);
    this.done = true;
    this.outlet.end(how, result);
  }
}
