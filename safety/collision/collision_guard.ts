import { InputError } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { TailGuard } from '../guarded_motion.ts';
import type { JointGuard } from '../joint_guard.ts';
import type { Obstacle } from '../obstacle.ts';
import { reasonBit } from '../reasons.ts';
import { BodySet } from '../separation/body_set.ts';
import type { SeparationLimits } from '../separation/limits.ts';
import { BodyDistance } from './body_distance.ts';
import { BodyGuard } from './body_guard.ts';
import { CollisionPairs } from './collision_pairs.ts';
import type { KeepOut } from './obstacle_set.ts';
import { SweptBoxes } from './swept_boxes.ts';
import { ROUNDING, TailClearance } from './tail_clearance.ts';
import { TailMotion } from './tail_motion.ts';
import { LONGEST_STOP, TailPoses } from './tail_poses.ts';

/** Poses computed for one tail before it is refused as too close to tell. */
const POSE_BUDGET = 96;
/** More obstacle pairs of a path than few, or pairs than many, in a stop that is not short, are sorted by swept boxes. */
const FEW = 6;
const MANY = 20;
const SHORT = 16;
/** What a pair that is already too near may lose through rounding (m). */
const STILL = 1e-12;

export interface CollisionOptions {
  readonly hz: number;
  /** Least distance of the arm's capsules to one another, and to obstacles (m). */
  readonly self_margin_m: number;
  readonly obstacle_margin_m: number;
  readonly keep_out: readonly KeepOut[];
  /** Tracked bodies, and what is relied on of them; none by default, and nothing. */
  readonly bodies?: BodySet;
  readonly separation?: SeparationLimits | null;
}

const SELF_COLLISION = reasonBit('self_collision');
const OBSTACLE = reasonBit('obstacle');
const SEPARATION = reasonBit('separation');

/** Why proposals were refused. */
export const COLLISION = { none: 0, self: 1, obstacle: 2, body: 3 } as const;
export type Collision = (typeof COLLISION)[keyof typeof COLLISION];

/**
 * Keeps the arm's capsules apart from each other and from obstacles over the proposed state and the whole stop from it.
 *
 * What an allowed proposal means: at the pose of every cycle, from the proposal to rest, every capsule is at least
 * `self_margin_m` from the capsules of other links (see selfPairs), or else from their very collision shapes, and every capsule at least `obstacle_margin_m` from every obstacle, each moved on with its
 * velocity to the time of that cycle. The rest of a stop is part of it, so it stays known to be safe while obstacles do as
 * announced. Between two cycles a pair can come nearer than its margin by no more than half of what its parts move
 * relative to each other in one cycle. A pair that is nearer than its margin now, at the committed positions, does not hold
 * the arm for ever: it must not come nearer than it is at any cycle of the tail. Where a capsule's axis itself is inside an
 * obstacle, nearness is the depth; in a cylinder a lower bound of it.
 *
 * What is not clear from bounds is looked at: the clearance of a pair at two cycles, less half of what the parts can move
 * meanwhile, bounds it between them, and the tail is halved until that settles it. Motion is bounded to first order by
 * reach × joint travel and to second order by the chord and the second differences (MotionPath). The clearance found is kept
 * for every pair; later cycles subtract what has been moved since.
 */
export class CollisionGuard implements TailGuard {
  /** Time of the cycle (s), rising, the same clock as of `setObstacles`. Written before `allows`. */
  time_s = 0;
  /** Whether the last `allows` refused, and why. */
  reason: Collision = COLLISION.none;
  readonly pairs: CollisionPairs;
  readonly poses: TailPoses;
  readonly motion: TailMotion;
  private readonly boxes: SweptBoxes;
  readonly clearance: TailClearance;
  readonly bodies: BodyGuard;
  private readonly body_reason: number;
  /** Of tracked bodies as of the last `measureBodies`; null where nothing is relied on of them. */
  readonly distance: BodyDistance | null;
  private readonly now = new Float64Array(1);
  /** Pair that stood against the last refused proposals, −1 for none. */
  refused = -1;
  /** Pair that made the last `keeps` fail. */
  private culprit = -1;

  /** Per path: least clearance over its pairs when last scanned, and odometer and time then. */
  private readonly scan_clearance: Float64Array;
  private readonly scan_odometer: Float64Array;
  private readonly scan_since: Float64Array;
  private readonly open: Int32Array;

