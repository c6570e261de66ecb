import type { JointGuard } from '../joint_guard.ts';
import type { BodySet } from '../separation/body_set.ts';
import type { SeparationLimits } from '../separation/limits.ts';
import type { CollisionPairs } from './collision_pairs.ts';
import { ROUNDING, type TailClearance } from './tail_clearance.ts';
import type { TailMotion } from './tail_motion.ts';

/** What a pair that is already too near may lose through rounding (m). */
const STILL = 1e-12;
const UNKNOWN = -2;

/**
 * Keeps the arm's capsules clear of where tracked bodies may be by then, over the proposed state and the stop from it.
 *
 * What an allowed proposal means, where the envelope has limits of separation: from the proposal on, at every cycle at which
 * a link's surface may still be faster than `contact_speed_m_per_s`, and between cycles, it is clear of every body's
 * reachable set: the capsule as it was sensed, grown by its errors, the arm's own and the intrusion, and by
 * `body_speed_m_per_s` times the age that its track has at that cycle. So whatever a body does within its limits, no
 * surface of the arm that touches it is faster. An arm at rest stays allowed to rest; nothing else is allowed to one that a
 * body may touch.
 *
 * Without such limits a body is an obstacle that goes on with the velocity it was told to have.
 */
export class BodyGuard {
  /** Pair that the last `allows` refused, −1 for none. */
  refused = -1;
  readonly bodies: BodySet;
  private readonly limits: SeparationLimits | null;
  private readonly pairs: CollisionPairs;
  private readonly motion: TailMotion;
  private readonly clearance: TailClearance;
  private readonly joints: readonly JointGuard[];
  private readonly h: number;
  /** Per path: cycle from which on its links are slow enough, −1 from the proposal on; what clearance must be left (m). */
  private readonly end: Int32Array;
  readonly floor: Float64Array;
  /** Per path and coordinate: how far a point of a surface can be from the joint's axis (m). */
  private readonly surface_reach: Float64Array;
  private readonly rounding = new Float64Array(1);
  private readonly since_s = new Float64Array(2);

  constructor(
    pairs: CollisionPairs,
    motion: TailMotion,
    clearance: TailClearance,
    joints: readonly JointGuard[],
    hz: number,
    bodies: BodySet,
    limits: SeparationLimits | null,
  ) {
    this.pairs = pairs;
    this.motion = motion;
    this.clearance = clearance;
    this.joints = joints;
    this.h = 1 / hz;
    this.bodies = bodies;
    this.limits = limits;
    const n = joints.length;
    this.end = new Int32Array(pairs.paths.length);
    this.floor = new Float64Array(pairs.paths.length);
    this.surface_reach = new Float64Array(n * pairs.paths.length);
    pairs.paths.forEach(({ moving, coordinate, multiplier, reach }, path) => {
      const radius = Math.max(0, ...pairs.capsules.radius.filter((_, c) => pairs.capsules.body[c] === moving));
      coordinate.forEach((k, i) => {
        this.surface_reach[n * path + k] += multiplier[i] * (reach[i] + radius);
      });
    });
    bodies.changed.fill(1);
  }

  /** Takes in what has changed of the bodies; before any pair is asked for. */
  prepare(): void {
    const { bodies } = this;
    for (let slot = 0; slot < bodies.used.length; slot++) {
      if (bodies.changed[slot] === 0) continue;
      bodies.changed[slot] = 0;
      if (bodies.used[slot] === 1) this.place(slot);
    }
  }

  /** Whether the proposals of all joints and the stops from them stay clear of all bodies. */
  allows(): boolean {
    if (this.bodies.count === 0) return true;
    const { refused } = this;
    this.begin();
    if (refused >= 0 && this.isUsed(refused) && !this.keeps(refused)) return this.refuse(refused);
    return this.scan(false);
  }

  /** The same of those bodies alone that nothing known before accounts for; these are known from then on. */
  allowsFresh(): boolean {
    this.begin();
    const allowed = this.scan(true);
    this.bodies.fresh.fill(0);
    this.bodies.any_fresh = false;
    return allowed;
  }

  /** Before any pair of new proposals is asked for. */
  begin(): void {
    const { motion, floor, pairs, limits, h } = this;
    this.refused = -1;
    this.end.fill(limits === null ? motion.cycles : UNKNOWN);
    if (limits === null) return;
    const n = this.joints.length;
    for (let path = 0; path < floor.length; path++) {
      if (pairs.paths[path].fixed >= 0) continue;
      let stride = limits.body_speed_m_per_s * h;
      for (let k = 0; k < n; k++) stride += motion.reach[n * path + k] * motion.step[k];
      // Between two cycles a pair comes nearer by half of what its parts can move.
      floor[path] = 0.5 * stride;
    }
  }

  private refuse(pair: number): boolean {
    this.refused = pair;
    return false;
  }

