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

/** Of its messages a sensor with noise changes this share at least, of about the last MEMORY. */
const LIVELY = 0.8;
const MEMORY = 50;

/**
 * A sensor that says the very same while it must feel something else. Only one that has noise can be told from one that
 * feels nothing: one that repeats itself anyway, or begins with nothing at all, is not judged.
 */
export class WrenchFrozenMonitor implements Monitor {
  private readonly frozen_s: number;
  private readonly last = new Float64Array(6).fill(Number.NaN);
  /** Share of the messages before the last change that brought other numbers. */
  private lively = 0;
  private repeated = 0;
  /** How long the arm has moved since the numbers last changed, s. */
  private moved_s = 0;
  private seen_s = Number.NaN;
  private moves = false;
  /** Messages so far, and whether there was one of all zeros among the first. */
  private heard = 0;
  private noiseless = false;

  constructor({ frozen_s }: Pick<WrenchLimits, 'frozen_s'>) {
    this.frozen_s = frozen_s;
  }

  hear({ force, torque }: Wrench): void {
    const { last } = this;
    let changed = false;
    for (let k = 0; k < 6; k++) {
      const value = k < 3 ? force[k] : torque[k - 3];
      if (value !== last[k]) changed = true;
      last[k] = value;
    }
    if (this.heard++ < MEMORY && last.every((value) => value === 0)) this.noiseless = true;
    if (!changed) {
      this.repeated++;
      return;
    }
    // Repeated numbers count against its noise only once others come again: until then it may be frozen.
    this.lively *= (1 - 1 / MEMORY) ** this.repeated;
    this.lively += (1 - this.lively) / MEMORY;
    this.repeated = 0;
    this.moved_s = 0;
  }

  /** Greatest speed of the arm's joints at the moment, rad/s. */
  hearSpeed(speed_rad_per_s: number): void {
    this.moves = speed_rad_per_s > MOVES_RAD_PER_S;
  }

  look(now_s: number): Finding | null {
    const { frozen_s } = this;
    const judged = this.lively > LIVELY && !this.noiseless;
    if (judged && this.moves && now_s > this.seen_s) this.moved_s += now_s - this.seen_s;
    this.seen_s = now_s;
    if (this.moved_s <= frozen_s) return null;
    const detail = `the wrench at the hand has not changed while the arm moved for over ${1000 * frozen_s} ms`;
    return { fault: 'wrench_frozen', detail };
  }
}