  constructor(robot: Robot, joints: readonly JointGuard[], options: CollisionOptions) {
    const { hz, self_margin_m, obstacle_margin_m, keep_out, bodies, separation = null } = options;
    if (joints.length !== robot.arm_joints) {
      throw new InputError(`${joints.length} guarded joints`, `${robot.name} has ${robot.arm_joints} arm joints`);
    }
    for (const margin of [self_margin_m, obstacle_margin_m]) {
      if (!(margin >= 0 && margin < 1)) throw new InputError(`collision margin ${margin} m`, 'must be from 0 to 1');
    }
    this.pairs = new CollisionPairs(robot, self_margin_m, obstacle_margin_m, keep_out);
    this.poses = new TailPoses(robot.model, joints, POSE_BUDGET);
    this.motion = new TailMotion(joints, this.pairs.paths, this.poses, hz);
    this.boxes = new SweptBoxes(this.pairs, this.poses, this.motion);
    this.clearance = new TailClearance(this.pairs, this.poses, this.motion, hz);
    const { pairs, motion, clearance } = this;
    const set = bodies ?? new BodySet(separation);
    this.bodies = new BodyGuard(pairs, motion, clearance, joints, hz, set, separation);
    const { poses } = this;
    this.distance =
      separation === null ? null : new BodyDistance(robot.model, pairs, poses, joints, hz, set, separation);
    this.body_reason = separation === null ? OBSTACLE : SEPARATION;
    const paths = this.pairs.paths.length;
    this.scan_clearance = new Float64Array(paths).fill(Number.NEGATIVE_INFINITY);
    this.scan_odometer = new Float64Array(paths);
    this.scan_since = new Float64Array(paths);
    this.open = new Int32Array(this.pairs.count);
  }

  /** Whether the last `allows` refused. */
  get refusal(): number {
    if (this.reason === COLLISION.body) return this.body_reason;
    return this.reason === COLLISION.self ? SELF_COLLISION : OBSTACLE;
  }

  get violated(): boolean {
    return this.reason !== COLLISION.none;
  }

  /** How often a tail was refused for want of budget since the start, and distances computed, for measurements. */
  get exhausted(): number {
    return this.clearance.exhausted;
  }

  get distances(): number {
    return this.clearance.distances;
  }

  /** Poses computed since the start, for measurements. */
  get computedPoses(): number {
    return this.poses.computed;
  }

  /** Replaces the obstacles (keep-out volumes stay): where they are at `t_s`, moving on from there. Allocates. */
  setObstacles(list: readonly Obstacle[], t_s: number): void {
    const { pairs } = this;
    if (!Number.isFinite(t_s)) throw new InputError(`time ${t_s} of the obstacles`, 'must be finite');
    pairs.setObstacles(list, t_s);
    this.clearance.key.fill(Number.NEGATIVE_INFINITY, 0, pairs.first_self);
    this.scan_clearance.fill(Number.NEGATIVE_INFINITY);
    this.bodies.bodies.changed.fill(1);
  }

  /** Whether the stops from the proposals stay clear of bodies that appear out of nowhere; asks of each only once. */
  clearOfFreshBodies(): boolean {
    this.prepare();
    return this.bodies.allowsFresh();
  }

  /** Measures how far tracked bodies are from the committed positions. */
  measureBodies(): void {
    if (this.distance === null) return;
    this.poses.clear();
    this.bodies.prepare();
    this.distance.update();
    this.poses.clear();
  }

  /** Takes in the joints' proposals and the stops from them, for whoever looks at pairs along them. */
  prepareTail(): void {
    this.prepare();
    if (this.bodies.bodies.count > 0) this.bodies.begin();
  }

  /** Last cycle of the stop at which a pair must keep its clearance, −1 for none; after `prepareTail`. */
  lastCycle(pair: number): number {
    return this.ofBody(pair) ? this.bodies.endOf(this.pairs.path_of[pair]) : this.motion.cycles;
  }

  /** Into out[at], what must be left of a pair's clearance along the stop (m), unless it is too near already; after `prepareTail`. */
  findFloor(pair: number, out: Float64Array, at: number): void {
    out[at] = this.ofBody(pair) ? this.bodies.floor[this.pairs.path_of[pair]] : 0;
  }

  /** Whether the proposals of all joints and the stops from them keep all pairs apart. */
  allows(): boolean {
    this.prepare();
    const { refused, motion, scan_clearance, scan_odometer, scan_since, pairs } = this;
    const { since } = this.clearance;
    const { odometer, stretch } = motion;
    this.reason = COLLISION.none;
    this.refused = -1;
    if (motion.cycles > LONGEST_STOP) return this.refuse(pairs.first_self);
    // What stood in the way a cycle ago most likely still does.
    if (refused >= 0 && pairs.exists(refused) && !this.keeps(refused)) return this.refuse(this.culprit);
    for (let path = 0; path < odometer.length; path++) {
      const needed = odometer[path] - scan_odometer[path] + stretch[path];
      const elapsed = pairs.paths[path].fixed < 0 ? pairs.fastest[0] * (since[1] - scan_since[path]) : 0;
      if (scan_clearance[path] - needed - elapsed >= ROUNDING) continue;
      if (!this.scan(path)) return false;
    }
    if (this.bodies.allows()) return true;
    this.refused = this.bodies.refused;
    this.reason = COLLISION.body;
    return false;
  }

  /**
   * Names of the pair that stood against the last refused proposals, and their clearance (distance less margin) at the
   * committed positions; empty if none did.
   */
  describe(): string {
    if (this.refused < 0) return '';
    this.poses.clear();
    return `${this.pairs.describe(this.refused)}, clearance ${this.presentClearance(this.refused).toFixed(4)} m`;
  }

