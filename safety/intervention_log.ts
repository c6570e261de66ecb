import { EFFECTS, type Effect, type ReasonName, reasonNames } from './reasons.ts';

/** One contiguous stretch in which the gate limited or stopped the motion. */
export interface Intervention {
  readonly start_s: number;
  readonly end_s: number;
  readonly cycles: number;
  readonly effect: Effect;
  /** Every reason met in the stretch. */
  readonly reasons: readonly ReasonName[];
}

/** Interventions as a ring allocated once: the count goes on, the newest `capacity` can be read. */
export class InterventionLog {
  /** Interventions since the start. */
  count = 0;
  /** Whether the newest goes on. */
  open = false;
  private readonly capacity: number;
  private readonly start_s: Float64Array;
  private readonly end_s: Float64Array;
  private readonly cycles: Int32Array;
  private readonly effects: Uint8Array;
  private readonly reasons: Int32Array;

  constructor(capacity = 1024) {
    this.capacity = capacity;
    this.start_s = new Float64Array(capacity);
    this.end_s = new Float64Array(capacity);
    this.cycles = new Int32Array(capacity);
    this.effects = new Uint8Array(capacity);
    this.reasons = new Int32Array(capacity);
  }

  /** Notes one cycle; `effect` is an index into EFFECTS, 0 ends the stretch. A graver effect begins a new one. */
  note(t_s: number, effect: number, reasons: number): void {
    if (effect === 0) {
      this.open = false;
      return;
    }
    const last = (this.count + this.capacity - 1) % this.capacity;
    if (this.open && this.effects[last] >= effect) {
      this.end_s[last] = t_s;
      this.cycles[last]++;
      this.reasons[last] |= reasons;
      return;
    }
    const slot = this.count % this.capacity;
    this.start_s[slot] = t_s;
    this.end_s[slot] = t_s;
    this.cycles[slot] = 1;
    this.effects[slot] = effect;
    this.reasons[slot] = reasons;
    this.count++;
    this.open = true;
  }

  /** The interventions still held, oldest first. */
  list(): Intervention[] {
    const held = Math.min(this.count, this.capacity);
    return Array.from({ length: held }, (_, index) => this.at(this.count - held + index));
  }

  /** The intervention that was number `index`, counted from 0; one of the newest `capacity`. */
  at(index: number): Intervention {
    const slot = index % this.capacity;
    return {
      start_s: this.start_s[slot],
      end_s: this.end_s[slot],
      cycles: this.cycles[slot],
      effect: EFFECTS[this.effects[slot]],
      reasons: reasonNames(this.reasons[slot]),
    };
  }
}
