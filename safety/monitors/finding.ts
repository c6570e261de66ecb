import type { Degradation } from '../../contracts/index.ts';
import type { Fault } from './reactions.ts';

/** What a monitor has found: which fault, and in words, with value and limit. */
export interface Finding {
  readonly fault: Fault;
  readonly detail: string;
  /** Where this one is worse than its fault usually is: what it leads to at least. */
  readonly at_least?: Degradation;
}

/** Looks for one kind of fault in what it has heard. Times are the caller's, s, and rise. */
export interface Monitor {
  /** What is wrong now; null for nothing. */
  look(now_s: number): Finding | null;
}
