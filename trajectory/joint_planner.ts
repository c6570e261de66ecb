import { Brake } from './brake.ts';
import { CruiseSearch } from './cruise_search.ts';
import { FeasibleTimes } from './feasible_times.ts';
import { Motion } from './motion.ts';
import { Profile } from './profile.ts';

/** Rounding of states and displacements, relative to their size, that must not lose an interval. */
const ROUNDING = 1e-11;
/** What rounding of velocities does to times, relative to that of reaching them: intervals of one instant must still meet. */
const SAME_TIME = 1e-11;
/** Relative room for rounding of positions. */
const INSIDE = 1e-11;
/** Share of an extremal that rounding makes of none of it. */
const AT_END = 1e-13;
const UPPER_JERK = Float64Array.of(1, 0, -1, 0, -1, 0, 1);

/**
 * Third-order motion of one joint between two states, or to a velocity and acceleration at any position. Fill the fields,
 * call `prepare`, then `findTime` for the least feasible time from a given one on, and `solve` for a profile of that time.
 */
export class JointPlanner {
  /** Start, target and limits, in the joint's units. */
  p0 = Number.NaN;
  v0 = Number.NaN;
  a0 = Number.NaN;
  p1 = Number.NaN;
  v1 = Number.NaN;
  a1 = Number.NaN;
  vmax = Number.NaN;
  amax = Number.NaN;
  jmax = Number.NaN;
  pmin = Number.NEGATIVE_INFINITY;
  pmax = Number.POSITIVE_INFINITY;
  /** The target position does not matter. */
  free_position = false;
  /** A guess of the least time, from `prepare`, s. */
  estimate = Number.NaN;
  /** How much of the tolerance the target may be missed by; 0 for none. `forget` makes it count. */
  slack = Number.NaN;
  /** Whether another slack might give another time; known after `findTime`. */
  near = false;
  /** From `findMiss`. */
  missed_by = Number.NaN;
  /** Argument of `findTime` and `solve`, result of `findTime`, s. */
  time = Number.NaN;
  /** The velocity before the target at which its acceleration would have been 0; over vmax there is hardly a way to it. */
  approach_velocity = Number.NaN;
  /** Result of `solve`. */
  readonly profile = new Profile();

  private readonly times = new FeasibleTimes();
  private readonly search = new CruiseSearch();
  private readonly brake = new Brake();
  /** Whole motion, and what is left of it after braking. */
  private readonly whole = new Motion();
  private readonly rest = new Motion();
  private readonly ends = new Float64Array(48);
  private count = -1;
  private approachable = true;
  private time_tolerance = Number.NaN;
  private lens_end = Number.NaN;
  private brake_time = Number.NaN;
  private time_unit = Number.NaN;
  /** Distances to the position limits. */
  private room_below = Number.NaN;
  private room_above = Number.NaN;
  private T = Number.NaN;
  private share = Number.NaN;
  private readonly upper_times = new Float64Array(7);
  private readonly lower_times = new Float64Array(7);

  constructor() {
    this.slack = 0;
  }

  /** Whether the profile keeps the position limits, with room for rounding. */
  staysInside(): boolean {
    const { profile, pmin, pmax } = this;
    if (pmin === Number.NEGATIVE_INFINITY && pmax === Number.POSITIVE_INFINITY) return true;
    profile.findExtremes();
    return (
      profile.least >= pmin - INSIDE * Math.abs(pmin - this.p0) - INSIDE * Math.abs(pmin) &&
      profile.greatest <= pmax + INSIDE * Math.abs(pmax - this.p0) + INSIDE * Math.abs(pmax)
    );
  }

