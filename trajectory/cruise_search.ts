import type { Motion } from './motion.ts';
import { VelocityChange } from './velocity_change.ts';

const ITERATIONS = 40;
const CONVERGED = 2e-15;
const ACCEPTED = 1e-13;

/**
 * A motion of given time: quickest change to a cruise velocity c, cruise, quickest change to the end. Its displacement
 * grows with c, and its slope in c is known: T less (3 peak − 2 a)/2 for each change, or what that becomes with a hold.
 */
export class CruiseSearch {
  readonly first = new VelocityChange();
  readonly second = new VelocityChange();
  /** Arguments: total time, and a bracket of the cruise velocity. */
  T = Number.NaN;
  low = Number.NaN;
  high = Number.NaN;
  /** Time at the cruise velocity. */
  cruise = Number.NaN;

  /** Whether a cruise velocity in the bracket gives the motion's displacement in time T; the changes then describe it. */
  find(motion: Motion): boolean {
    const { first, second, T } = this;
    const { d, V } = motion;
    let low = this.low;
    let high = this.high;
    first.v0 = motion.v0;
    first.a0 = motion.a0;
    first.a1 = 0;
    second.a0 = 0;
    second.v1 = motion.vf;
    second.a1 = motion.af;
    const size = Math.abs(d) + (Math.abs(motion.v0) + Math.abs(motion.vf)) * T;
    let c = d / T;
    if (!(c > low && c < high)) c = 0.5 * (low + high);
    const middle = 0.5 * (motion.v0 + motion.vf);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < ITERATIONS; i++) {
      first.v1 = c;
      second.v0 = c;
      first.evaluate();
      second.evaluate();
      const cruise = T - first.time - second.time;
      this.cruise = cruise;
      if (cruise < 0) {
        if (cruise > -RESOLUTION * T && best < ACCEPTED) break;
        // Too far from the ends' velocities.
        if (c > middle) high = c;
        else low = c;
        const next = 0.5 * (c + Math.max(low, Math.min(high, middle)));
        if (next === c || i > 8) return false;
        c = next;
        continue;
      }
      const excess = first.displacement + second.displacement + c * cruise - d;
      const scale = size + Math.abs(c) * T;
      best = Math.abs(excess) / scale;
      if (best < CONVERGED) break;
      if (excess < 0) low = c;
      else high = c;
      const slope =
        T -
        (first.hold > 0 ? first.rise + first.hold + 0.5 : 0.5 * first.peak + first.rise) -
        (second.hold > 0 ? second.fall + second.hold + 0.5 : 0.5 * second.peak + second.fall);
      let next = c - excess / slope;
      if (!(next > low && next < high)) next = 0.5 * (low + high);
      if (Math.abs(next - c) < RESOLUTION * Math.abs(c) || high - low < RESOLUTION * V) break;
      c = next;
    }
    return best < ACCEPTED && this.cruise >= -RESOLUTION * T;
  }
}

const RESOLUTION = 2e-16;
