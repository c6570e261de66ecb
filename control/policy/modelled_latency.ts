import type { Rng } from '../../contracts/index.ts';
import type { PolicyInference } from './inference.ts';

/** An inference whose open question can be waited for. */
export interface AwaitedInference extends PolicyInference {
  /** Resolves when the open question has been answered or has failed; at once without one. */
  answered(): Promise<void>;
}

/**
 * A policy's answers as late as they are modelled to be, in cycles of the control loop and whatever the machine takes: the
 * same seed gives the same cycles. The loop's owner awaits `settle` between cycles; a cycle that comes before it throws.
 */
export class ModelledLatency implements PolicyInference {
  private readonly inner: AwaitedInference;
  private readonly rng: Rng;
  private readonly least: number;
  private readonly most: number;
  /** Cycles until the open question is answered, −1 for none open. */
  private left = -1;
  private settled = true;

  /** @param least,most  whole cycles between question and answer, drawn evenly from this range; at least 1 */
  constructor(inner: AwaitedInference, rng: Rng, least: number, most: number) {
    if (!(Number.isInteger(least) && Number.isInteger(most) && least >= 1 && most >= least)) {
      throw new RangeError(`latency of ${least} to ${most} cycles: whole numbers of at least 1`);
    }
    this.inner = inner;
    this.rng = rng;
    this.least = least;
    this.most = most;
  }

  get failure(): string {
    return this.left < 0 ? this.inner.failure : '';
  }

  submit(step: number, observation: Float32Array): boolean {
    if (this.left >= 0 || !this.inner.submit(step, observation)) return false;
    this.left = this.least + this.rng.int(this.most - this.least + 1);
    this.settled = false;
    return true;
  }

  take(chunk: Float32Array): number {
    if (this.left < 0) return -1;
    if (this.left > 0) {
      this.left--;
      if (this.left > 0) return -1;
    }
    if (!this.settled) throw new Error('ModelledLatency.take before settle: await it between cycles');
    this.left = -1;
    return this.inner.take(chunk);
  }

  /** Between two cycles: null if the next one needs no answer, else what to await before it. */
  settle(): Promise<void> | null {
    if (this.settled || this.left > 1) return null;
    return this.inner.answered().then(() => {
      this.settled = true;
    });
  }
}
