import type { CollisionWorld } from '../collision/index.ts';
import type { Rng } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import { type ConfigurationSpace, EdgeChecker } from './configuration_space.ts';
import { type ClosestApproach, RrtConnect, type RrtOptions, type RrtResult } from './rrt_connect.ts';
import { type SimplifyOptions, simplifyPath } from './simplify.ts';
import { blendCorners, type FreeMotion, type SegmentTest, timeFreePath } from './timing/index.ts';
import { endlessJoints, goalsByTurns, sameByTurns } from './whole_turns.ts';

export interface PathPlannerOptions extends RrtOptions, SimplifyOptions {
  /** Distance between checked points of an edge while searching (rad); a finished path is checked whole. */
  readonly resolution_rad?: number;
  /** Distance kept from everything (m); where an end is closer, as much less as it needs, unless `keep_margin`. */
  readonly margin_m?: number;
  readonly keep_margin?: boolean;
  /** Distance kept from the joints' position limits (rad); ends within it are moved by at most `MOST_CLAMPED_RAD`. */
  readonly limit_margin_rad?: number;
  /** Corners are rounded where there is room, and the path is a dense polyline along the curve. */
  readonly rounded?: boolean;
  /** Searches begun anew, each with its own random numbers, before a path is given up. */
  readonly attempts?: number;
}

export interface FoundPath {
  readonly ok: true;
  /** Waypoints of the arm joints from start to goal; straight between them. */
  readonly path: readonly Float64Array[];
  /** Index of the goal that was reached. */
  readonly goal: number;
  /** Distance that was kept from everything (m). */
  readonly margin_m: number;
  readonly iterations: number;
  /** What was changed in the request, for people; empty if nothing. */
  readonly note: string;
}

export interface PlanOptions {
  /**
   * Endless joints may reach a goal by other whole turns than it says, where that is shorter: the path then ends at other
   * numbers, and a note says so. Default false.
   */
  readonly whole_turns?: boolean;
}

/** Where and why there is no path. */
export interface NoPath {
  readonly ok: false;
  readonly stage: 'problem' | 'start' | 'goal' | 'ik' | 'connect' | 'validate';
  readonly reason: string;
  /** The bodies in contact. */
  readonly contact?: readonly [string, string];
  /** How near the search came. */
  readonly closest?: ClosestApproach;
  /** Where a pose cannot be reached: the joints that come nearest to it, and what is missing. */
  readonly nearest?: {
    readonly q: Float64Array;
    readonly position_error_m: number;
    readonly rotation_error_rad: number;
  };
}

/** How far an end may lie beyond what is allowed and still be used, moved to the edge (rad): the gate's own margin. */
export const MOST_CLAMPED_RAD = 1e-3;

const THE_GOAL = 'the goal is in collision';

/** Part of the margin that the finished path must keep. */
const VALIDATION_MARGIN = 0.2;

/**
 * Collision-free paths of one arm in one world, as the world stands at each call: search, simplification and a last
 * check of the whole path, without which nothing counts as found. Pure but for the random stream that comes with the
 * call. Owns its search trees.
 */
export class PathPlanner {
  readonly robot: Robot;
  readonly world: CollisionWorld;
  private readonly options: Required<
    Pick<
      PathPlannerOptions,
      'resolution_rad' | 'margin_m' | 'keep_margin' | 'limit_margin_rad' | 'attempts' | 'rounded'
    >
  >;
  /** Distances kept, one after the other where an end needs it (m). */
  private readonly margins: readonly number[];
  private readonly simplification: SimplifyOptions;
  private readonly space: ConfigurationSpace;
  private readonly checker: EdgeChecker;
  private readonly validator: EdgeChecker;
  private readonly rrt: RrtConnect;
  private readonly endless: readonly number[];

