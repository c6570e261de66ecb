import type { Wrench } from '../../contracts/index.ts';
import type { Finding, Monitor } from './finding.ts';

export interface WrenchLimits {
  /** Most that may act on the hand, N and Nm. */
  readonly force_N: number;
  readonly torque_Nm: number;
  /** A sensor that reports the very same numbers for so long while the arm moves has frozen, s. */
  readonly frozen_s: number;
}

/** Joints faster than this change what a sensor at the hand feels, rad/s. */
const MOVES_RAD_PER_S = 0.05;
/** How long one wrench counts, so that whoever looks sees it, s. */
const EVENT_S = 0.05;

/** Forces at the hand that nobody wants. */
export class WrenchExcessMonitor implements Monitor {
  private readonly limits: WrenchLimits;
  private event_s = Number.NEGATIVE_INFINITY;
  private event = '';

  constructor(limits: WrenchLimits) {
    this.limits = limits;
  }

  hear({ force, torque }: Wrench, now_s: number): void {
    const { force_N, torque_Nm } = this.limits;
    const f = Math.hypot(...force);
    const t = Math.hypot(...torque);
    if (f <= force_N && t <= torque_Nm) return;
    this.event_s = now_s;
    this.event = Number.isFinite(f + t)
      ? `${f.toFixed(0)} N and ${t.toFixed(1)} Nm at the hand, at most ${force_N} N and ${torque_Nm} Nm`
      : 'the wrench at the hand is no number';
  }

  look(now_s: number): Finding | null {
    return now_s - this.event_s < EVENT_S ? { fault: 'wrench_excess', detail: this.event } : null;
  }
}

/** A sensor that says the same while it must feel something else. */
export class WrenchFrozenMonitor implements Monitor {
  private readonly limits: WrenchLimits;
  private readonly last = new Float64Array(6).fill(Number.NaN);
  private changed_s = Number.NEGATIVE_INFINITY;
  /** How long the arm has moved since the numbers last changed, s. */
  private moved_s = 0;
  private seen_s = Number.NaN;
  private moves = false;

  constructor(limits: WrenchLimits) {
    this.limits = limits;
  }

  hear({ force, torque }: Wrench, now_s: number): void {
    const { last } = this;
    let changed = false;
    for (let k = 0; k < 6; k++) {
      const value = k < 3 ? force[k] : torque[k - 3];
      if (value !== last[k]) changed = true;
      last[k] = value;
    }
    if (!changed) return;
    this.changed_s = now_s;
    this.moved_s = 0;
  }

  /** Greatest speed of the arm's joints at the moment, rad/s. */
  hearSpeed(speed_rad_per_s: number): void {
    this.moves = speed_rad_per_s > MOVES_RAD_PER_S;
  }

  look(now_s: number): Finding | null {
    const { frozen_s } = this.limits;
    if (this.moves && this.changed_s > Number.NEGATIVE_INFINITY && now_s > this.seen_s)
      this.moved_s += now_s - this.seen_s;
    this.seen_s = now_s;
    if (this.moved_s <= frozen_s) return null;
    const detail = `the wrench at the hand has not changed while the arm moved for over ${1000 * frozen_s} ms`;
    return { fault: 'wrench_frozen', detail };
  }
}
