import type { GoalHandle } from '../bus.ts';

/** Where the handle of a goal from the other end of a link sends what its server says. */
export interface GoalOutlet {
  readonly feedback: (feedback: unknown) => void;
  readonly end: (how: 'succeed' | 'abort', result: unknown) => void;
}

/** A goal that came over a link, as its server holds it. */
export class ServedGoal implements GoalHandle<unknown, unknown> {
  readonly id: number;
  done = false;
  private readonly outlet: GoalOutlet;
  private cancelled = false;
  private cancelCallback: (() => void) | null = null;

  constructor(id: number, outlet: GoalOutlet) {
    this.id = id;
    this.outlet = outlet;
  }

  feedback(feedback: unknown): void {
    if (!this.done) this.outlet.feedback(feedback);
  }

  succeed(result: unknown): void {
    this.finish('succeed', result);
  }

  abort(result: unknown): void {
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

  private finish(how: 'succeed' | 'abort', result: unknown): void {
    if (this.done) throw new Error(`goal ${this.id} was finished twice`);
    this.done = true;
    this.outlet.end(how, result);
  }
}
