import type { JointState } from '../../contracts/index.ts';
import type { JointLimits } from '../../dynamics/index.ts';
import type { Finding, Monitor } from './finding.ts';

/** What a measured position may be off by beside motion at the greatest speed, rad (m). */
const NOISE_RAD = 0.02;
/** Beyond the joints' own limit that a push can move them. */
const OVERSPEED = 1.2;
/** Two states farther apart in time say nothing of a jump, s. */
const LONGEST_GAP_S = 0.5;
/** How long a jump counts, so that whoever looks sees it, s. */
const EVENT_S = 0.05;

/** Finds joints that were reported where they cannot have come to since the state before. */
export class StateJumpMonitor implements Monitor {
  private readonly velocity: Float64Array;
  private readonly before: Float64Array;
  private stamp_ns = -1n;
  private event_s = Number.NEGATIVE_INFINITY;
  private event = '';

  /** @param joints  of the arm, the first in a state */
  constructor(limits: JointLimits, joints: number) {
    this.velocity = limits.velocity.slice(0, joints);
    this.before = new Float64Array(joints);
  }

  hear({ names, position, stamp_ns }: JointState, now_s: number): void {
    const { before, velocity } = this;
    const dt_s = Number(stamp_ns - this.stamp_ns) / 1e9;
    if (this.stamp_ns >= 0n && dt_s > 0 && dt_s < LONGEST_GAP_S) {
      for (let i = 0; i < before.length; i++) {
        const jump = Math.abs(position[i] - before[i]);
        const most = OVERSPEED * velocity[i] * dt_s + NOISE_RAD;
        if (!(jump > most)) continue;
        this.event = `${names[i]} moved by ${jump.toFixed(3)} rad within ${(1000 * dt_s).toFixed(0)} ms, at most ${most.toFixed(3)}`;
        this.event_s = now_s;
      }
    }
    if (dt_s <= 0 && this.stamp_ns >= 0n) return;
    for (let i = 0; i < before.length; i++) before[i] = position[i];
    this.stamp_ns = stamp_ns;
  }

  look(now_s: number): Finding | null {
    return now_s - this.event_s < EVENT_S ? { fault: 'state_jump', detail: this.event } : null;
  }
}