  /** Least clearance (distance less margin) of all pairs at arm positions `q` (rad), obstacles as at `time_s`; m. */
  clearanceOf(q: ArrayLike<number>): number {
    const { pairs, poses, clearance } = this;
    clearance.since[0] = this.time_s - pairs.set_s[0];
    poses.atPositions(q);
    let least = Number.POSITIVE_INFINITY;
    for (let pair = 0; pair < pairs.first_fine; pair++) {
      if (!pairs.exists(pair)) continue;
      let apart = this.presentClearance(pair);
      const own = pair - pairs.first_self;
      if (own >= 0 && apart < least && pairs.fine_count[own] > 0) {
        let shapes = Number.POSITIVE_INFINITY;
        for (let i = 0; i < pairs.fine_count[own]; i++) {
          shapes = Math.min(shapes, this.presentClearance(pairs.fine_first[own] + i));
        }
        apart = Math.max(apart, shapes);
      }
      least = Math.min(least, apart);
    }
    poses.clear();
    return least;
  }

  private ofBody(pair: number): boolean {
    const { first_self, obstacles } = this.pairs;
    return pair < first_self && pair % obstacles.capacity >= obstacles.first_body;
  }

  private presentClearance(pair: number): number {
    this.clearance.measureNow(pair);
    return this.clearance.present[0];
  }

  private refuse(pair: number): boolean {
    this.refused = pair;
    this.reason = pair >= this.pairs.first_self ? COLLISION.self : COLLISION.obstacle;
    return false;
  }

  private prepare(): void {
    this.poses.clear();
    this.boxes.clear();
    this.motion.update();
    this.now[0] = this.time_s;
    this.clearance.begin(this.now);
    this.bodies.prepare();
  }

  /** Looks at every pair of a path that its kept clearance does not settle. */
  private scan(path: number): boolean {
    const { pairs, motion, open } = this;
    const { key, since } = this.clearance;
    const { order, first_of_path, first_self, obstacles, speed } = pairs;
    const moved = motion.odometer[path];
    const needed = motion.stretch[path] + ROUNDING;
    let opened = 0;
    let near_obstacles = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = first_of_path[path]; i < first_of_path[path + 1]; i++) {
      const first = order[i];
      // One obstacle pair stands for the capsule with every obstacle.
      const end = first >= first_self ? first + 1 : first + obstacles.count;
      for (let pair = first; pair < end; pair++) {
        if (key[pair] === Number.NEGATIVE_INFINITY) this.clearance.estimate(pair);
        const slack = key[pair] - moved;
        if (slack < needed + speed[pair] * since[1]) open[opened++] = pair;
        else if (slack - speed[pair] * since[0] < least) least = slack - speed[pair] * since[0];
      }
      if (first < first_self) near_obstacles = opened;
    }
    const sort_first = (near_obstacles > FEW || opened > MANY) && motion.cycles >= SHORT;
    for (let i = 0; i < opened; i++) {
      const pair = open[i];
      const settled = sort_first && this.boxes.settles(pair, since);
      if (!settled && !this.keeps(pair)) return this.refuse(this.culprit);
      const slack = key[pair] - moved - speed[pair] * since[0];
      if (slack < least) least = slack;
    }
    this.scan_clearance[path] = least;
    this.scan_odometer[path] = moved;
    this.scan_since[path] = since[0];
    return true;
  }

  /** Whether a pair keeps its margin, or if it is already nearer, does not come nearer still. */
  private keeps(pair: number): boolean {
    const { pairs, clearance, motion } = this;
    clearance.floor[0] = 0;
    if (clearance.staysApart(pair, motion.cycles)) return true;
    const own = pair - pairs.first_self;
    if (own >= 0 && pair < pairs.first_fine && pairs.fine_count[own] > 0) return this.keepsShapes(own);
    return this.leaves(pair);
  }

  /** The same of a self pair by the shapes of the fixed link; where the fixed capsule is too coarse. */
  private keepsShapes(own: number): boolean {
    const { pairs, motion, clearance } = this;
    const first = pairs.fine_first[own];
    const path = pairs.path_of[first];
    const needed = motion.odometer[path] + motion.stretch[path] + ROUNDING;
    for (let pair = first; pair < first + pairs.fine_count[own]; pair++) {
      if (clearance.key[pair] >= needed) continue;
      clearance.floor[0] = 0;
      if (clearance.staysApart(pair, motion.cycles) || this.leaves(pair)) continue;
      this.culprit = pair;
      return false;
    }
    return true;
  }

  /** Whether a pair that does not keep its margin is nearer already, and does not come nearer still. */
  private leaves(pair: number): boolean {
    const { clearance } = this;
    this.culprit = pair;
    if (!clearance.lookNow(pair)) return false;
    const present = clearance.present[0];
    if (present >= 0) return false;
    clearance.floor[0] = present - STILL;
    return clearance.staysApart(pair, this.motion.cycles);
  }
}
