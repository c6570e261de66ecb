import type { Rng } from '../contracts/index.ts';
import type { NoPath, PathPlanner } from './path_planner.ts';
import { replan } from './replan.ts';
import { pathLength } from './simplify.ts';
import {
  blendCorners,
  cutPolyline,
  type MotionLimits,
  RunningMotion,
  restOfPolyline,
  type SegmentTest,
  type TimePathOptions,
  thinSamples,
} from './timing/index.ts';

/** What becomes of a motion under way. Every motion is the old one, exactly, until the time of the question. */
export type MovingAnswer =
  | { readonly kind: 'keep'; readonly motion: RunningMotion }
  | {
      readonly kind: 'redirect';
      readonly motion: RunningMotion;
      /** What stands in the old one's way; null where only the goal is another. */
      readonly contact: readonly [string, string] | null;
    }
  | {
      readonly kind: 'stop';
      /** Comes to rest on the old path as soon as the limits allow. */
      readonly motion: RunningMotion;
      /** Whether it does so before any contact. */
      readonly clear: boolean;
      readonly contact: readonly [string, string] | null;
      /** Why there is no other way. */
      readonly stage: NoPath['stage'];
      readonly reason: string;
    };

export interface MovingOptions extends Omit<TimePathOptions, 'smoothing_rad'> {
  /** Distance that a motion must keep from everything to be kept or taken (m). */
  readonly margin_m?: number;
}

/**
 * Motions of one arm in a world that changes while it moves. A motion under way is judged by its samples: where all that
 * is left of it is clear of what stands about now, it is kept; else a way round is searched from places ahead of the arm,
 * which goes over to it without stopping and takes up the old path again where that is free; else it stops on its path.
 * Nothing is remembered: motions are values, and the world is the planner's as it stands at the call.
 */
export class MovingPlanner {
  readonly planner: PathPlanner;
  readonly limits: MotionLimits;
  private readonly options: MovingOptions;
  private readonly margin_m: number;
  private readonly free: SegmentTest;

  constructor(planner: PathPlanner, limits: MotionLimits, options: MovingOptions = {}) {
    this.planner = planner;
    this.limits = limits;
    this.options = options;
    this.margin_m = options.margin_m ?? MARGIN_M;
    this.free = (a, ao, b, bo) => planner.world.segmentFree(a, ao, b, bo);
  }

  /** From rest to rest along a free polyline, its corners rounded as far as that is free. */
  start(path: readonly Float64Array[]): RunningMotion {
    const rounded = this.keeping(() => blendCorners(path, this.planner.robot.arm_joints, this.free));
    return RunningMotion.start(rounded, this.limits, this.options);
  }

  /**
   * What becomes of a motion in the world as it stands now. RangeError for a time before the motion's last change.
   * @param at_s  from when on the answer is used, by the motion's clock (s): as much ahead of the arm as the answer takes
   * @param goals  arm joints (rad) of which any will do; default the end of the motion's path. A motion that ends at none
   *   of them is redirected. An arm that stops for want of a way starts anew from where it stands.
   */
  answer(motion: RunningMotion, at_s: number, rng: Rng, goals?: readonly Float64Array[]): MovingAnswer {
    return this.keeping(() => {
      const contact = this.contactOf(motion, at_s);
      const end = motion.path[motion.path.length - 1];
      const arrives = goals === undefined || goals.some((goal) => goal.every((x, j) => x === end[j]));
      if (contact === null && arrives) return { kind: 'keep', motion };
      const stopped = motion.stop(at_s);
      const here = motion.committed_rad(at_s);
      const way = Math.max(pathLength(stopped.path) - here, LEAST_BRANCH_RAD);
      let failure: NoPath | null = null;
      let blocked = Number.POSITIVE_INFINITY;
      for (const { part, wide } of BRANCHES) {
        if (part >= blocked) continue;
        const branch = { here, at: here + part * way, at_s, wide };
        const found = this.goRound(motion, branch, arrives ? null : (goals ?? null), rng.stream(`branch ${part}`));
        if (!('ok' in found)) return { kind: 'redirect', motion: found, contact };
        failure ??= found;
        if (found.stage === 'goal' || found.stage === 'connect') break;
        if (found.stage === 'start') blocked = part;
      }
      if (failure === null) throw new Error('unreachable: a branch is tried');
      const { stage, reason } = failure;
      const clear = this.contactOf(stopped, at_s) === null;
      return { kind: 'stop', motion: stopped, clear, contact, stage, reason };
    });
  }