  /** Takes over the fields. */
  prepare(): void {
    const { whole, rest, brake } = this;
    const unit = this.amax / this.jmax;
    const per_velocity = 1 / (this.amax * unit);
    const per_acceleration = 1 / this.amax;
    const per_length = per_velocity / unit;
    this.time_unit = unit;
    whole.V = this.vmax * per_velocity;
    whole.v0 = this.v0 * per_velocity;
    whole.a0 = this.a0 * per_acceleration;
    whole.vf = this.v1 * per_velocity;
    whole.af = this.a1 * per_acceleration;
    this.room_below = (this.pmin - this.p0) * per_length;
    this.room_above = (this.pmax - this.p0) * per_length;
    whole.d = this.free_position ? 0 : (this.p1 - this.p0) * per_length;
    // A start at rest is exact; any other may be the sample of a last change of acceleration.
    const sampled = whole.v0 === 0 && whole.a0 === 0 ? 0 : 1;
    whole.U = Math.min(whole.V, Math.abs(whole.v0) + Math.abs(whole.vf) + sampled);
    brake.v = whole.v0;
    brake.a = whole.a0;
    brake.V = whole.V;
    brake.evaluate();
    rest.V = whole.V;
    rest.U = whole.U;
    rest.v0 = brake.v;
    rest.a0 = brake.a;
    rest.vf = whole.vf;
    rest.af = whole.af;
    rest.d = whole.d - brake.displacement;
    this.brake_time = brake.jerk_time + brake.hold_time;
    const positions = (Math.abs(this.p0) + Math.abs(this.p1)) * per_length;
    const velocities = ROUNDING * whole.U * (whole.U + Math.sqrt(whole.U));
    this.times.tolerance =
      ROUNDING * positions +
      (this.free_position ? velocities : Math.min(velocities, 0.01 * velocities + 1e-3 * Math.abs(whole.d)));
    const { vf, af } = whole;
    const before = vf - 0.5 * af * Math.abs(af);
    this.approach_velocity = before / per_velocity;
    this.approachable = Math.abs(before) <= whole.V * (1 + 1e-12);
    const move = Math.abs(rest.d) / rest.V + Math.min(rest.V, Math.sqrt(Math.abs(rest.d)));
    const gain = Math.abs(rest.vf - rest.v0);
    const change = gain > 1 ? gain + 1 : 2 * Math.sqrt(gain);
    this.estimate = ((this.free_position ? change : move) + this.brake_time) * unit;
    this.near = false;
    this.time_tolerance = SAME_TIME * (whole.U + Math.sqrt(whole.U));
    this.count = -1;
    this.lens_end = -1;
    if (whole.a0 * whole.af > 0 && this.times.lens(whole)) this.lens_end = this.times.lens_end + this.time_tolerance;
  }

  /** Raises `time` to the least feasible time from there on; false if there is none. */
  findTime(): boolean {
    if (this.count < 0) this.findIntervals();
    const { ends, count } = this;
    const T = this.time / this.time_unit;
    let i = 0;
    while (i < count && ends[i + 1] < T - this.time_tolerance) i += 2;
    if (i >= count) return false;
    if (ends[i] > T) this.time = ends[i] * this.time_unit;
    return true;
  }

  /** Makes `findTime` compute anew, with the slack as it is now. */
  forget(): void {
    this.count = -1;
  }

  private findIntervals(): void {
    const { times, ends, whole, rest } = this;
    let n = 0;
    times.slack = this.slack;
    if (this.free_position) {
      if (this.lens_end >= 0) {
        ends[n++] = times.lens_start;
        ends[n++] = times.lens_end;
      }
      this.count = n;
      if (!this.approachable) return;
      times.findChange(rest);
      ends[n++] = this.brake_time + times.change_time;
      ends[n++] = Number.POSITIVE_INFINITY;
      this.count = n;
      return;
    }
    if (this.lens_end >= 0) {
      times.upper.set(whole, 1);
      times.lower.set(whole, -1);
      times.findLens(whole);
      if (times.near) this.near = true;
      for (; n < times.count; n++) ends[n] = times.ends[n];
    }
    this.count = n;
    if (!this.approachable) return;
    times.upper.set(rest, 1);
    times.lower.set(rest, -1);
    times.findMain(rest);
    if (times.near) this.near = true;
    const early = this.slack * times.change_uncertainty;
    for (let i = 0; i < times.count; i += 2) {
      ends[n++] = times.ends[i] + this.brake_time - early;
      ends[n++] = times.ends[i + 1] + this.brake_time;
    }
    this.count = n;
  }

  /**
   * Tries a profile with a cruise for `time` as it is; false if there is none, though another kind may exist.
   */
  solveCruise(): boolean {
    const T = this.time / this.time_unit - this.brake_time;
    if (!(T > 0) || !this.approachable || this.time <= this.lens_end * this.time_unit) return false;
    const { search, rest } = this;
    this.T = T;
    if (this.free_position) this.chooseDisplacement(rest);
    search.T = T;
    search.low = -rest.V;
    search.high = rest.V;
    if (!search.find(rest)) return false;
    this.begin(true);
    this.addCruise();
    this.profile.integrate();
    return true;
  }

  /** A profile for `time`, which `findTime` has given. */
  solve(): void {
    const lens = this.time <= this.lens_end * this.time_unit;
    const motion = lens ? this.whole : this.rest;
    const T = Math.max(0, this.time / this.time_unit - (lens ? 0 : this.brake_time));
    const { upper, lower } = this.times;
    upper.may_cruise = !lens;
    lower.may_cruise = !lens;
    upper.set(motion, 1);
    lower.set(motion, -1);
    upper.T = T;
    lower.T = T;
    upper.evaluate();
    lower.evaluate();
    const farthest = upper.D;
    const least = -lower.D;
    this.T = T;
    if (this.free_position) {
      this.chooseDisplacement(motion);
      motion.d = Math.max(least, Math.min(farthest, motion.d));
    }
    const width = farthest - least;
    let share = width > 0 ? (motion.d - least) / width : 0.5;
    const thin = width < 8 * this.times.tolerance || width < AT_END * (motion.U * T + Math.abs(motion.d));
    if (share < AT_END || (thin && share <= 0.5)) share = 0;
    if (share > 1 - AT_END || (thin && share > 0.5)) share = 1;
    this.begin(!lens);
    this.share = share;
    if (share > 0 && share < 1 && !lens && this.between(motion)) this.addCruise();
    else this.addBlend();
    this.profile.integrate();
  }