  constructor(robot: Robot, world: CollisionWorld, options: PathPlannerOptions = {}) {
    this.robot = robot;
    this.world = world;
    this.options = {
      resolution_rad: options.resolution_rad ?? 0.05,
      margin_m: options.margin_m ?? 0.002,
      keep_margin: options.keep_margin ?? false,
      limit_margin_rad: options.limit_margin_rad ?? 0,
      attempts: options.attempts ?? 3,
      rounded: options.rounded ?? false,
    };
    this.simplification = options;
    const parts = this.options.margin_m > 0 && !this.options.keep_margin ? [1, 1 / 4, 1 / 20, 0] : [1];
    this.margins = parts.map((part) => part * this.options.margin_m);
    const { limit_margin_rad } = this.options;
    this.space = {
      n: robot.arm_joints,
      lower: robot.limits.position_lower.map((x) => (Number.isFinite(x) ? x + limit_margin_rad : -Math.PI)),
      upper: robot.limits.position_upper.map((x) => (Number.isFinite(x) ? x - limit_margin_rad : Math.PI)),
      collides: (q, offset = 0) => world.collides(q, offset),
    };
    this.endless = endlessJoints(robot);
    this.checker = new EdgeChecker(this.space, this.options.resolution_rad);
    this.validator = new EdgeChecker(
      { ...this.space, segmentFree: (a, ao, b, bo) => world.segmentFree(a, ao, b, bo) },
      this.options.resolution_rad,
    );
    this.rrt = new RrtConnect(this.checker, {
      range_rad: options.range_rad ?? 0.5,
      max_iterations: options.max_iterations ?? 20_000,
      max_nodes: options.max_nodes ?? 20_000,
    });
  }

  /**
   * A path from `start` to whichever of `goals` is reached first. The same world, request and stream give the same path.
   * @param goals  at least one
   */
  plan(
    start: Float64Array,
    goals: readonly Float64Array[],
    rng: Rng,
    { whole_turns = false }: PlanOptions = {},
  ): FoundPath | NoPath {
    const { world } = this;
    const margin_before = world.margin_m;
    try {
      return this.planKeeping(start, goals, rng, whole_turns);
    } finally {
      world.margin_m = margin_before;
    }
  }

  /**
   * A planned path timed from rest to rest within the arm's limits, as the world stands. Where the arm's jerk limits are
   * low the motion cuts bends that are free to cut, and comes with its own path.
   */
  time(path: readonly Float64Array[], dt_s: number): FreeMotion {
    const { world, validator } = this;
    const margin_before = world.margin_m;
    const margins = this.margins.map((m) => m * VALIDATION_MARGIN);
    let kept: number | undefined;
    const free: SegmentTest = (a, ao, b, bo) => {
      kept ??= margins.find((m) => {
        world.margin_m = m;
        return validator.pathFree(path);
      });
      return kept !== undefined && validator.free(a, ao, b, bo);
    };
    try {
      return timeFreePath(path, this.robot.limits, free, { dt_s });
    } finally {
      world.margin_m = margin_before;
    }
  }

  /** Whether the straight segment is free of contact as the world stands now, its first end not checked. */
  segmentFree(a: Float64Array, b: Float64Array): boolean {
    return this.judged(() => this.validator.free(a, 0, b, 0));
  }

  /** Whether a whole path is free of contact as the world stands now. */
  pathFree(path: readonly Float64Array[]): boolean {
    return this.judged(() => this.validator.pathFree(path));
  }

  /** Runs a check with the part of the world's margin that a finished path must keep. */
  private judged(check: () => boolean): boolean {
    const { world } = this;
    const { margin_m } = world;
    world.margin_m = margin_m * VALIDATION_MARGIN;
    const free = check();
    world.margin_m = margin_m;
    return free;
  }

  private planKeeping(
    start: Float64Array,
    goals: readonly Float64Array[],
    rng: Rng,
    whole_turns: boolean,
  ): FoundPath | NoPath {
    const { world } = this;
    const notes: string[] = [];
    const from = this.withinLimits(start, 'start', notes);
    if (typeof from === 'string') return { ok: false, stage: 'start', reason: from };
    const kept: Float64Array[] = [];
    const index: number[] = [];
    let refused = 'there is no goal';
    goals.forEach((goal, i) => {
      const to = this.withinLimits(goal, goals.length === 1 ? 'goal' : `goal ${i}`, notes);
      if (typeof to === 'string') refused = to;
      else {
        const same = whole_turns && this.endless.length > 0 ? goalsByTurns(to, from, this.endless) : [to];
        kept.push(...same);
        index.push(...same.map(() => i));
      }
    });
    if (kept.length === 0) return { ok: false, stage: 'goal', reason: refused };
    this.searchAbout([from, ...kept]);
    let failure: NoPath | null = null;
    for (const [attempt, margin_m] of this.margins.entries()) {
      // a search that failed with a margin is tried once more without any
      if (failure?.stage === 'connect' && attempt < this.margins.length - 1) continue;
      world.margin_m = margin_m;
      const outcome = this.search(from, kept, rng.stream(`margin ${attempt}`));
      if ('path' in outcome) {
        const { path, iterations } = outcome;
        const end = path[path.length - 1];
        const reached = kept.findIndex((goal) => goal.every((x, j) => x === end[j]));
        if (attempt > 0)
          notes.push(`a distance of ${1000 * margin_m} mm was kept instead of ${1000 * this.margins[0]} mm`);
        for (const j of this.endless) {
          const given = goals[index[reached]][j];
          if (Math.abs(end[j] - given) > Math.PI)
            notes.push(`${this.robot.model.joint_names[j]} ends at ${end[j]} rad, whole turns from ${given} rad`);
        }
        return { ok: true, path, goal: index[reached], margin_m, iterations, note: notes.join('; ') };
      }
      failure = outcome;
    }
    if (failure === null) throw new Error('unreachable: at least one margin is tried');
    return failure;
  }

