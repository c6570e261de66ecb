import type { JointState } from '../../contracts/index.ts';
import type { JointLimits } from '../../dynamics/index.ts';
import type { Finding, Monitor } from './finding.ts';

/** How far outside its limits a joint may be reported: zeros may be wrong, and stops give way, rad (m). */
const POSITION_MARGIN_RAD = 0.1;
/** The same for efforts, as a share of the limit. */
const EFFORT_MARGIN = 0.25;
/** Velocity reported against differences of positions: most that they differ by, rad/s and as a share of the greatest speed. */
const VELOCITY_MARGIN_RAD_S = 0.1;
const VELOCITY_MARGIN_SHARE = 0.05;
/** Time over which positions are compared with velocities, s. */
const WINDOW_S = 0.05;
/** States farther apart than this are not compared, s. */
const LONGEST_GAP_S = 0.05;
/** How long what was wrong with one state counts, so that whoever looks sees it, s. */
const EVENT_S = 0.05;

/**
 * Whether what the arm reports can be true: finite numbers, positions and efforts that the arm can have, and velocities that
 * are the differences of its positions, which those of a frozen encoder are not.
 */
export class StatePlausibilityMonitor implements Monitor {
  private readonly limits: JointLimits;
  private readonly joints: number;
  private readonly stamp_jitter_s: number;
  /** Integral of the reported velocities and change of the positions since the window began. */
  private readonly travelled: Float64Array;
  private readonly start: Float64Array;
  private readonly velocity: Float64Array;
  private window_s = 0;
  private stamp_ns = -1n;
  private event_s = Number.NEGATIVE_INFINITY;
  private event = '';

  /**
   * @param joints  of the arm, the first in a state
   * @param stamp_jitter_s  how late or early a state may be stamped: a moving arm then seems faster or slower than it is
   */
  constructor(limits: JointLimits, joints: number, stamp_jitter_s = 0) {
    this.limits = limits;
    this.stamp_jitter_s = stamp_jitter_s;
    this.joints = joints;
    this.travelled = new Float64Array(joints);
    this.start = new Float64Array(joints);
    this.velocity = new Float64Array(joints);
  }

  hear(state: JointState, now_s: number): void {
    const wrong = this.wrongByItself(state) || this.wrongSince(state);
    if (wrong === '') return;
    this.event = wrong;
    this.event_s = now_s;
  }

  look(now_s: number): Finding | null {
    return now_s - this.event_s < EVENT_S ? { fault: 'state_implausible', detail: this.event } : null;
  }

  private wrongByItself({ names, position, velocity, effort }: JointState): string {
    const { limits, joints } = this;
    for (let i = 0; i < joints; i++) {
      const p = position[i];
      if (!Number.isFinite(p + velocity[i] + effort[i])) return `${names[i]} reports what is no number`;
      if (p < limits.position_lower[i] - POSITION_MARGIN_RAD || p > limits.position_upper[i] + POSITION_MARGIN_RAD) {
        return `${names[i]} at ${p.toFixed(3)} rad, within ${limits.position_lower[i]} to ${limits.position_upper[i]}`;
      }
      const most = (1 + EFFORT_MARGIN) * limits.effort[i];
      if (Math.abs(effort[i]) > most) {
        return `${names[i]} reports ${effort[i].toFixed(1)} Nm, at most ${most.toFixed(1)}`;
      }
    }
    return '';
  }

  /** Compares positions with velocities over a window. */
  private wrongSince({ names, position, velocity, stamp_ns }: JointState): string {
    const { travelled, start, joints } = this;
    const dt_s = Number(stamp_ns - this.stamp_ns) / 1e9;
    const goes_on = this.stamp_ns >= 0n && dt_s > 0 && dt_s <= LONGEST_GAP_S;
    if (this.stamp_ns >= 0n && dt_s <= 0) return '';
    let wrong = '';
    if (goes_on) {
      this.window_s += dt_s;
      for (let i = 0; i < joints; i++) travelled[i] += 0.5 * dt_s * (velocity[i] + this.velocity[i]);
      if (this.window_s >= WINDOW_S) {
        for (let i = 0; i < joints; i++) {
          const off = (position[i] - start[i] - travelled[i]) / this.window_s;
          const speed = Math.max(Math.abs(velocity[i]), Math.abs(this.velocity[i]));
          const jitter = (speed * this.stamp_jitter_s) / this.window_s;
          const most = VELOCITY_MARGIN_RAD_S + VELOCITY_MARGIN_SHARE * this.limits.velocity[i] + jitter;
          if (Math.abs(off) <= most) continue;
          wrong = `${names[i]} moves by ${off.toFixed(2)} rad/s other than it reports, at most ${most.toFixed(2)}`;
        }
      }
    }
    if (!goes_on || this.window_s >= WINDOW_S) {
      this.window_s = 0;
      travelled.fill(0);
      for (let i = 0; i < joints; i++) start[i] = position[i];
    }
    for (let i = 0; i < joints; i++) this.velocity[i] = velocity[i];
    this.stamp_ns = stamp_ns;
    return wrong;
  }
}
