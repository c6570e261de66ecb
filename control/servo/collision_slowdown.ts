import { type CollisionWorld, HELD, type ProximityTable } from '../../collision/index.ts';
import { frameIndex } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { LinkLevers } from './link_levers.ts';
import type { ReferenceMotion } from './reference_motion.ts';
import { DISTANCE, type ServoStatus } from './servo_status.ts';
import { stoppingShare } from './stopping_share.ts';

export interface SlowdownOptions {
  /** Distances from obstacles and of links from each other that are never gone below (m). */
  readonly obstacle_stop_m: number;
  readonly self_stop_m: number;
  /** Where approaching comes to rest: this much before (m). */
  readonly soft_m: number;
  /** Farthest that is looked (m). */
  readonly reach_m: number;
  /** Farthest point of a held object from the tool frame (m). */
  readonly held_reach_m: number;
}

export const DEFAULT_SLOWDOWN_OPTIONS: SlowdownOptions = {
  obstacle_stop_m: 0.01,
  self_stop_m: 0.004,
  soft_m: 0.002,
  reach_m: 0.15,
  held_reach_m: 0.3,
};

/** Distances measured for the stop from one proposal, at most. */
const MOST_MEASURED = 12;
/** Samples of a stop that begins nearer than it may. */
const LEAVING_SAMPLES = 4;
/** What two measurements of one distance may differ by (m). */
const MEASURED_M = 1e-6;

/**
 * Keeps a motion from contact by the distances of a collision world. `slow` slows what approaches, by the derivative of
 * every near pair's distance along the wanted velocity; what leaves is not slowed. `allows` proves that the whole stop from
 * a proposal stays clear, by conservative advancement (Mirtich, 1996): from a measured distance on, no pair can have met
 * before the joints have moved so far that their levers use it up. While nothing can be near nothing is measured anew.
 */
export class CollisionSlowdown {
  readonly world: CollisionWorld;
  readonly options: SlowdownOptions;
  private readonly table: ProximityTable;
  private readonly n: number;
  /** Levers of every row of the table by joint (m/rad), and the distance it must keep. */
  private readonly levers: Float64Array;
  private readonly stop_m: Float64Array;
  /** Where the table was measured, and where it is measured along a stop. */
  private readonly anchor: Float64Array;
  private readonly moved: Float64Array;
  private readonly last: Float64Array;
  /** Distance of every row at the present position (m), where it is below what must be kept; else infinite. */
  private readonly start_m: Float64Array;
  /** What `slow` found, in its first entry. */
  readonly share = new Float64Array(1);
  private measured = false;
  private row = 0;

