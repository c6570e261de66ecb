import { InputError, type Pose } from '../../contracts/index.ts';
import { quaternionToMatrix } from '../../dynamics/index.ts';

/** What can be asked for: nothing, a tool twist, a tool pose, joint positions or joint velocities. */
export type ServoCommandKind = 'none' | 'twist' | 'pose' | 'joint_position' | 'joint_velocity';

/** The command in force, in arrays that are written anew by every command. */
export class ServoCommand {
  kind: ServoCommandKind = 'none';
  /** Frame of the twist's axes. */
  frame = 0;
  /** Linear (m/s) over angular (rad/s). */
  readonly twist = new Float64Array(6);
  /** T_base_tool wanted: rotation row-major 9 and position 3 (m). */
  readonly pose = new Float64Array(12);
  /** Positions (rad) or velocities (rad/s). */
  readonly joints: Float64Array;
  /** Dimensions of the twist, in its frame: commanded, and free to drift; 1 or 0. */
  readonly commanded = new Uint8Array(6).fill(1);
  readonly drifting = new Uint8Array(6);
  /** Time of the last cycle, and when the command was made (s). */
  private readonly times = Float64Array.of(Number.NaN, Number.NaN);
  /** How old a command, and what a camera saw, may become (s). */
  private readonly stale_s: Float64Array;
  private readonly first_age_s = new Float64Array(1);
  private seen = false;

  constructor(joints: number, stale_s: number, camera_stale_s: number) {
    this.joints = new Float64Array(joints);
    this.stale_s = Float64Array.of(stale_s, camera_stale_s);
  }

  /** Takes a command of a kind that came `age_s` after it was made, or `seen` by a camera. */
  take(kind: Exclude<ServoCommandKind, 'none'>, age_s: number, seen = false): void {
    if (!(age_s >= 0)) throw new InputError(`age_s ${age_s} of a servo command`, 'must be at least 0');
    this.kind = kind;
    // Counted from the last cycle: what comes while none runs is old when the next does.
    this.times[1] = this.times[0] - age_s;
    this.first_age_s[0] = age_s;
    this.seen = seen;
  }

  /** Before a cycle at `motion_s` (s). */
  cycleAt(motion_s: number): void {
    this.times[0] = motion_s;
    // What came before the first cycle counts from it.
    if (Number.isNaN(this.times[1])) this.times[1] = motion_s - this.first_age_s[0];
  }

  /** Age of the command in this cycle (s) into out[at]. */
  findAge(out: Float64Array, at: number): void {
    out[at] = this.times[0] - this.times[1];
  }

  stale(ages: Float64Array, at: number): boolean {
    return !(ages[at] <= this.stale_s[this.seen ? 1 : 0]);
  }
}

/** Copies finite numbers; InputError for another count or for one that is not finite. */
export function takeNumbers(values: ArrayLike<number>, out: Float64Array, what: string): void {
  if (values.length !== out.length) {
    throw new InputError(`${what} of ${values.length} numbers`, `must have ${out.length}`);
  }
  for (let i = 0; i < out.length; i++) {
    if (!Number.isFinite(values[i])) throw new InputError(`${what}[${i}] = ${values[i]}`, 'must be finite');
  }
  for (let i = 0; i < out.length; i++) out[i] = values[i];
}

/** A pose as rotation row-major 9 and position 3 (m); InputError for what is not finite or no unit quaternion. */
export function takePose({ position, orientation }: Pose, out: Float64Array): void {
  const place = new Float64Array(3);
  const turn = new Float64Array(4);
  takeNumbers(position, place, 'position');
  takeNumbers(orientation, turn, 'orientation');
  const norm = Math.hypot(turn[0], turn[1], turn[2], turn[3]);
  if (!(Math.abs(norm - 1) < 1e-3)) throw new InputError(`orientation of length ${norm}`, 'must be a unit quaternion');
  quaternionToMatrix(turn, 0, out);
  out.set(place, 9);
}
