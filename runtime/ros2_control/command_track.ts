import { StoppingTail } from '../../safety/index.ts';
import { COMMAND, historyRows } from '../arm_protocol.ts';

/** The sender's cycles are followed by this part of what they are off, and of what they are off by more than a cycle; at most
 * so much quicker or slower: the first is mostly the age of what is seen, the second cycles that were skipped. */
const TIME_GAIN = 0.002;
const SKIPPED_GAIN = 0.01;
const MAX_TIME_RATE = 0.02;
/** Cycles of standing, beyond those remembered, after which the track's time may be set anew. */
const STANDING_CYCLES = 200;
/** Part of the acceleration limit that rounding may take, and rad that positions are uncertain by. */
const SLACK = 1.01;
const ROUNDING_RAD = 1e-9;
/** An offset below this is none, rad. */
const LEAST_OFFSET_RAD = 1e-6;

/** `taken`: the track goes on. `gap`: commands between are lost. `jump`: no motion within the limits leads there. */
export type Extension = 'taken' | 'gap' | 'jump';

/**
 * The commands of a control loop as a function of time: row of cycle k at time T_k, and after the newest the stop that the
 * gate verified with it. T follows the clock the commands are seen on smoothly, so that the loop's skipped cycles and this
 * reader's own lateness do not shake the motion; a row's time never changes once it has one.
 *
 * An offset (rad) given at the begin is carried by all rows and led to zero: how far the arm stood from the first command.
 */
export class CommandTrack {
  readonly joints: number;
  readonly cycle_s: number;
  /** Cycle of the newest row; what lies before the first is as the first. */
  sequence = 0;
  /** How often the track was begun. */
  begun = 0;
  /** Rows of cycles `sequence` + 1 … `sequence` + tail_cycles are the stop from the newest. */
  tail_cycles = 0;
  private readonly rows: number;
  private readonly position: Float64Array;
  private readonly time: Float64Array;
  private readonly tails: readonly StoppingTail[];
  private readonly offset: Float64Array;
  private readonly blend_s: number;
  private begun_s = 0;
  private standing = 0;

  /** @param rows  cycles that are remembered */
  constructor(joints: number, hz: number, rows: number, blend_s: number) {
    this.joints = joints;
    this.cycle_s = 1 / hz;
    this.rows = rows;
    this.position = new Float64Array(rows * joints);
    this.time = new Float64Array(rows);
    this.tails = Array.from({ length: joints }, () => new StoppingTail(1, 1, 1 / hz));
    this.offset = new Float64Array(joints);
    this.blend_s = blend_s;
  }

  /** Starts with a command at rest, seen at `now_s`, of an arm whose own reference stands at `from` (rad). */
  begin(record: Float64Array, now_s: number, from: ArrayLike<number>): void {
    const { joints, rows, position, time, offset } = this;
    this.sequence = record[COMMAND.sequence];
    this.begun++;
    this.begun_s = now_s;
    this.standing = rows;
    for (let r = 0; r < rows; r++) {
      const row = this.row(this.sequence - r);
      time[row] = now_s - r * this.cycle_s;
      for (let i = 0; i < joints; i++) position[row * joints + i] = record[COMMAND.joints + i];
    }
    for (let i = 0; i < joints; i++) {
      const off_rad = from[i] - record[COMMAND.joints + i];
      offset[i] = Math.abs(off_rad) < LEAST_OFFSET_RAD ? 0 : off_rad;
    }
    this.solveTails(record);
  }

  /** Takes the commands up to that of a record, seen at `now_s`; nothing of a record that does not go on from the last. */
  extend(record: Float64Array, now_s: number): Extension {
    const { joints, position, time, cycle_s, rows } = this;
    const news = record[COMMAND.sequence] - this.sequence;
    if (news > historyRows(record.length, joints) || news >= rows) return 'gap';
    if (!this.goesOn(record, news)) return 'jump';
    const newest = COMMAND.joints + 5 * joints;
    const predicted_s = this.time[this.row(this.sequence)] + news * cycle_s;
    // The newest command is half a cycle old on average when it is seen.
    const off = (now_s - 0.5 * cycle_s - predicted_s) / cycle_s;
    const skipped = off - Math.min(Math.max(off, -1), 1);
    const rate = Math.min(Math.max(TIME_GAIN * off + SKIPPED_GAIN * skipped, -MAX_TIME_RATE), MAX_TIME_RATE);
    for (let k = news - 1; k >= 0; k--) {
      const before = this.row(this.sequence);
      this.sequence++;
      const row = this.row(this.sequence);
      let moved = false;
      for (let i = 0; i < joints; i++) {
        const p = record[newest + k * joints + i];
        moved ||= p !== position[before * joints + i];
        position[row * joints + i] = p;
      }
      time[row] = time[before] + cycle_s * (1 + rate);
      this.standing = moved ? 0 : this.standing + 1;
    }
    this.solveTails(record);
    if (this.standing > STANDING_CYCLES + rows && this.settled(now_s)) this.setTime(now_s);
    return 'taken';
  }

