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
  private readonly best = new Profile();
  /** Limit to be touched, the side it lies on, and the size of the acceleration there, away from it. */
  private limit = Number.NaN;
  private side = 1;
  private acceleration = Number.NaN;
  private total = Number.NaN;
  private best_time = Number.NaN;
  private side_best = Number.NaN;
  /** State to stop from, and where the stop ends. */
  private p = Number.NaN;
  private v = Number.NaN;
  private acc = Number.NaN;
  private end = Number.NaN;
  private reach = Number.NaN;
  private velocity = Number.NaN;

  /**
   * Replaces `joint.profile`, which leaves the limits, by one that stays inside and lasts `joint.time`, which is raised if
   * need be. False if there is none, with `failure` saying why.
   */
  plan(joint: JointPlanner, failure: Failure): boolean {
    const { profile, free_position } = joint;
    const reached_above = profile.greatest > joint.pmax;
    failure.kind = 'no_profile';
    failure.value = reached_above ? profile.greatest : profile.least;
    failure.limit = reached_above ? joint.pmax : joint.pmin;
    this.take(this.a, joint);
    this.take(this.b, joint);
    this.take(this.move, joint);
    this.best_time = Number.POSITIVE_INFINITY;
    this.setState(joint, false);
    if (this.mustLeave('stop', failure)) return false;
    let reachable = !free_position;
    if (free_position) {
      if (this.may_touch) this.searchTouching(joint);
      // Else the target is best come to where it leaves most room for the run-up: as far as may be on either side.
      joint.free_position = false;
      for (const side of SIDES) {
        const limit = side > 0 ? joint.pmax : joint.pmin;
        if (Math.abs(limit) === Number.POSITIVE_INFINITY || this.best_time <= joint.time) continue;
        joint.p1 = limit;
        this.setState(joint, true);
        this.velocity = -side * joint.vmax;
        this.setStop();
        const { greatest, least } = this.a.profile;
        joint.p1 -= side > 0 ? greatest - limit : least - limit;
        this.tryDirect(joint);
        if (this.planBetween(joint, failure)) reachable = true;
      }
      joint.free_position = true;
    } else reachable = this.planBetween(joint, failure);
    if (this.best_time === Number.POSITIVE_INFINITY) {
      if (reachable) failure.kind = 'no_profile';
      return false;
    }
    profile.count = 0;
    profile.append(this.best);
    profile.position[0] = joint.p0;
    profile.velocity[0] = joint.v0;
    profile.acceleration[0] = joint.a0;
    profile.integrate();
    joint.time = this.best_time;
    failure.kind = null;
    return true;
  }

  /** Between two states, in `joint.time` or the least longer time found; false if the target cannot be come to. */
  private planBetween(joint: JointPlanner, failure: Failure): boolean {
    this.setState(joint, true);
    if (this.mustLeave('run_up', failure)) return false;
    if (this.may_touch) this.searchTouching(joint);
    if (this.best_time > joint.time) this.planResting(joint);
    return true;
  }

  /** Without touching a limit. */
  private tryDirect(joint: JointPlanner): void {
    const { b, best } = this;
    b.free_position = false;
    b.p0 = joint.p0;
    b.v0 = joint.v0;
    b.a0 = joint.a0;
    b.p1 = joint.p1;
    b.v1 = joint.v1;
    b.a1 = joint.a1;
    b.prepare();
    b.time = joint.time;
    if (!b.findTime() || b.time >= this.best_time) return;
    b.solve();
    if (!b.staysInside()) return;
    this.best_time = b.time;
    best.count = 0;
    best.append(b.profile);
  }

  private take(leg: JointPlanner, joint: JointPlanner): void {
    leg.vmax = joint.vmax;
    leg.amax = joint.amax;
    leg.jmax = joint.jmax;
    leg.pmin = joint.pmin;
    leg.pmax = joint.pmax;
  }

  /** Whether every motion from the state leaves the limits; says so in `failure`. */
  private mustLeave(kind: 'stop' | 'run_up', failure: Failure): boolean {
    const { a } = this;
    for (const side of SIDES) {
      this.velocity = -side * a.vmax;
      this.setStop();
      this.reach = side > 0 ? a.profile.greatest : a.profile.least;
      if (this.within(side)) continue;
      failure.kind = kind;
      failure.value = this.reach;
      failure.limit = side > 0 ? a.pmax : a.pmin;
      return true;
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

  /** Leg `a` becomes the quickest change of velocity from the state to `velocity` at zero acceleration. */
  private setStop(): void {
    const { a } = this;
    a.free_position = true;
    a.p0 = this.p;
    a.v0 = this.v;
    a.a0 = this.acc;
    a.p1 = this.p;
    a.v1 = this.velocity;
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
    this.velocity = 0;
    this.setStop();
    if (!a.staysInside()) {
      const side = a.profile.greatest > a.pmax ? 1 : -1;
      let low = 0;
      let high = a.vmax;
      for (let i = 0; i < BISECTIONS; i++) {
        const speed = 0.5 * (low + high);
        this.velocity = -side * speed;
        this.setStop();
        this.reach = side > 0 ? a.profile.greatest : a.profile.least;
        if (this.within(side)) high = speed;
        else low = speed;
      }
      this.velocity = -side * high;
      this.setStop();
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

  /** By way of rest, if that is the quickest so far. */
  private planResting(joint: JointPlanner): void {
    const { move, stopping, running_up, best } = this;
    this.setState(joint, false);
    if (!this.findStop(stopping)) return;
    move.p0 = this.end;
    this.setState(joint, true);
    if (!this.findStop(running_up)) return;
    move.p1 = this.end;
    move.free_position = false;
    move.v0 = 0;
    move.a0 = 0;
    move.v1 = 0;
    move.a1 = 0;
    move.prepare();
    const rest = stopping.duration + running_up.duration;
    move.time = Math.max(0, joint.time - rest);
    if (!move.findTime() || rest + move.time >= this.best_time) return;
    if (!move.solveCruise()) move.solve();
    this.best_time = Math.max(joint.time, rest + move.time);
    best.count = 0;
    best.append(stopping);
    best.append(move.profile);
    best.appendReversed(running_up);
  }

  /** The best acceleration at either limit: on a grid, then closer around the best. */
  private searchTouching(joint: JointPlanner): void {
    for (const side of SIDES) {
      this.side = side;
      this.limit = side > 0 ? joint.pmax : joint.pmin;
      if (Math.abs(this.limit) === Number.POSITIVE_INFINITY) continue;
      this.side_best = -1;
      let step = joint.amax / GRID;
      for (let i = 0; i <= GRID; i++) {
        this.acceleration = i * step;
        this.touch(joint);
        if (this.best_time <= joint.time) return;
      }
      if (this.side_best < 0) continue;
      for (let i = 0; i < REFINEMENTS; i++) {
        step *= 0.5;
        const around = this.side_best;
        for (const way of SIDES) {
          this.acceleration = Math.min(joint.amax, Math.max(0, around + way * step));
          this.touch(joint);
          if (this.best_time <= joint.time) return;
        }
      }
    }
  }

  /** Touches the limit with `acceleration`, if that is the quickest so far. */
  private touch(joint: JointPlanner): void {
    const { a, b, best } = this;
    a.free_position = false;
    a.p0 = joint.p0;
    a.v0 = joint.v0;
    a.a0 = joint.a0;
    a.p1 = this.limit;
    a.v1 = 0;
    a.a1 = -this.side * this.acceleration;
    a.prepare();
    a.time = 0;
    if (!a.findTime()) return;
    if (a.time >= this.best_time) return;
    a.solve();
    if (!a.staysInside()) return;
    b.free_position = joint.free_position;
    b.p0 = this.limit;
    b.v0 = 0;
    b.a0 = a.a1;
    b.p1 = joint.p1;
    b.v1 = joint.v1;
    b.a1 = joint.a1;
    b.prepare();
    b.time = Math.max(0, joint.time - a.time);
    if (!b.findTime()) return;
    this.total = a.time + b.time;
    if (this.total >= this.best_time) return;
    b.solve();
    if (!b.staysInside()) return;
    best.count = 0;
    best.append(a.profile);
    best.append(b.profile);
    this.best_time = Math.max(joint.time, this.total);
    this.side_best = this.acceleration;
  }
}