  constructor(robot: Robot, world: CollisionWorld, options: Partial<SlowdownOptions> = {}) {
    const n = robot.arm_joints;
    this.n = n;
    this.world = world;
    this.options = { ...DEFAULT_SLOWDOWN_OPTIONS, ...options };
    this.table = world.proximityTable();
    const { rows, links, a } = this.table;
    const others = world.checkedPairs().map(([, b]) => b);
    const { obstacle_stop_m, self_stop_m, held_reach_m } = this.options;
    const levers = new LinkLevers(robot.model, n);
    const tool = robot.model.frames[frameIndex(robot.model, robot.tcp_frame)];
    levers.add(HELD, tool.body, Math.hypot(tool.p[0], tool.p[1], tool.p[2]) + held_reach_m);
    this.levers = new Float64Array(rows * n);
    this.stop_m = new Float64Array(rows);
    this.start_m = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      this.levers.set(levers.of(a[row], row < links ? null : others[row - links]), row * n);
      this.stop_m[row] = row < links ? obstacle_stop_m : self_stop_m;
    }
    this.anchor = new Float64Array(n);
    this.moved = new Float64Array(n);
    this.last = new Float64Array(n);
  }

  /** Obstacles, what is held or what may touch has changed: what was measured is void. */
  reset(): void {
    this.measured = false;
  }

  /**
   * Finds the share of `velocity` (rad/s) at which every pair that comes nearer can be kept apart, into `share`. Fills pair
   * and distance of the status where it is below 1.
   * @param pace  how fast the share can fall (1/s), and the time to react (s); see stoppingShare
   */
  slow(motion: ReferenceMotion, velocity: Float64Array, pace: Float64Array, status: ServoStatus): void {
    const { table, n, moved, stop_m, options, anchor } = this;
    const slowing_per_s = pace[0];
    const reaction_s = pace[1];
    this.share[0] = 1;
    // Way at the whole speed until at rest.
    const time = reaction_s + 0.5 / slowing_per_s;
    for (let i = 0; i < n; i++) moved[i] = Math.abs(motion.p[i] - anchor[i]) + time * Math.abs(velocity[i]);
    this.start_m.fill(Number.POSITIVE_INFINITY);
    if (this.measured && this.keeps(options.soft_m)) return;
    this.measure(motion.p);
    let share = 1;
    for (let row = 0; row < table.rows; row++) {
      const distance = table.distance_m[row];
      if (distance === Number.POSITIVE_INFINITY) continue;
      let rate = 0;
      for (let i = 0; i < n; i++) rate -= table.gradient[n * row + i] * velocity[i];
      const room = distance - stop_m[row] - options.soft_m;
      const row_share = stoppingShare(room, rate, slowing_per_s, reaction_s);
      if (row_share >= share) continue;
      share = row_share;
      this.row = row;
    }
    if (share < 1) this.name(status);
    this.share[0] = share;
  }

  /** Whether the proposal of `motion` and the stop from it keep clear; names the pair in the status if not. */
  allows(motion: ReferenceMotion, status: ServoStatus): boolean {
    const { n, moved, anchor, table, start_m, stop_m, last } = this;
    const { p, stop_way } = motion;
    for (let i = 0; i < n; i++) moved[i] = Math.abs(p[i] - anchor[i]) + stop_way[i];
    start_m.fill(Number.POSITIVE_INFINITY);
    if (this.measured && this.keeps(0)) return true;
    this.measure(p);
    let leaving = false;
    for (let row = 0; row < table.rows; row++) {
      const near = table.distance_m[row] < stop_m[row];
      start_m[row] = near ? table.distance_m[row] : Number.POSITIVE_INFINITY;
      leaving = leaving || near;
    }
    let cycle = -1;
    let stride = leaving ? Math.max(1, Math.ceil(motion.stop_cycles / LEAVING_SAMPLES)) : motion.stop_cycles + 1;
    last.set(p);
    for (let count = 0; count < MOST_MEASURED; count++) {
      const rest = motion.stop_cycles - cycle;
      if (stride > rest) stride = rest;
      // The farthest cycle that the distances measured last reach to.
      for (;;) {
        motion.locateStop(cycle + stride);
        for (let i = 0; i < n; i++) moved[i] = Math.abs(motion.stop_p[i] - last[i]) + motion.extraWay(i);
        if (stride === 1 || this.keeps(0)) break;
        stride = Math.max(1, stride >> 1);
      }
      const proven = this.keeps(0);
      cycle += stride;
      if (proven && !leaving && cycle >= motion.stop_cycles) return true;
      this.measure(motion.stop_p);
      last.set(motion.stop_p);
      for (let row = 0; row < table.rows; row++) {
        const least = Math.min(stop_m[row], start_m[row] - MEASURED_M);
        if (!(table.distance_m[row] >= least)) {
          this.row = row;
          this.name(status);
          return false;
        }
      }
      if (cycle >= motion.stop_cycles) return true;
      stride *= 4;
    }
    this.name(status);
    return false;
  }

  private measure(q: Float64Array): void {
    this.world.distances(q, 0, this.options.reach_m, this.table);
    this.anchor.set(q);
    this.measured = true;
  }

  /** Whether no pair but those too near at the start can come nearer than it may, plus a margin, by the way `moved`. */
  private keeps(margin_m: number): boolean {
    const { table, n, levers, stop_m, start_m, moved, options } = this;
    const { distance_m } = table;
    for (let row = 0; row < table.rows; row++) {
      if (start_m[row] !== Number.POSITIVE_INFINITY) continue;
      const distance = distance_m[row] < options.reach_m ? distance_m[row] : options.reach_m;
      let left = distance - stop_m[row] - margin_m;
      for (let i = 0; i < n; i++) left -= levers[n * row + i] * moved[i];
      if (left < 0) {
        this.row = row;
        return false;
      }
    }
    return true;
  }

  private name(status: ServoStatus): void {
    const { table, row } = this;
    status.pair_a = table.a[row];
    status.pair_b = table.b[row];
    status.numbers[DISTANCE] = table.distance_m[row];
  }
}