  /** The motion with another way from a place ahead on, or why there is none. */
  private goRound(
    motion: RunningMotion,
    branch: { readonly here: number; readonly at: number; readonly at_s: number; readonly wide: boolean },
    goals: readonly Float64Array[] | null,
    rng: Rng,
  ): RunningMotion | NoPath {
    const { planner } = this;
    const { path } = motion;
    const before = restOfPolyline(cutPolyline(path, branch.at), branch.here);
    const after = restOfPolyline(path, branch.at);
    const committed = before.length - 1;
    let route: readonly Float64Array[];
    let tail: readonly Float64Array[];
    if (goals === null) {
      const found = replan(planner, [...before, ...after.slice(1)], rng, { committed });
      if (!found.ok) return found;
      if (found.kept) return refused('the motion comes too near to something beside its path');
      tail = found.path.slice(-found.tail);
      route = found.path.slice(committed, found.path.length - tail.length + 1);
    } else {
      const found = planner.plan(before[committed], goals, rng);
      if (!found.ok) return found;
      route = found.path;
      tail = route.slice(-1);
    }
    const travelled = cutPolyline(path, branch.at).slice(0, -1);
    const other = [...travelled, ...this.rounded(branch.wide ? before.slice(-2, -1) : [], route, tail)];
    const redirected = motion.redirect(other, branch.at_s);
    if (!redirected.ok) return refused(redirected.reason);
    const contact = this.contactOf(redirected.motion, branch.at_s);
    if (contact === null) return redirected.motion;
    return refused(`the way round comes too near to something: ${contact.join(' and ')}`, contact);
  }

  /** The route to the tail and the tail, with wide corners where there is room; so at the route's start where it has a `lead`. */
  private rounded(
    lead: readonly Float64Array[],
    route: readonly Float64Array[],
    tail: readonly Float64Array[],
  ): readonly Float64Array[] {
    const [length, left] = [pathLength(route), pathLength(tail)];
    let [first, rest] = [route, tail];
    for (const cut of CUTS_RAD) {
      if (cut > length / 2 || cut > left) continue;
      const [head, end] = [cutPolyline(route, length - cut), restOfPolyline(tail, cut)];
      if (!this.free(head[head.length - 1], 0, end[0], 0)) continue;
      [first, rest] = [[...head, end[0]], end];
      break;
    }
    const taken = Math.min(rest.length, TAIL_POINTS);
    const corners = [...lead, ...first, ...rest.slice(1, taken)];
    return [...blendCorners(corners, this.planner.robot.arm_joints, this.free), ...rest.slice(taken)];
  }

  /** The pair that comes too near on what is left of a motion, null if none does. */
  private contactOf({ motion }: RunningMotion, at_s: number): readonly [string, string] | null {
    const { world } = this.planner;
    const left = motion.positions(Math.floor(at_s / motion.dt_s + 1e-9));
    return world.pathFree(thinSamples(left, motion.n)) ? null : world.lastContact();
  }

  private keeping<T>(work: () => T): T {
    const { world } = this.planner;
    const margin_before = world.margin_m;
    world.margin_m = this.margin_m;
    try {
      return work();
    } finally {
      world.margin_m = margin_before;
    }
  }
}

function refused(reason: string, contact?: readonly [string, string]): NoPath {
  return { ok: false, stage: 'validate', reason, ...(contact === undefined ? {} : { contact }) };
}

/** More than samples lie off the polyline that is checked in their place. */
const MARGIN_M = 3e-4;
/**
 * Where the old path is left, as parts of the way to a stop, in the order tried, and whether its corner there is rounded
 * widely: early ones are quick where the route goes on in like direction, one nearly stops and turns on the spot.
 */
const BRANCHES = [
  { part: 0.5, wide: true },
  { part: 1, wide: true },
  { part: 1.6, wide: true },
  { part: 1.05, wide: false },
  { part: 0.25, wide: true },
] as const;
/** The way to a branch is so long at least (rad). */
const LEAST_BRANCH_RAD = 0.02;
/** How much is cut off either side of the corner where the old path is taken up again, if free (rad). */
const CUTS_RAD = [0.6, 0.3, 0.15];
/** Points of the old path after it that take part in rounding. */
const TAIL_POINTS = 8;
