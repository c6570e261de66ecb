import type { AlarmPriority } from '../protocol/index.ts';

/** Something that asks for a response. */
export interface Condition {
  /** The same condition has the same key. */
  readonly key: string;
  readonly priority: AlarmPriority;
  readonly text: string;
  /** What to do, in plain words. */
  readonly remedy: string;
  /** It must last so long before it is an alarm, ms; at once where it is left out. */
  readonly after_ms?: number;
}
