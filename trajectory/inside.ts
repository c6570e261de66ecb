import type { Failure } from './failure.ts';
import { JointPlanner } from './joint_planner.ts';
import { Profile } from './profile.ts';

const GRID = 16;
const REFINEMENTS = 12;
const BISECTIONS = 50;
const SIDES = [1, -1] as const;
/** Relative room for rounding of positions. */
const INSIDE = 1e-11;

/**
 * Motions of one joint that keep its position limits where its own profile leaves them.
 *
 * A time-optimal motion that a position limit stops touches it at velocity 0 and some acceleration away from it, and is
 * time-optimal before and after that: one number to search. Where that does not do, the joint comes to rest inside the
 * limits, moves to where the run-up to the target begins, and starts from rest there; every longer time can be had by
 * moving slower between the two.
 *
 * No motion at all keeps a limit if the hardest braking does not, which is the quickest change to the opposite velocity
 * limit; nor if the same is true of the target with time turned round.
 */
export class InsidePlanner {
  /** Without it only the motion by way of rest is looked for, which exists for every time from a least one on. */
  may_touch = true;

  private readonly a = new JointPlanner();
  private readonly b = new JointPlanner();
  private readonly move = new JointPlanner();
  private readonly stopping = new Profile();
  private readonly running_up = new Profile();
  private readonly touching = new Profile();
  /** Limit to be touched, the side it lies on, and the size of the acceleration there, away from it. */
  private limit = Number.NaN;
  private side = 1;
  private acceleration = Number.NaN;
  private total = Number.NaN;
  private touching_time = Number.NaN;
  private resting_time = Number.NaN;
  /** State to stop from, and where the stop ends. */
  private p = Number.NaN;
  private v = Number.NaN;
  private acc = Number.NaN;
  private end = Number.NaN;
  private reach = Number.NaN;

  /**
   * Replaces `joint.profile`, which leaves the limits, by one that stays inside and lasts `joint.time`, which is raised if
   * need be. False if there is none, with `failure` saying why.
   */
  plan(joint: JointPlanner, failure: Failure): boolean {
    const { profile } = joint;
    this.side = profile.greatest > joint.pmax ? 1 : -1;
    this.limit = this.side > 0 ? joint.pmax : joint.pmin;
    const reached = this.side > 0 ? profile.greatest : profile.least;
    this.take(this.a, joint);
    this.take(this.b, joint);
    this.take(this.move, joint);
    if (this.mustLeave(joint, failure)) return false;
    this.touching_time = Number.POSITIVE_INFINITY;
    if (this.may_touch) this.searchTouching(joint);
    if (this.touching_time > joint.time) this.planResting(joint);
    else this.resting_time = Number.POSITIVE_INFINITY;
    const time = Math.min(this.touching_time, this.resting_time);
    if (time === Number.POSITIVE_INFINITY) {
      failure.kind = 'no_profile';
      failure.value = reached;
      failure.limit = this.limit;
      return false;
    }
    profile.count = 0;
    if (this.touching_time <= this.resting_time) profile.append(this.touching);
    else {
      profile.append(this.stopping);
      profile.append(this.move.profile);
      profile.appendReversed(this.running_up);
    }
    profile.position[0] = joint.p0;
    profile.velocity[0] = joint.v0;
    profile.acceleration[0] = joint.a0;
    profile.integrate();
    joint.time = time;
    return true;
  }

  private take(leg: JointPlanner, joint: JointPlanner): void {
    leg.vmax = joint.vmax;
    leg.amax = joint.amax;
    leg.jmax = joint.jmax;
    leg.pmin = joint.pmin;
    leg.pmax = joint.pmax;
  }

  /** Whether start or target make every motion leave the limits; says so in `failure`. */
  private mustLeave(joint: JointPlanner, failure: Failure): boolean {
    for (const turned of [false, true]) {
      if (turned && joint.free_position) continue;
      this.setState(joint, turned);
      for (const side of SIDES) {
        this.setStop(-side * joint.vmax);
        this.reach = side > 0 ? this.a.profile.greatest : this.a.profile.least;
        if (this.within(side)) continue;
        failure.kind = turned ? 'run_up' : 'stop';
        failure.value = this.reach;
        failure.limit = side > 0 ? joint.pmax : joint.pmin;
        return true;
      }
    }
    return false;
  }

  /** The start, or the target with time turned round. */
  private setState(joint: JointPlanner, turned: boolean): void {
    this.p = turned ? joint.p1 : joint.p0;
    this.v = turned ? -joint.v1 : joint.v0;
    this.acc = turned ? joint.a1 : joint.a0;
  }

  /** `reach` keeps the limit of this side. */
  private within(side: number): boolean {
    const limit = side > 0 ? this.a.pmax : this.a.pmin;
    return !(side * (this.reach - limit) > INSIDE * (Math.abs(limit) + Math.abs(limit - this.p)));
  }

  /** Leg `a` becomes the quickest change of velocity from the state to `velocity`. */
  private setStop(velocity: number): void {
    const { a } = this;
    a.free_position = true;
    a.p0 = this.p;
    a.v0 = this.v;
    a.a0 = this.acc;
    a.p1 = this.p;
    a.v1 = velocity;
    a.a1 = 0;
    a.prepare();
    a.time = 0;
    a.findTime();
    a.solve();
    a.profile.findExtremes();
  }

