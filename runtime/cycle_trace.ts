import { SAFETY_MODES } from '../contracts/index.ts';
import type { SafetyGate, SafetyMode } from '../safety/index.ts';

/** Cycles that are remembered, a power of two. */
const ROWS = 2048;
const HEAD = 7;

/** What the gate did in one cycle. */
export interface CycleRow {
  /** Number of the cycle; its time and lateness, s. */
  readonly cycle: number;
  readonly t_s: number;
  readonly lateness_s: number;
  readonly lease_valid: boolean;
  readonly mode: SafetyMode;
  /** Of the command sent in it. */
  readonly sequence: number;
  readonly stop_time_s: number;
  readonly velocity: readonly number[];
}

export function traceBytes(joints: number): number {
  return 8 + 8 * ROWS * (HEAD + joints);
}

/** The last 2048 cycles in shared memory, for the question of what happened after it happened. */
export class CycleTrace {
  private readonly count: Int32Array;
  private readonly rows: Float64Array;
  private readonly width: number;

  constructor(buffer: ArrayBufferLike, joints: number) {
    this.count = new Int32Array(buffer, 0, 1);
    this.width = HEAD + joints;
    this.rows = new Float64Array(buffer, 8, ROWS * this.width);
  }

  /** Notes a cycle that has just been run. */
  add(t_s: number, lateness_s: number, gate: SafetyGate): void {
    const { rows, width } = this;
    const cycle = this.count[0];
    const at = (cycle & (ROWS - 1)) * width;
    const { lastCommand } = gate;
    rows[at] = cycle;
    rows[at + 1] = t_s;
    rows[at + 2] = lateness_s;
    rows[at + 3] = gate.leaseValid ? 1 : 0;
    rows[at + 4] = SAFETY_MODES.indexOf(gate.mode);
    rows[at + 5] = lastCommand.sequence;
    rows[at + 6] = lastCommand.stop_time_s;
    for (let i = HEAD; i < width; i++) rows[at + i] = lastCommand.velocity[i - HEAD];
    Atomics.store(this.count, 0, cycle + 1);
  }

  /** The rows since cycle `from`, oldest first; without those that were overwritten while they were read. */
  read(from = 0): CycleRow[] {
    const copy = this.rows.slice();
    const end = Atomics.load(this.count, 0);
    const result: CycleRow[] = [];
    for (let cycle = Math.max(from, end - ROWS + 1, 0); cycle < end; cycle++) {
      const row = copy.subarray((cycle & (ROWS - 1)) * this.width, ((cycle & (ROWS - 1)) + 1) * this.width);
      if (row[0] !== cycle) continue;
      result.push({
        cycle,
        t_s: row[1],
        lateness_s: row[2],
        lease_valid: row[3] === 1,
        mode: SAFETY_MODES[row[4]],
        sequence: row[5],
        stop_time_s: row[6],
        velocity: Array.from(row.subarray(HEAD)),
      });
    }
    return result;
  }
}