  private scan(fresh_only: boolean): boolean {
    const { bodies, pairs, limits } = this;
    const { first_of_path, order, first_self, obstacles, paths } = pairs;
    for (let path = 0; path < paths.length; path++) {
      if (paths[path].fixed >= 0) continue;
      if (limits !== null && this.rests(path)) continue;
      for (let i = first_of_path[path]; i < first_of_path[path + 1]; i++) {
        if (order[i] >= first_self) continue;
        const first = order[i] + obstacles.first_body;
        for (let slot = 0; slot < bodies.top; slot++) {
          if (bodies.used[slot] === 0 || (fresh_only && bodies.fresh[slot] === 0)) continue;
          if (!this.keeps(first + slot)) return this.refuse(first + slot);
        }
      }
    }
    return true;
  }

  private keeps(pair: number): boolean {
    const { clearance, motion, pairs, limits } = this;
    const { key, since } = clearance;
    const path = pairs.path_of[pair];
    if (key[pair] === Number.NEGATIVE_INFINITY) clearance.estimate(pair);
    const needed = motion.odometer[path] + motion.stretch[path] + pairs.speed[pair] * since[1];
    if (key[pair] - needed - this.floor[path] >= ROUNDING) return true;
    const end = this.endOf(path);
    if (end < 0) return true;
    clearance.floor[0] = this.floor[path];
    return clearance.staysApart(pair, end) || (limits === null && this.leaves(pair));
  }

  /** Whether a body that is an obstacle is too near already, and does not come nearer still. */
  private leaves(pair: number): boolean {
    const { clearance } = this;
    if (!clearance.lookNow(pair) || clearance.present[0] >= 0) return false;
    clearance.floor[0] = clearance.present[0] - STILL;
    return clearance.staysApart(pair, this.motion.cycles);
  }

  /** Last cycle of the tail at which a link of the path may be faster than the contact speed; −1 for none. */
  endOf(path: number): number {
    const { end, motion, limits } = this;
    if (end[path] !== UNKNOWN) return end[path];
    let low = -1;
    if (limits !== null && limits.contact_speed_m_per_s === 0) low = this.rests(path) ? -1 : motion.cycles;
    else if (limits !== null) {
      // Fast at `low`, slow from `high` on.
      let high = motion.cycles;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (this.staysSlow(path, middle, limits.contact_speed_m_per_s)) high = middle;
        else low = middle;
      }
      if (low === -1 && !this.staysSlow(path, 0, limits.contact_speed_m_per_s)) low = 0;
    }
    end[path] = low;
    return low;
  }

  /** Whether no surface of the path's links is faster than `speed` (m/s) at cycle `from` of the tail and later. */
  private staysSlow(path: number, from: number, speed: number): boolean {
    const { joints, surface_reach } = this;
    const n = joints.length;
    let bound = 0;
    for (let k = 0; k < n; k++) {
      const reach = surface_reach[n * path + k];
      if (reach === 0) continue;
      const { tail, next_v, next_a } = joints[k];
      if (next_v === 0 && next_a === 0) continue;
      if (from >= tail.cycles) continue;
      tail.findRange(from, tail.cycles);
      const back = -tail.velocity_low;
      bound += reach * (back > tail.velocity_high ? back : tail.velocity_high);
    }
    return bound <= speed;
  }

  private rests(path: number): boolean {
    const { joints, surface_reach } = this;
    const n = joints.length;
    for (let k = 0; k < n; k++) {
      if (surface_reach[n * path + k] === 0) continue;
      if (joints[k].next_v !== 0 || joints[k].next_a !== 0) return false;
    }
    return true;
  }

  private isUsed(pair: number): boolean {
    const { capacity, first_body } = this.pairs.obstacles;
    return this.bodies.used[(pair % capacity) - first_body] === 1;
  }

  private place(slot: number): void {
    const { bodies, pairs, rounding, since_s, limits, clearance } = this;
    const { obstacles, capsules } = pairs;
    const growth = limits === null ? 0 : limits.body_speed_m_per_s;
    since_s[0] = pairs.set_s[0] - bodies.sensed_s[slot];
    since_s[1] = limits === null ? 1 : 0;
    rounding[0] = bodies.radius[slot] + bodies.error[slot];
    if (limits !== null) {
      const { body_error_m, robot_error_m, intrusion_m } = limits;
      // The margin of obstacles is not asked of bodies.
      rounding[0] += body_error_m + robot_error_m + intrusion_m + growth * since_s[0] - pairs.obstacle_margin[0];
    }
    obstacles.placeBody(bodies, slot, rounding, since_s);
    const o = obstacles.first_body + slot;
    for (let c = 0; c < capsules.count; c++) {
      const pair = c * obstacles.capacity + o;
      pairs.speed[pair] = limits === null ? obstacles.speed[o] : growth;
      pairs.growth[pair] = growth;
      clearance.key[pair] = Number.NEGATIVE_INFINITY;
    }
  }
}
