import { TimedRing } from '../history/timed_ring.ts';
import { struckOut } from './struck_out.ts';

interface Line {
  readonly at_ms: number;
  readonly text: string;
}

const LONGEST = 4096;
const LIMITS = { count: 20_000, bytes: 4 << 20 };

/** Lines of text of the last while, without secrets, in bounded memory. */
export class LineRing {
  private readonly lines: TimedRing<Line>;
  private readonly now_ms: () => number;

  /** @param now_ms  a clock that does not go back */
  constructor(now_ms: () => number, window_ms: number) {
    this.now_ms = now_ms;
    this.lines = new TimedRing<Line>({ ...LIMITS, ms: window_ms }, ({ text }) => 64 + 2 * text.length);
  }

  get bytes(): number {
    return this.lines.bytes;
  }

  add(text: string): void {
    this.lines.push({ at_ms: this.now_ms(), text: struckOut(text.slice(0, LONGEST)).trimEnd() });
  }

  /** All of them from a time on, one a line. */
  textSince(from_ms: number): string {
    return this.lines
      .between(from_ms, Number.POSITIVE_INFINITY)
      .map(({ text }) => `${text}\n`)
      .join('');
  }
}
