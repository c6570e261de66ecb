import type { JointLimits } from '../../dynamics/index.ts';
import { StoppingTail } from '../../safety/index.ts';

/** Share of the acceleration that changes of the wanted velocity take; stops take the whole. */
const CHANGE_SHARE = 0.7;

/**
 * The motion that is commanded, as the gate keeps it: positions, and velocities and accelerations as their backward
 * differences, within limits of velocity, acceleration and jerk. `propose…` fills the next state and the stop from it;
 * `commit` takes it. From a committed state `proposeStop` goes on with the stop that was known before. No allocation.
 */
export class ReferenceMotion {
  readonly n: number;
  /** Now, and one cycle on: rad, rad/s, rad/s². */
  readonly p: Float64Array;
  readonly v: Float64Array;
  readonly a: Float64Array;
  readonly next_p: Float64Array;
  readonly next_v: Float64Array;
  readonly next_a: Float64Array;
  /** Position of the stop from the proposal at one of its cycles, by `locateStop` (rad). */
  readonly stop_p: Float64Array;
  /** Upper bound of every joint's way from now until that stop has ended (rad). */
  readonly stop_way: Float64Array;
  /** Cycles until all joints are at rest after the proposal. */
  stop_cycles = 0;
  private readonly limits: JointLimits;
  private readonly hz: number;
  private readonly tails: readonly StoppingTail[];
  /** The wanted velocity on its way to the one last asked for: all joints change in proportion. */
  private readonly shaped: Float64Array;

  constructor(limits: JointLimits, hz: number) {
    const n = limits.velocity.length;
    this.n = n;
    this.limits = limits;
    this.hz = hz;
    this.p = new Float64Array(n);
    this.v = new Float64Array(n);
    this.a = new Float64Array(n);
    this.next_p = new Float64Array(n);
    this.next_v = new Float64Array(n);
    this.next_a = new Float64Array(n);
    this.stop_p = new Float64Array(n);
    this.stop_way = new Float64Array(n);
    this.shaped = new Float64Array(n);
    this.tails = Array.from({ length: n }, (_, i) => new StoppingTail(limits.acceleration[i], limits.jerk[i], 1 / hz));
  }

  get atRest(): boolean {
    for (let i = 0; i < this.n; i++) if (this.v[i] !== 0 || this.a[i] !== 0) return false;
    return true;
  }

  /** Takes over a motion (rad, rad/s, rad/s²). */
  set(position: Float64Array, velocity: Float64Array, acceleration: Float64Array): void {
    for (let i = 0; i < this.n; i++) {
      this.p[i] = position[i];
      this.v[i] = velocity[i];
      this.a[i] = acceleration[i];
      this.shaped[i] = velocity[i];
    }
  }

  /** Proposes the next state towards the velocities `wanted` (rad/s, within the limits), and finds the stop from it. */
  proposeVelocity(wanted: Float64Array): void {
    const { limits, hz, shaped, a } = this;
    let cycles = 1;
    for (let i = 0; i < this.n; i++) {
      const change = (Math.abs(wanted[i] - shaped[i]) * hz) / (CHANGE_SHARE * limits.acceleration[i]);
      if (change > cycles) cycles = change;
    }
    for (let i = 0; i < this.n; i++) {
      shaped[i] = cycles === 1 ? wanted[i] : shaped[i] + (wanted[i] - shaped[i]) / cycles;
      const A = this.tails[i].acceleration_limit;
      const d = this.tails[i].acceleration_step;
      // The acceleration from which ramping straight to zero ends at the velocity: Q⁻¹ of StoppingTail.
      const change = shaped[i] - this.v[i];
      const spent = Math.abs(change) * hz;
      const steps = Math.floor(0.5 * (Math.sqrt(1 + (8 * spent) / d) - 1));
      const size = (spent + 0.5 * d * steps * (steps + 1)) / (steps + 1);
      const best = change < 0 ? -size : size;
      this.next_a[i] = Math.max(-A, a[i] - d, Math.min(A, a[i] + d, best));
    }
    this.advance();
  }

  /** Proposes the next state of the stop from the present one, and finds what remains of it. */
  proposeStop(): void {
    const { tails } = this;
    for (let i = 0; i < this.n; i++) {
      const tail = tails[i];
      tail.velocity = this.v[i];
      tail.acceleration = this.a[i];
      tail.solve();
      this.next_a[i] = tail.next_acceleration;
    }
    this.advance();
    for (let i = 0; i < this.n; i++) this.shaped[i] = this.next_v[i];
  }

  /** Joint whose limits the proposal or the stop from it does not keep, −1 for none. */
  limitBroken(): number {
    const { limits, tails } = this;
    for (let i = 0; i < this.n; i++) {
      const tail = tails[i];
      const low = this.next_p[i] + Math.min(0, tail.end, tail.turn);
      const high = this.next_p[i] + Math.max(0, tail.end, tail.turn);
      // What is outside may move inwards.
      if (low < limits.position_lower[i] && low < this.p[i]) return i;
      if (high > limits.position_upper[i] && high > this.p[i]) return i;
      if (tail.peak_speed > limits.velocity[i] * ROUNDING && tail.peak_speed > Math.abs(this.v[i]) * ROUNDING) return i;
    }
    return -1;
  }

  /** Positions `cycle` cycles after the proposal, if it is stopped from there: into `stop_p`. */
  locateStop(cycle: number): void {
    const { tails, stop_p, next_p } = this;
    for (let i = 0; i < this.n; i++) {
      tails[i].locate(cycle);
      stop_p[i] = next_p[i] + tails[i].displacement;
    }
  }

  /** Way of a joint during the stop, and before the proposal, beyond the distance of its ends (rad). */
  extraWay(joint: number): number {
    const step = this.next_p[joint] - this.p[joint];
    const tail = this.tails[joint];
    return 2 * (Math.abs(tail.turn) + (step * tail.end < 0 ? Math.abs(step) : 0));
  }

  commit(): void {
    this.p.set(this.next_p);
    this.v.set(this.next_v);
    this.a.set(this.next_a);
  }

  private advance(): void {
    const { tails, hz, stop_way } = this;
    this.stop_cycles = 0;
    for (let i = 0; i < this.n; i++) {
      let a = this.next_a[i];
      let v = this.v[i] + a / hz;
      const step = v / hz;
      this.next_p[i] = this.p[i] + step;
      if (v < AT_REST && v > -AT_REST && a < AT_REST * hz && a > -AT_REST * hz) {
        v = 0;
        a = 0;
      }
      this.next_v[i] = v;
      this.next_a[i] = a;
      const tail = tails[i];
      tail.velocity = v;
      tail.acceleration = a;
      tail.solve();
      if ((v !== 0 || a !== 0) && tail.cycles > this.stop_cycles) this.stop_cycles = tail.cycles;
      stop_way[i] = Math.abs(step) + Math.abs(tail.turn) + Math.abs(tail.end - tail.turn);
    }
  }
}

/** Velocities that rounding leaves of a stop (rad/s). */
const AT_REST = 1e-13;
const ROUNDING = 1 + 1e-9;
