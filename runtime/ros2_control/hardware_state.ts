import { type JointState, stampToSeconds } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { ClockOffset } from './clock_offset.ts';

/** Weight of the newest period in the mean. */
const PERIOD_GAIN = 0.02;

/**
 * The arm as joint_state_broadcaster tells of it: any order of joints, others beside them, velocities and efforts that may
 * be missing. Velocities are then differences of positions, efforts zero, and `problem` says so.
 */
export class HardwareState {
  /** Arm and gripper coordinates, nq: rad or m, rad/s or m/s, Nm or N. */
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly effort: Float64Array;
  /** When the state was measured and when it came, on our clock, s; −∞ before the first. */
  stamp_s = Number.NEGATIVE_INFINITY;
  arrival_s = Number.NEGATIVE_INFINITY;
  taken = 0;
  /** Not newer than the one before, or unusable. */
  dropped = 0;
  /** Mean time between states, s. */
  period_s = 0;
  /** What is wrong with what comes; empty when nothing is. */
  problem = '';
  readonly clock = new ClockOffset();
  /** Their clock less ours as it is used now, s. */
  clock_offset_s = 0;
  private first_s = Number.POSITIVE_INFINITY;
  private readonly robot: Robot;
  private names: readonly string[] = [];
  private index: readonly number[] = [];
  private theirs_s = Number.NEGATIVE_INFINITY;

  constructor(robot: Robot) {
    const { nq } = robot.model;
    this.robot = robot;
    this.position = robot.home_q.slice();
    this.velocity = new Float64Array(nq);
    this.effort = new Float64Array(nq);
  }

  /** From the first state to the last, s. */
  get watched_s(): number {
    return this.taken === 0 ? 0 : this.arrival_s - this.first_s;
  }

  /** Takes a message that came at `now_s`; false if it is of no use. @param origin_ns  our clock at time 0 */
  take(message: JointState, now_s: number, origin_ns: bigint): boolean {
    const problem = this.fault(message);
    if (problem !== '') {
      this.problem = problem;
      this.dropped++;
      return false;
    }
    const stamped = message.stamp_ns !== 0n;
    const theirs_s = stamped ? stampToSeconds(message.stamp_ns - origin_ns) : now_s;
    if (!(theirs_s > this.theirs_s)) {
      this.dropped++;
      return false;
    }
    if (stamped) this.clock.add(theirs_s, now_s);
    const since_s = theirs_s - this.theirs_s;
    this.theirs_s = theirs_s;
    this.read(message, since_s);
    if (this.taken > 0) this.period_s += (this.taken < 50 ? 1 / this.taken : PERIOD_GAIN) * (since_s - this.period_s);
    this.stamp_s = theirs_s - this.clock_offset_s;
    this.arrival_s = now_s;
    if (this.taken === 0) this.first_s = now_s;
    this.taken++;
    this.problem = stamped ? '' : 'joint states carry no stamp: their arrival is taken for it';
    if (message.velocity.length === 0) this.problem = 'joint states carry no velocities: differences stand for them';
    if (message.effort.length === 0) this.problem = 'joint states carry no efforts: overload and contact go unnoticed';
    return true;
  }

  /** Whether the states tell nothing of a coordinate. */
  lacks(coordinate: number): boolean {
    return this.taken > 0 && this.index[coordinate] < 0;
  }

  private fault({ names, position, velocity, effort }: JointState): string {
    if (names !== this.names && names.join() !== this.names.join()) {
      const index = this.robot.model.joint_names.map((name) => names.indexOf(name));
      const missing = this.robot.model.joint_names.slice(0, this.robot.arm_joints).filter((_, i) => index[i] < 0);
      if (missing.length > 0) return `joint states lack ${missing.join(', ')}; they name ${names.join(', ')}`;
      this.names = names;
      this.index = index;
    }
    const n = names.length;
    if (position.length !== n) return `joint states of ${n} names have ${position.length} positions`;
    for (const [values, what] of [
      [velocity, 'velocities'],
      [effort, 'efforts'],
    ] as const)
      if (values.length !== 0 && values.length !== n) return `joint states of ${n} names have ${values.length} ${what}`;
    for (let i = 0; i < this.robot.arm_joints; i++) {
      const p = position[this.index[i]];
      if (!Number.isFinite(p)) return `position ${p} of ${this.robot.model.joint_names[i]}`;
    }
    return '';
  }

  private read(message: JointState, since_s: number): void {
    const { index, position, velocity, effort } = this;
    for (let i = 0; i < index.length; i++) {
      const from = index[i];
      if (from < 0) continue;
      const before = position[i];
      if (Number.isFinite(message.position[from])) position[i] = message.position[from];
      if (message.velocity.length > 0) velocity[i] = finite(message.velocity[from]);
      else velocity[i] = this.taken > 0 ? (position[i] - before) / since_s : 0;
      effort[i] = message.effort.length > 0 ? finite(message.effort[from]) : 0;
    }
  }
}

/** Interfaces that a hardware component does not have are told as NaN. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
