import type { RobotModel } from '../../dynamics/index.ts';
import type { JointGuard } from '../joint_guard.ts';
import type { BodySet } from '../separation/body_set.ts';
import type { SeparationLimits } from '../separation/limits.ts';
import { BRAKING_SHARE } from '../separation/protective_distance.ts';
import { type CollisionPairs, RECORD } from './collision_pairs.ts';
import type { TailPoses } from './tail_poses.ts';

/** Cycles from a decision until the arm does otherwise. */
const REACTION_CYCLES = 2;
/** Steps by which a share is found; it is known to a thousandth then. */
const HALVINGS = 10;

/**
 * How far the arm's links are from tracked bodies, and at what share of given joint speeds each of them could still stop
 * before a body can touch it: the six terms of the protective separation distance (see protectiveDistance), with the speed
 * that the link's surface would have at the present pose and the oldest track that is still good. Allocates nothing after
 * construction.
 */
export class BodyDistance {
  private readonly model: RobotModel;
  private readonly pairs: CollisionPairs;
  private readonly poses: TailPoses;
  private readonly joints: readonly JointGuard[];
  private readonly bodies: BodySet;
  private readonly limits: SeparationLimits;
  private readonly h: number;
  /** Per capsule: distance to the nearest body less errors and intrusion (m), Infinity for none; its levers, one a joint (m). */
  private readonly room: Float64Array;
  private readonly levers: Float64Array;
  /** Speeds of the capsules' surfaces at share 1 (m/s). */
  private readonly speed: Float64Array;
  private readonly ends = new Float64Array(6);
  private readonly record = new Float64Array(RECORD);
  private readonly numbers = new Float64Array(2);
  private readonly time = new Float64Array(1);
  /** Capsule and body that are nearest to each other; −1 for none. */
  private nearest_capsule = -1;
  private nearest_slot = -1;

  constructor(
    model: RobotModel,
    pairs: CollisionPairs,
    poses: TailPoses,
    joints: readonly JointGuard[],
    hz: number,
    bodies: BodySet,
    limits: SeparationLimits,
  ) {
    this.model = model;
    this.pairs = pairs;
    this.poses = poses;
    this.joints = joints;
    this.bodies = bodies;
    this.limits = limits;
    this.h = 1 / hz;
    const { count } = pairs.capsules;
    this.room = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.levers = new Float64Array(count * joints.length);
    this.speed = new Float64Array(count);
  }

  /** Measures at the committed positions; bodies as they were sensed, whatever has passed since. */
  update(): void {
    const { bodies, pairs, poses, room, record, numbers, limits } = this;
    this.nearest_capsule = -1;
    if (bodies.count === 0) return;
    const slot_of_pose = poses.at(poses.present);
    const { capsules, obstacles } = pairs;
    numbers[LEAST] = Number.POSITIVE_INFINITY;
    for (let c = 0; c < capsules.count; c++) {
      room[c] = Number.POSITIVE_INFINITY;
      if (capsules.body[c] < 0) continue;
      this.findLevers(c, slot_of_pose);
      for (let slot = 0; slot < bodies.top; slot++) {
        if (bodies.used[slot] === 0) continue;
        // At the time it was sensed it had not grown.
        this.time[0] = bodies.sensed_s[slot] - pairs.set_s[0];
        pairs.measure(c * obstacles.capacity + obstacles.first_body + slot, poses, slot_of_pose, this.time, record, 0);
        if (record[6] < room[c]) room[c] = record[6];
        const separation = record[6] + bodies.error[slot];
        if (separation >= numbers[LEAST]) continue;
        numbers[LEAST] = separation;
        this.nearest_capsule = c;
        this.nearest_slot = slot;
      }
    }
    numbers[LEAST] += limits.body_error_m + limits.robot_error_m + limits.intrusion_m;
  }

  /** Distance of the arm's surface to the nearest body as it was sensed, m; null for none. */
  get separation_m(): number | null {
    return this.nearest_capsule < 0 ? null : this.numbers[LEAST];
  }

  /** What that distance must be for the link to stop in time, as fast as it is, m; null for none. */
  get protective_distance_m(): number | null {
    const { joints, limits, levers, h } = this;
    const c = this.nearest_capsule;
    if (c < 0) return null;
    let speed = 0;
    let cycles = 0;
    for (let k = 0; k < joints.length; k++) {
      speed += levers[joints.length * c + k] * Math.abs(joints[k].v);
      if (!joints[k].atRest && joints[k].tail.cycles > cycles) cycles = joints[k].tail.cycles;
    }
    const reaction_s = limits.track_delay_s + limits.track_period_s + REACTION_CYCLES * h;
    const stop_s = cycles * h;
    const moved =
      limits.body_speed_m_per_s * (reaction_s + stop_s) + speed * (REACTION_CYCLES * h + BRAKING_SHARE * stop_s);
    const errors = limits.body_error_m + this.bodies.error[this.nearest_slot] + limits.robot_error_m;
    return moved + errors + limits.intrusion_m;
  }