  /**
   * From the state to rest inside the limits, into `out`: straight, or else by way of as little velocity away from the limit
   * as makes the braking hard enough. False if the other limit is in the way then.
   */
  private findStop(out: Profile): boolean {
    const { a, b } = this;
    this.setStop(0);
    if (!a.staysInside()) {
      const side = a.profile.greatest > a.pmax ? 1 : -1;
      let low = 0;
      let high = a.vmax;
      for (let i = 0; i < BISECTIONS; i++) {
        const speed = 0.5 * (low + high);
        this.setStop(-side * speed);
        this.reach = side > 0 ? a.profile.greatest : a.profile.least;
        if (this.within(side)) high = speed;
        else low = speed;
      }
      this.setStop(-side * high);
    }
    const { profile } = a;
    b.free_position = true;
    b.p0 = profile.position[profile.count];
    b.v0 = profile.velocity[profile.count];
    b.a0 = profile.acceleration[profile.count];
    b.p1 = b.p0;
    b.v1 = 0;
    b.a1 = 0;
    b.prepare();
    b.time = 0;
    b.findTime();
    b.solve();
    if (!a.staysInside() || !b.staysInside()) return false;
    out.count = 0;
    out.append(profile);
    out.append(b.profile);
    out.duration = profile.duration + b.profile.duration;
    this.end = b.profile.position[b.profile.count];
    return true;
  }

  /** By way of rest; sets `resting_time`, infinite if there is none. */
  private planResting(joint: JointPlanner): void {
    const { move, stopping, running_up } = this;
    this.resting_time = Number.POSITIVE_INFINITY;
    this.setState(joint, false);
    if (!this.findStop(stopping)) return;
    move.p0 = this.end;
    if (joint.free_position) {
      // The run-up may begin anywhere inside: as near to the stop as its own extremes allow.
      this.p = 0;
      this.v = -joint.v1;
      this.acc = joint.a1;
      this.setStop(0);
      const { profile } = this.a;
      const from = profile.position[profile.count];
      const lowest = joint.pmin - (profile.least - from);
      const highest = joint.pmax - (profile.greatest - from);
      if (lowest > highest) return;
      move.p1 = Math.min(highest, Math.max(lowest, move.p0));
      running_up.count = 0;
      running_up.append(profile);
      running_up.duration = profile.duration;
    } else {
      this.setState(joint, true);
      if (!this.findStop(running_up)) return;
      move.p1 = this.end;
    }
    move.free_position = false;
    move.v0 = 0;
    move.a0 = 0;
    move.v1 = 0;
    move.a1 = 0;
    move.prepare();
    const rest = stopping.duration + running_up.duration;
    move.time = Math.max(0, joint.time - rest);
    if (!move.findTime()) return;
    if (!move.solveCruise()) move.solve();
    this.resting_time = Math.max(joint.time, rest + move.time);
  }

  /** The best acceleration at the limit: on a grid, then closer around the best. Sets `touching_time` and `touching`. */
  private searchTouching(joint: JointPlanner): void {
    this.touching_time = Number.POSITIVE_INFINITY;
    let best = 0;
    let step = joint.amax / GRID;
    for (let i = 0; i <= GRID; i++) {
      this.acceleration = i * step;
      if (this.touch(joint)) best = this.acceleration;
      if (this.touching_time <= joint.time) return;
    }
    if (this.touching_time === Number.POSITIVE_INFINITY) return;
    for (let i = 0; i < REFINEMENTS; i++) {
      step *= 0.5;
      const around = best;
      for (const side of SIDES) {
        this.acceleration = Math.min(joint.amax, Math.max(0, around + side * step));
        if (this.touch(joint)) best = this.acceleration;
        if (this.touching_time <= joint.time) return;
      }
    }
  }

  /** Touches the limit with `acceleration`; true and taken over if that is the quickest so far. */
  private touch(joint: JointPlanner): boolean {
    const { a, b, touching } = this;
    a.free_position = false;
    a.p0 = joint.p0;
    a.v0 = joint.v0;
    a.a0 = joint.a0;
    a.p1 = this.limit;
    a.v1 = 0;
    a.a1 = -this.side * this.acceleration;
    a.prepare();
    a.time = 0;
    if (!a.findTime()) return false;
    if (a.time >= this.touching_time) return false;
    a.solve();
    if (!a.staysInside()) return false;
    b.free_position = joint.free_position;
    b.p0 = this.limit;
    b.v0 = 0;
    b.a0 = a.a1;
    b.p1 = joint.p1;
    b.v1 = joint.v1;
    b.a1 = joint.a1;
    b.prepare();
    b.time = Math.max(0, joint.time - a.time);
    if (!b.findTime()) return false;
    this.total = a.time + b.time;
    if (this.total >= this.touching_time) return false;
    b.solve();
    if (!b.staysInside()) return false;
    touching.count = 0;
    touching.append(a.profile);
    touching.append(b.profile);
    this.touching_time = Math.max(joint.time, this.total);
    return true;
  }
}
