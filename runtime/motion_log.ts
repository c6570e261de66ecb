import { readFileSync, writeFileSync } from 'node:fs';
import { InputError } from '../contracts/index.ts';
import { ARM_PHASES, type ArmPhase } from './arm_protocol.ts';

const BLOCK_ROWS = 4096;
/** Doubles of a row before its n positions (rad) and n velocities (rad/s): time (s), last sequence, phase's index. */
const HEAD = 3;

/** What an arm did, one row for each of its cycles; kept in memory and written to a file at the end. */
export class MotionLog {
  rows = 0;
  private readonly joints: number;
  private readonly blocks: Float64Array[] = [];

  constructor(joints: number) {
    this.joints = joints;
  }

  /** `time_s`: the arm's own monotonic clock. */
  add(time_s: number, sequence: number, phase: ArmPhase, q: Float64Array, v: Float64Array): void {
    const width = HEAD + 2 * this.joints;
    const at = (this.rows % BLOCK_ROWS) * width;
    if (at === 0) this.blocks.push(new Float64Array(BLOCK_ROWS * width));
    const block = this.blocks[this.blocks.length - 1];
    block[at] = time_s;
    block[at + 1] = sequence;
    block[at + 2] = ARM_PHASES.indexOf(phase);
    for (let i = 0; i < this.joints; i++) {
      block[at + HEAD + i] = q[i];
      block[at + HEAD + this.joints + i] = v[i];
    }
    this.rows++;
  }

  /** The number of joints, then the rows, all as float64 of this machine. */
  write(file: string): void {
    const width = HEAD + 2 * this.joints;
    const all = new Float64Array(1 + this.rows * width);
    all[0] = this.joints;
    this.blocks.forEach((block, i) => {
      all.set(block.subarray(0, Math.min(BLOCK_ROWS, this.rows - i * BLOCK_ROWS) * width), 1 + i * block.length);
    });
    writeFileSync(file, new Uint8Array(all.buffer));
  }
}

/** A motion log read back. */
export class RecordedMotion {
  readonly joints: number;
  readonly rows: number;
  private readonly values: Float64Array;
  private readonly width: number;

  /** Throws InputError when the file is no motion log. */
  constructor(file: string) {
    const bytes = readFileSync(file);
    const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~7)));
    this.joints = values[0];
    this.width = HEAD + 2 * this.joints;
    this.rows = (values.length - 1) / this.width;
    this.values = values;
    if (!Number.isInteger(this.rows) || bytes.length % 8 !== 0) {
      throw new InputError(`motion log ${file} of ${bytes.length} bytes`, 'must hold whole rows; record it again');
    }
  }

  time_s(row: number): number {
    return this.values[1 + row * this.width];
  }

  sequence(row: number): number {
    return this.values[2 + row * this.width];
  }

  phase(row: number): ArmPhase {
    return ARM_PHASES[this.values[3 + row * this.width]];
  }

  /** Joint positions (rad) and velocities (rad/s) of a row. */
  q(row: number): Float64Array {
    const from = 1 + row * this.width + HEAD;
    return this.values.subarray(from, from + this.joints);
  }

  v(row: number): Float64Array {
    const from = 1 + row * this.width + HEAD + this.joints;
    return this.values.subarray(from, from + this.joints);
  }

  /** First row at or after `time_s`. */
  rowAt(time_s: number): number {
    let [low, high] = [0, this.rows];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time_s(middle) < time_s) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