  /** The greatest share of the joint speeds `velocity` (rad/s, of either sign) from which every link can stop in time. */
  shareOf(velocity: Float64Array): number {
    if (this.nearest_capsule < 0) return 1;
    const { speed, levers, room, numbers } = this;
    const n = this.joints.length;
    for (let c = 0; c < room.length; c++) {
      speed[c] = 0;
      if (room[c] === Number.POSITIVE_INFINITY) continue;
      for (let k = 0; k < n; k++) {
        const v = velocity[k];
        speed[c] += levers[n * c + k] * (v < 0 ? -v : v);
      }
    }
    numbers[SHARE] = 1;
    if (this.stopsInTime(velocity)) return 1;
    let low = 0;
    let step = 1;
    for (let i = 0; i < HALVINGS; i++) {
      step *= 0.5;
      numbers[SHARE] = low + step;
      if (this.stopsInTime(velocity)) low += step;
    }
    return low;
  }

  /** Whether every link can stop in time from the share in SHARE. */
  private stopsInTime(velocity: Float64Array): boolean {
    const { joints, limits, room, speed, h } = this;
    const share = this.numbers[SHARE];
    let stop_s = 0;
    for (let k = 0; k < joints.length; k++) {
      const v = share * (velocity[k] < 0 ? -velocity[k] : velocity[k]);
      const { acceleration, jerk } = joints[k].bounds;
      // From rest in acceleration: a trapezoid of deceleration, or a triangle where that is not reached.
      const long = v * jerk >= acceleration * acceleration;
      const time = long ? v / acceleration + acceleration / jerk : 2 * Math.sqrt(v / jerk);
      if (time > stop_s) stop_s = time;
    }
    const reaction_s = REACTION_CYCLES * h;
    const reached = limits.body_speed_m_per_s * (limits.track_delay_s + limits.track_period_s + reaction_s + stop_s);
    for (let c = 0; c < room.length; c++) {
      const towards = share * speed[c];
      if (towards <= limits.contact_speed_m_per_s) continue;
      if (reached + towards * (reaction_s + BRAKING_SHARE * stop_s) > room[c]) return false;
    }
    return true;
  }

  /** How fast each joint moves the capsule's surface, m/rad. */
  private findLevers(c: number, slot: number): void {
    const { model, pairs, poses, levers, ends } = this;
    const { R, p } = poses;
    const { capsules } = pairs;
    const n = this.joints.length;
    const radius = capsules.radius[c];
    pairs.placeAxis(c, poses, slot, ends, 0);
    for (let k = 0; k < n; k++) levers[n * c + k] = 0;
    for (let b = capsules.body[c]; b >= 0; b = model.parent[b]) {
      const at = n * c + model.coordinate[b];
      const share = model.multiplier[b] < 0 ? -model.multiplier[b] : model.multiplier[b];
      if (model.joint_type[b] === 1) {
        levers[at] += share;
        continue;
      }
      const m = 9 * (poses.nb * slot + b);
      const o = 3 * (poses.nb * slot + b);
      const t = 3 * b;
      const ux = R[m] * model.axis[t] + R[m + 1] * model.axis[t + 1] + R[m + 2] * model.axis[t + 2];
      const uy = R[m + 3] * model.axis[t] + R[m + 4] * model.axis[t + 1] + R[m + 5] * model.axis[t + 2];
      const uz = R[m + 6] * model.axis[t] + R[m + 7] * model.axis[t + 1] + R[m + 8] * model.axis[t + 2];
      let square = 0;
      for (let e = 0; e < 6; e += 3) {
        const x = ends[e] - p[o];
        const y = ends[e + 1] - p[o + 1];
        const z = ends[e + 2] - p[o + 2];
        const cx = uy * z - uz * y;
        const cy = uz * x - ux * z;
        const cz = ux * y - uy * x;
        const here = cx * cx + cy * cy + cz * cz;
        if (here > square) square = here;
      }
      levers[at] += share * (Math.sqrt(square) + radius);
    }
  }
}

const LEAST = 0;
const SHARE = 1;
