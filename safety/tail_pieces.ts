import type { JointGuard } from './joint_guard.ts';

/** Cycles of the longest of the stops from the joints' states. */
export function longestStop(joints: readonly JointGuard[]): number {
  let cycles = 0;
  for (let k = 0; k < joints.length; k++) if (joints[k].tail.cycles > cycles) cycles = joints[k].tail.cycles;
  return cycles;
}

/**
 * A stop in pieces from its beginning to its end, each halved as often as whoever looks at it asks. Allocates nothing after
 * construction.
 */
export class TailPieces {
  /** First cycle of the piece in hand. */
  from = 0;
  /** Last cycles of the piece in hand, at the top, and of those after it. */
  private readonly ends = new Int32Array(64);
  private depth = 0;

  /** Last cycle of the piece in hand. */
  get to(): number {
    return this.ends[this.depth - 1];
  }

  /** Whether every piece has been settled. */
  get done(): boolean {
    return this.depth === 0;
  }

  /** The whole stop, of so many cycles, as one piece. */
  begin(cycles: number): void {
    this.from = 0;
    this.depth = 1;
    this.ends[0] = cycles;
  }

  /** The piece in hand is settled: on to the next. */
  settle(): void {
    this.from = this.to;
    this.depth--;
  }

  /** The part of the piece in hand up to cycle `middle` becomes the piece in hand, and the rest the next. */
  halve(middle: number): void {
    this.ends[this.depth++] = middle;
  }
}