  /** To a free position: that of an even change of velocity, or the nearest inside the position limits. */
  private chooseDisplacement(motion: Motion): void {
    const shift = motion === this.rest ? this.brake.displacement : 0;
    const steady = 0.5 * (motion.v0 + motion.vf) * this.T;
    motion.d = Math.max(this.room_below - shift, Math.min(this.room_above - shift, steady));
  }

  /** Searches a cruise velocity between those at which the two extremals turn. */
  private between(motion: Motion): boolean {
    const { search } = this;
    const { upper, lower } = this.times;
    if (upper.a1 < 0 || upper.a2 > 0 || lower.a1 < 0 || lower.a2 > 0) return false;
    search.T = this.T;
    search.high =
      upper.cruise >= 0 ? upper.V : upper.v0 + upper.a1 * upper.a1 - 0.5 * upper.a0 * upper.a0 + upper.hold1 * upper.a1;
    search.low = -(lower.cruise >= 0
      ? lower.V
      : lower.v0 + lower.a1 * lower.a1 - 0.5 * lower.a0 * lower.a0 + lower.hold1 * lower.a1);
    return search.low < search.high && search.find(motion);
  }

  /** How far the profile's end is from the target, relative to the joint's limits and positions. */
  findMiss(): void {
    const { profile } = this;
    const { count } = profile;
    const unit = this.vmax * (this.vmax / this.amax + this.amax / this.jmax) + Math.abs(this.p0) + Math.abs(this.p1);
    const dp = this.free_position ? 0 : Math.abs(profile.position[count] - this.p1) / unit;
    const dv = Math.abs(profile.velocity[count] - this.v1) / this.vmax;
    const da = Math.abs(profile.acceleration[count] - this.a1) / this.amax;
    this.missed_by = Math.max(dp, dv, da);
  }

  private begin(braking: boolean): void {
    const { profile, brake, time_unit } = this;
    profile.position[0] = this.p0;
    profile.velocity[0] = this.v0;
    profile.acceleration[0] = this.a0;
    let n = 0;
    if (braking && brake.jerk !== 0) {
      profile.time[n] = brake.jerk_time * time_unit;
      profile.jerk[n++] = brake.jerk * this.jmax;
      profile.time[n] = brake.hold_time * time_unit;
      profile.jerk[n++] = 0;
    }
    profile.count = n;
  }

  private addCruise(): void {
    const { profile, time_unit, jmax } = this;
    const { first, second, cruise } = this.search;
    const { time, jerk } = profile;
    const n = profile.count;
    time[n] = first.rise * time_unit;
    jerk[n] = first.sign * jmax;
    time[n + 1] = first.hold * time_unit;
    jerk[n + 1] = 0;
    time[n + 2] = first.fall * time_unit;
    jerk[n + 2] = -first.sign * jmax;
    time[n + 3] = Math.max(0, cruise) * time_unit;
    jerk[n + 3] = 0;
    time[n + 4] = second.rise * time_unit;
    jerk[n + 4] = second.sign * jmax;
    time[n + 5] = second.hold * time_unit;
    jerk[n + 5] = 0;
    time[n + 6] = second.fall * time_unit;
    jerk[n + 6] = -second.sign * jmax;
    profile.count = n + 7;
  }

  /** The extremals mixed, a `share` of the upper one: convex, so that no limit is broken. */
  private addBlend(): void {
    const { profile, time_unit, jmax, share, upper_times, lower_times } = this;
    const { time, jerk } = profile;
    this.times.upper.segments(upper_times);
    this.times.lower.segments(lower_times);
    let n = profile.count;
    if (share === 0 || share === 1) {
      const times = share === 1 ? upper_times : lower_times;
      const sign = share === 1 ? 1 : -1;
      for (let i = 0; i < 7; i++) {
        if (times[i] <= 0) continue;
        time[n] = times[i] * time_unit;
        jerk[n++] = sign * UPPER_JERK[i] * jmax;
      }
      profile.count = n;
      return;
    }
    let i = 0;
    let k = 0;
    while (i < 7 && k < 7) {
      const dt = Math.min(upper_times[i], lower_times[k]);
      if (dt > 0) {
        time[n] = dt * time_unit;
        jerk[n++] = jmax * (share * UPPER_JERK[i] - (1 - share) * UPPER_JERK[k]);
      }
      upper_times[i] -= dt;
      lower_times[k] -= dt;
      if (upper_times[i] <= 0) i++;
      if (k < 7 && lower_times[k] <= 0) k++;
    }
    profile.count = n;
  }
}
