import { type CollisionWorld, HELD, type ProximityTable } from '../../collision/index.ts';
import { frameIndex, type RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { LinkLevers } from './link_levers.ts';
import type { ReferenceMotion } from './reference_motion.ts';
import { RowSpeeds } from './row_speeds.ts';
import { DISTANCE, type ServoStatus } from './servo_status.ts';
import { timeLeft } from './stopping_share.ts';

export interface SlowdownOptions {
  /** Distances from obstacles and of links from each other that are never gone below (m). */
  readonly obstacle_stop_m: number;
  readonly self_stop_m: number;
  /** Where approaching comes to rest: this much before (m). */
  readonly soft_m: number;
  /** Farthest point of a held object from the tool frame (m). */
  readonly held_reach_m: number;
}

export const DEFAULT_SLOWDOWN_OPTIONS: SlowdownOptions = {
  obstacle_stop_m: 0.01,
  self_stop_m: 0.004,
  soft_m: 0.002,
  held_reach_m: 0.3,
};

/** Farthest that is looked (m). A constant, since a field would be boxed in every call. */
const REACH_M = 0.15;
/** Times the distances along one stop are measured, at most. */
const MOST_MEASURED = 12;
/** Samples of a stop that begins nearer than it may. */
const LEAVING_SAMPLES = 4;
/** A distance is measured anew when the arm may have used up so much of it since (m, and share); until then it is taken as linear. */
const STALE_M = 5e-4;
const STALE_SHARE = 0.1;
/** A finger is taken over anew when it has moved so far (m). */
const FINGER_M = 5e-4;
/** What two measurements of one distance may differ by (m). */
const MEASURED_M = 1e-6;

/**
 * Keeps a motion from contact by the distances of a collision world. `findTime` looks at what approaches, by the
 * derivative of every near pair's distance along the wanted velocity; what leaves does not count. `allows` proves that the whole stop from
 * a proposal stays clear, by conservative advancement (Mirtich, 1996): from where a pair was measured it cannot have met
 * before the joints have moved so far that their levers use up the distance. Only pairs of which that is not known from
 * earlier measurements are measured anew.
 */
export class CollisionSlowdown {
  readonly world: CollisionWorld;
  readonly options: SlowdownOptions;
  /** What `findTime` found (s), in its first entry. */
  readonly time_left_s = new Float64Array(1);
  private readonly table: ProximityTable;
  private readonly n: number;
  /** By row of the table: levers of the joints (m/rad), positions at which it was measured, distance it must keep (m). */
  private readonly levers: Float64Array;
  private readonly anchors: Float64Array;
  private readonly stop_m: Float64Array;
  /** Distances at the present position of rows that are too near (m), 0 entries where they are not. */
  private readonly near_m: Float64Array;
  private readonly too_near: Uint8Array;
  /** Rows of which the last look at earlier measurements could not say that they stay apart. */
  private readonly open: Uint8Array;
  /** Rows that may have to slow. */
  private readonly close: Uint8Array;
  private readonly way: Float64Array;
  private readonly from: Float64Array;
  private readonly still: Float64Array;
  /** By row, what is asked for beyond the distance that must be kept (m). */
  private readonly margins: Float64Array;
  private readonly bodies: RowSpeeds;
  /** Finger coordinate last taken over (m), in its first entry. */
  private readonly fingers = Float64Array.of(Number.NaN);
  private revision = -1;
  private row = 0;

  constructor(robot: Robot, world: CollisionWorld, options: Partial<SlowdownOptions> = {}) {
    const n = robot.arm_joints;
    this.n = n;
    this.world = world;
    this.options = { ...DEFAULT_SLOWDOWN_OPTIONS, ...options };
    this.table = world.proximityTable();
    const { rows, links, a, other } = this.table;
    const { obstacle_stop_m, self_stop_m, held_reach_m } = this.options;
    const levers = new LinkLevers(robot.model, n);
    const tool = robot.model.frames[frameIndex(robot.model, robot.tcp_frame)];
    levers.add(HELD, tool.body, Math.hypot(tool.p[0], tool.p[1], tool.p[2]) + held_reach_m);
    this.levers = Float64Array.from(a.flatMap((link, row) => [...levers.of(link, row < links ? null : other[row])]));
    this.stop_m = Float64Array.from(a, (_, row) => (row < links ? obstacle_stop_m : self_stop_m));
    this.anchors = new Float64Array(rows * n).fill(Number.NaN);
    this.near_m = new Float64Array(rows);
    this.too_near = new Uint8Array(rows);
    this.open = new Uint8Array(rows);
    this.close = new Uint8Array(rows);
    this.way = new Float64Array(n);
    this.from = new Float64Array(n);
    this.still = new Float64Array(n);
    this.margins = new Float64Array(rows);
    this.bodies = new RowSpeeds(levers, robot.model, a, other);
  }

  /** Before a cycle: takes over the fingers as they are measured, and changes of the world. */
  follow(position: Float64Array): void {
    const { world, fingers } = this;
    const { gripper } = world.robot;
    if (gripper !== null && !(Math.abs(position[gripper.coordinate] - fingers[0]) < FINGER_M)) {
      fingers[0] = position[gripper.coordinate];
      world.setGripperWidth(2 * fingers[0]);
    }
    if (world.revision === this.revision) return;
    this.revision = world.revision;
    this.anchors.fill(Number.NaN);
  }

  /**
   * Finds the time until the first pair that comes nearer at `velocity` (rad/s) would be where it must be at rest.
   * @param data  the arm as it is placed now
   * @param horizon_s  time beyond which it does not matter, in its first entry
   */
  findTime(motion: ReferenceMotion, data: RobotData, velocity: Float64Array, horizon_s: Float64Array): void {
    const { table, n, stop_m, options, close, anchors, bodies, margins } = this;
    this.time_left_s[0] = Number.POSITIVE_INFINITY;
    this.too_near.fill(0);
    bodies.move(data, velocity);
    for (let row = 0; row < table.rows; row++) margins[row] = options.soft_m + horizon_s[0] * bodies.speeds[row];
    if (this.apart(motion.p, motion.p, this.still)) return;
    this.measureStale(motion.p);
    let least = Number.POSITIVE_INFINITY;
    for (let row = 0; row < table.rows; row++) {
      let distance = table.distance_m[row];
      if (close[row] === 0 || distance === Number.POSITIVE_INFINITY) continue;
      let rate = 0;
      for (let i = n * row, k = 0; k < n; i++, k++) {
        distance += table.gradient[i] * (motion.p[k] - anchors[i]);
        rate -= table.gradient[i] * velocity[k];
      }
      const time = timeLeft(distance - stop_m[row] - options.soft_m, rate);
      if (time >= least) continue;
      least = time;
      this.row = row;
    }
    this.time_left_s[0] = least;
  }

  /** Whether the proposal of `motion` and the stop from it keep clear; names the pair in the status if not. */
  allows(motion: ReferenceMotion, status: ServoStatus): boolean {
    const { n, way, from, too_near, open, margins } = this;
    const { p, stop_way, stop_p, stop_cycles } = motion;
    margins.fill(0);
    too_near.fill(0);
    if (this.apart(p, p, stop_way)) return true;
    this.measure(p);
    const leaving = this.findTooNear();
    if (!leaving && this.apart(p, p, stop_way)) return true;
    for (let i = 0; i < n; i++) way[i] = motion.extraWay(i);
    const longest = leaving ? Math.max(1, Math.ceil(stop_cycles / LEAVING_SAMPLES)) : stop_cycles + 1;
    from.set(p);
    let cycle = -1;
    for (let count = 0; count < MOST_MEASURED; count++) {
      // As far on as what was measured reaches.
      let stride = Math.min(longest, stop_cycles - cycle);
      motion.locateStop(cycle + stride);
      let proven = this.apart(from, stop_p, way);
      while (!proven && stride > 1) {
        stride >>= 1;
        motion.locateStop(cycle + stride);
        proven = this.apart(from, stop_p, way);
      }
      cycle += stride;
      if (proven && !leaving && cycle >= stop_cycles) return true;
      from.set(stop_p);
      motion.locateStop(stop_cycles);
      if (proven) open.fill(0);
      this.markOpen(from, stop_p, way);
      for (let row = 0; row < open.length; row++) open[row] |= too_near[row];
      this.measure(from);
      if (!this.keepsClear()) {
        this.name(status);
        return false;
      }
      if (cycle >= stop_cycles) return true;
    }
    this.name(status);
    return false;
  }

  /** Keeps the open rows as `close`, and measures those of them that were measured too far from here. */
  private measureStale(q: Float64Array): void {
    const { table, open, close, levers, anchors, stop_m, n } = this;
    close.set(open);
    let any = false;
    for (let row = 0; row < table.rows; row++) {
      if (open[row] === 0) continue;
      const distance = Math.min(table.distance_m[row], REACH_M);
      let room = Math.max(STALE_M, STALE_SHARE * (distance - stop_m[row]));
      for (let i = n * row, k = 0; k < n; i++, k++) room -= levers[i] * Math.abs(q[k] - anchors[i]);
      if (room >= 0) open[row] = 0;
      else any = true;
    }
    if (any) this.measure(q);
  }

  /** Measures the open rows. */
  private measure(q: Float64Array): void {
    const { table, open, anchors, n } = this;
    table.wanted.set(open);
    this.world.distances(q, 0, REACH_M, table);
    for (let row = 0; row < table.rows; row++) {
      if (open[row] === 1) for (let i = 0; i < n; i++) anchors[n * row + i] = q[i];
    }
  }

  /** Notes which rows are nearer than they may be, just measured; whether there is one. */
  private findTooNear(): boolean {
    const { table, open, stop_m, near_m, too_near } = this;
    let any = false;
    for (let row = 0; row < table.rows; row++) {
      if (open[row] === 0 || table.distance_m[row] >= stop_m[row]) continue;
      too_near[row] = 1;
      near_m[row] = table.distance_m[row];
      any = true;
    }
    return any;
  }

  /** Whether the rows just measured keep their distance, and those too near already do not come nearer. */
  private keepsClear(): boolean {
    const { table, open, stop_m, near_m, too_near } = this;
    for (let row = 0; row < table.rows; row++) {
      if (open[row] === 0) continue;
      const least = too_near[row] === 1 ? near_m[row] - MEASURED_M : stop_m[row];
      if (table.distance_m[row] >= least) continue;
      this.row = row;
      return false;
    }
    return true;
  }

  /** As markOpen, from none; whether none is left open. */
  private apart(from: Float64Array, to: Float64Array, way: Float64Array): boolean {
    this.open.fill(0);
    return this.markOpen(from, to, way);
  }

  /**
   * Marks rows, but not those too near, of which earlier measurements do not say that they keep their distance and
   * margin from `from` straight to `to` (each joint) and `way` to and fro. Whether none is.
   */
  private markOpen(from: Float64Array, to: Float64Array, way: Float64Array): boolean {
    const { table, n, levers, anchors, stop_m, too_near, open, margins } = this;
    const { distance_m } = table;
    let none = true;
    for (let row = 0; row < table.rows; row++) {
      if (too_near[row] === 1) continue;
      const distance = distance_m[row] < REACH_M ? distance_m[row] : REACH_M;
      let left = distance - stop_m[row] - margins[row];
      for (let i = n * row, k = 0; k < n; i++, k++) {
        const before = Math.abs(from[k] - anchors[i]);
        const after = Math.abs(to[k] - anchors[i]);
        left -= levers[i] * ((before > after ? before : after) + way[k]);
      }
      // Not measured yet gives NaN.
      if (left >= 0) continue;
      open[row] = 1;
      this.row = row;
      none = false;
    }
    return none;
  }

  /** Names the pair that was last found in the way. */
  name(status: ServoStatus): void {
    const { table, row } = this;
    status.pair_a = table.a[row];
    status.pair_b = table.b[row];
    status.numbers[DISTANCE] = table.distance_m[row];
  }
}