  /** Endless joints are searched half a turn beyond the ends. */
  private searchAbout(ends: readonly Float64Array[]): void {
    const { lower, upper } = this.space;
    for (const j of this.endless) {
      lower[j] = Math.min(...ends.map((q) => q[j])) - Math.PI;
      upper[j] = Math.max(...ends.map((q) => q[j])) + Math.PI;
    }
  }

  /** Searches, simplifies and validates with the world's present margin. */
  private search(
    start: Float64Array,
    goals: readonly Float64Array[],
    rng: Rng,
  ): { readonly path: readonly Float64Array[]; readonly iterations: number } | NoPath {
    const { options, checker, world } = this;
    let rejected: readonly [string, string] = ['', ''];
    for (let attempt = 0; attempt < options.attempts; attempt++) {
      const stream = rng.stream(`attempt ${attempt}`);
      checker.resolution_rad = options.resolution_rad * 0.4 ** attempt;
      const found = this.rrt.plan(start, goals, stream);
      if (!found.ok) return this.explain(found, start, goals);
      const short = simplifyPath(found.path, checker, this.simplification);
      const path = options.rounded ? this.round(short) : short;
      // between checked points a path comes closer than at them; what counts in the end is contact
      if (this.pathFree(path)) return { path, iterations: found.iterations };
      rejected = world.lastContact();
    }
    return {
      ok: false,
      stage: 'validate',
      reason: `every path found touches something between its checked points: ${rejected.join(' and ')}`,
      contact: rejected,
    };
  }

  private round(path: readonly Float64Array[]): readonly Float64Array[] {
    return blendCorners(path, this.space.n, (a, ao, b, bo) => this.checker.free(a, ao, b, bo));
  }

  private explain(found: RrtResult, start: Float64Array, goals: readonly Float64Array[]): NoPath {
    const { stage, reason, closest } = found;
    if (stage === 'connect') {
      const gap = closest === undefined ? '' : `; the two searches came within ${closest.gap_rad.toFixed(3)} rad`;
      return { ok: false, stage, reason: `${reason}${gap}`, ...(closest === undefined ? {} : { closest }) };
    }
    // ask again, as other positions have been asked about since
    const end = stage === 'start' ? start : goals[0];
    this.world.collides(end);
    const contact = this.world.lastContact();
    const one = this.endless.length > 0 && goals.every((goal) => sameByTurns(goal, goals[0], this.endless));
    return {
      ok: false,
      stage,
      reason: `${stage === 'goal' && one ? THE_GOAL : reason}: ${contact.join(' and ')}`,
      contact,
    };
  }

  /** The position, moved by at most `MOST_CLAMPED_RAD` to hold the limits, or why it cannot be used. */
  private withinLimits(q: Float64Array, what: string, notes: string[]): Float64Array | string {
    const { n, lower, upper } = this.space;
    const { position_lower, position_upper } = this.robot.limits;
    const names = this.robot.model.joint_names;
    if (q.length !== n) return `the ${what} has ${q.length} joints; the arm has ${n}`;
    const out = q.slice();
    for (let j = 0; j < n; j++) {
      if (!Number.isFinite(q[j])) return `the ${what} has ${q[j]} at ${names[j]}`;
      if (!Number.isFinite(position_lower[j])) continue;
      const held = Math.min(Math.max(q[j], lower[j]), upper[j]);
      const by = Math.abs(held - q[j]);
      if (by > MOST_CLAMPED_RAD && (q[j] < position_lower[j] || q[j] > position_upper[j])) {
        const limits = `[${position_lower[j]}, ${position_upper[j]}]`;
        return `the ${what} has ${names[j]} = ${q[j]} rad, which is outside ${limits}`;
      }
      if (by === 0 || by > MOST_CLAMPED_RAD) continue;
      out[j] = held;
      notes.push(`${what}: ${names[j]} moved by ${by.toExponential(1)} rad to its limit`);
    }
    return out;
  }
}