  /** Whether the positions of the last `news` commands follow from those before with accelerations within their limit. */
  private goesOn(record: Float64Array, news: number): boolean {
    const { joints, position, cycle_s } = this;
    const limits = COMMAND.joints + 3 * joints;
    const newest = limits + 2 * joints;
    const last = this.row(this.sequence) * joints;
    const before = this.row(this.sequence - 1) * joints;
    for (let i = 0; i < joints; i++) {
      const most =
        Math.max(record[limits + i], Math.abs(record[limits - joints + i])) * SLACK * cycle_s ** 2 + ROUNDING_RAD;
      let p = position[last + i];
      let step = p - position[before + i];
      for (let k = news - 1; k >= 0; k--) {
        const next = record[newest + k * joints + i];
        if (!(Math.abs(next - p - step) <= most)) return false;
        step = next - p;
        p = next;
      }
    }
    return true;
  }

  /** Whether the last `cycles` commands are one and the same, and no stop is left. */
  standsSince(cycles: number): boolean {
    return this.standing >= cycles && this.tail_cycles === 0;
  }

  /** Whether the offset has been led to zero by the newest command's time. */
  get blended(): boolean {
    return this.offset_left === 0;
  }

  private get offset_left(): number {
    let any = false;
    for (let i = 0; i < this.joints; i++) any ||= this.offset[i] !== 0;
    if (!any) return 0;
    return Math.max(0, this.begun_s + this.blend_s - this.timeOf(this.sequence));
  }

  /** Time of cycle `sequence`, which may be one of the stop's, s. */
  timeOf(sequence: number): number {
    const ahead = sequence - this.sequence;
    if (ahead > 0) return this.time[this.row(this.sequence)] + ahead * this.cycle_s;
    if (ahead <= -this.rows)
      return this.time[this.row(this.sequence - this.rows + 1)] + (ahead + this.rows - 1) * this.cycle_s;
    return this.time[this.row(sequence)];
  }

  /** Position of joint i in cycle `sequence` with its part of the offset, rad. */
  positionOf(sequence: number, i: number): number {
    return this.commandOf(sequence, i) + this.offsetAt(this.timeOf(sequence), i);
  }

  /** Last cycle that differs from those after it: of the stop, or of what is left of the offset. */
  get last_sequence(): number {
    return this.sequence + Math.max(this.tail_cycles, Math.ceil(this.offset_left / this.cycle_s));
  }

  /** Cycle at `time_s`, with its fraction; within what is remembered and the stop. */
  sequenceAt(time_s: number): number {
    const newest_s = this.timeOf(this.sequence);
    if (time_s >= newest_s)
      return Math.min(this.sequence + (time_s - newest_s) / this.cycle_s, this.sequence + this.tail_cycles);
    let low = this.sequence - this.rows + 1;
    if (time_s <= this.timeOf(low)) return low;
    let high = this.sequence;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.timeOf(middle) <= time_s) low = middle;
      else high = middle;
    }
    return low + (time_s - this.timeOf(low)) / (this.timeOf(high) - this.timeOf(low));
  }

  /** Fills what is commanded for `time_s`, with its part of the offset or without: rad, and its rate over a cycle, rad/s. */
  sample(time_s: number, position: Float64Array, velocity: Float64Array, with_offset: boolean): void {
    const at = this.sequenceAt(time_s);
    const k = Math.floor(at);
    const part = at - k;
    const span_s = this.timeOf(k + 1) - this.timeOf(k);
    for (let i = 0; i < this.joints; i++) {
      const a = with_offset ? this.positionOf(k, i) : this.commandOf(k, i);
      const change = (with_offset ? this.positionOf(k + 1, i) : this.commandOf(k + 1, i)) - a;
      position[i] = a + part * change;
      velocity[i] = change / span_s;
    }
  }

  private commandOf(sequence: number, i: number): number {
    const ahead = sequence - this.sequence;
    if (ahead <= 0)
      return this.position[this.row(ahead <= -this.rows ? this.sequence - this.rows + 1 : sequence) * this.joints + i];
    const tail = this.tails[i];
    tail.locate(Math.min(ahead, tail.cycles));
    return this.position[this.row(this.sequence) * this.joints + i] + tail.displacement;
  }

  /** What is left of the offset: 1 − (10u³ − 15u⁴ + 6u⁵) of it. */
  private offsetAt(time_s: number, i: number): number {
    if (this.offset[i] === 0) return 0;
    const u = Math.min(Math.max((time_s - this.begun_s) / this.blend_s, 0), 1);
    return this.offset[i] * (1 - u ** 3 * (10 - 15 * u + 6 * u * u));
  }

  private settled(now_s: number): boolean {
    return now_s > this.begun_s + this.blend_s + this.rows * this.cycle_s;
  }

  private setTime(now_s: number): void {
    for (let r = 0; r < this.rows; r++) this.time[this.row(this.sequence - r)] = now_s - (r + 0.5) * this.cycle_s;
  }

  private solveTails(record: Float64Array): void {
    const { joints, tails } = this;
    const at = COMMAND.joints;
    this.tail_cycles = 0;
    for (let i = 0; i < joints; i++) {
      const tail = tails[i];
      const [v, a] = [record[at + joints + i], record[at + 2 * joints + i]];
      tail.configure(Math.max(record[at + 3 * joints + i], Math.abs(a) * (1 + 1e-9)), record[at + 4 * joints + i]);
      tail.velocity = v;
      tail.acceleration = a;
      tail.solve();
      if ((v !== 0 || a !== 0) && tail.cycles > this.tail_cycles) this.tail_cycles = tail.cycles;
    }
  }

  private row(sequence: number): number {
    return ((sequence % this.rows) + this.rows) % this.rows;
  }
}
