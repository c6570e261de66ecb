import type { Robot } from '../../robots/index.ts';
import type { Obstacle } from '../obstacle.ts';
import { CORE, CORE_OUT, segmentCore } from './core.ts';
import { type LinkCapsules, linkCapsules } from './link_capsules.ts';
import { type LinkCores, linkCores } from './link_cores.ts';
import { type MotionPath, motionPath } from './motion_bounds.ts';
import { type KeepOut, ObstacleSet } from './obstacle_set.ts';
import { type SelfPair, selfPairs } from './self_pairs.ts';
import type { TailPoses } from './tail_poses.ts';

/** Length of what `measure` writes. */
export const RECORD = 11;

/**
 * Numbers of all pairs: capsule · capacity + obstacle, then the self pairs from `first_self` on, then from `first_fine` on
 * the fine pairs: a moving capsule and one collision shape of the fixed link, for when the fixed capsule is too coarse. A pair belongs to the path
 * from the body of what stands still in it (the base, for obstacles) to the body of the moving capsule. Distances are
 * measured in the frame of what stands still. Measuring allocates nothing.
 */
export class CollisionPairs {
  readonly capsules: LinkCapsules;
  readonly obstacles: ObstacleSet;
  readonly self: readonly SelfPair[];
  readonly first_self: number;
  readonly first_fine: number;
  /** Fine pairs of every self pair: the first, and how many; none if the fixed link has no shapes of its own. */
  readonly fine_first: Int32Array;
  readonly fine_count: Int32Array;
  readonly cores: LinkCores;
  readonly count: number;
  readonly paths: readonly MotionPath[];
  readonly path_of: Int32Array;
  /**
   * Per path its pairs: self pairs by number, and the number of the pair with the first obstacle for every moving capsule
   * that is checked against obstacles. `first_of_path` has one entry more than there are paths.
   */
  readonly order: Int32Array;
  readonly first_of_path: Int32Array;
  /** When the obstacles were set (s), and the greatest of their speeds (m/s). */
  readonly set_s = new Float64Array(1);
  readonly fastest = new Float64Array(1);
  /** How fast the obstacle of every pair comes nearer at most (m/s), and how fast it grows; 0 for self pairs. */
  readonly speed: Float64Array;
  readonly growth: Float64Array;
  /** Of every fine pair: the fixed link's core, and the moving capsule. */
  readonly fine_core: Int32Array;
  readonly fine_moving: Int32Array;
  readonly self_margin: Float64Array;
  readonly obstacle_margin: Float64Array;
  private readonly segment = new Float64Array(6);
  private readonly axis = new Float64Array(6);
  private readonly out = new Float64Array(CORE_OUT);

  constructor(robot: Robot, self_margin_m: number, obstacle_margin_m: number, keep_out: readonly KeepOut[]) {
    const { model } = robot;
    const capsules = linkCapsules(robot);
    const obstacles = new ObstacleSet(keep_out);
    const self = selfPairs(robot, self_margin_m);
    this.capsules = capsules;
    this.obstacles = obstacles;
    this.self = self;
    this.self_margin = Float64Array.of(self_margin_m);
    this.obstacle_margin = Float64Array.of(obstacle_margin_m);
    this.first_self = capsules.count * obstacles.capacity;
    this.first_fine = this.first_self + self.length;
    const cores = linkCores(robot);
    this.cores = cores;
    this.fine_first = new Int32Array(self.length);
    this.fine_count = new Int32Array(self.length);
    const cores_of = new Map<string, number[]>();
    cores.link.forEach((link, core) => {
      const members = cores_of.get(link);
      if (members === undefined) cores_of.set(link, [core]);
      else members.push(core);
    });
    const fine = new Map<string, number>();
    const fine_core: number[] = [];
    const fine_moving: number[] = [];
    self.forEach(({ fixed, moving }, i) => {
      const link = capsules.link[fixed];
      const key = `${link} ${moving}`;
      const members = cores_of.get(link) ?? [];
      this.fine_count[i] = members.length;
      this.fine_first[i] = fine.get(key) ?? this.first_fine + fine_core.length;
      if (fine.has(key)) return;
      fine.set(key, this.fine_first[i]);
      for (const core of members) {
        fine_core.push(core);
        fine_moving.push(moving);
      }
    });
    this.fine_core = Int32Array.from(fine_core);
    this.fine_moving = Int32Array.from(fine_moving);
    this.count = this.first_fine + fine_core.length;
    this.path_of = new Int32Array(this.count);
    this.speed = new Float64Array(this.count);
    this.growth = new Float64Array(this.count);
    const paths: MotionPath[] = [];
    const members: number[][] = [];
    const pathBetween = (fixed: number, moving: number): number => {
      let path = paths.findIndex((known) => known.fixed === fixed && known.moving === moving);
      if (path < 0) {
        path = paths.length;
        paths.push(motionPath(model, capsules, fixed, moving));
        members.push([]);
      }
      return path;
    };
    for (let c = 0; c < capsules.count; c++) {
      if (capsules.body[c] < 0) continue;
      const path = pathBetween(-1, capsules.body[c]);
      const first = c * obstacles.capacity;
      this.path_of.fill(path, first, first + obstacles.capacity);
      members[path].push(first);
    }
    self.forEach(({ fixed, moving }, i) => {
      const path = pathBetween(capsules.body[fixed], capsules.body[moving]);
      this.path_of[this.first_self + i] = path;
      members[path].push(this.first_self + i);
      this.path_of.fill(path, this.fine_first[i], this.fine_first[i] + this.fine_count[i]);
    });
    this.paths = paths;
    this.order = Int32Array.from(members.flat());
    this.first_of_path = new Int32Array(paths.length + 1);
    members.forEach((list, path) => {
      this.first_of_path[path + 1] = this.first_of_path[path] + list.length;
    });
  }

  /** Replaces the obstacles that are not permanent: where they are at `t_s`. Allocates. */
  setObstacles(list: readonly Obstacle[], t_s: number): void {
    const { obstacles, capsules, speed } = this;
    obstacles.replace(list);
    this.set_s[0] = t_s;
    this.fastest[0] = Math.max(0, ...obstacles.speed.subarray(0, obstacles.count));
    const fixed = obstacles.speed.subarray(0, obstacles.first_body);
    for (let c = 0; c < capsules.count; c++) speed.set(fixed, c * obstacles.capacity);
  }

  /** Whether the pair is checked with the obstacles there are now. */
  exists(pair: number): boolean {
    if (pair >= this.first_self) return true;
    const { capacity, count } = this.obstacles;
    const capsule = Math.floor(pair / capacity);
    return pair - capsule * capacity < count && this.capsules.body[capsule] >= 0;
  }

  /**
   * Clearance of a pair: the signed distance less its margin (m).
   *
   * @param time  time[0]: seconds since the obstacles were set
   * @param out  from `at`, RECORD numbers: the ends of the moving axis in the frame of what it is measured against; the
   *   clearance; a direction and an offset, by which the clearance at other ends a, b is at least min(n·a, n·b) − offset
   */
  measure(pair: number, poses: TailPoses, slot: number, time: Float64Array, out: Float64Array, at: number): void {
    const { capsules, obstacles, cores, segment, first_self, first_fine } = this;
    const { radius } = capsules;
    let rest = 0;
    if (pair < first_self) {
      const moving = Math.floor(pair / obstacles.capacity);
      const o = pair - moving * obstacles.capacity;
      this.placeAxis(moving, poses, slot, segment, 0);
      for (let k = 0; k < 3; k++) {
        const at_time = obstacles.p[3 * o + k] + time[0] * obstacles.v[3 * o + k];
        segment[k] -= at_time;
        segment[3 + k] -= at_time;
      }
      turnBack(segment, obstacles.R, 9 * o);
      segmentCore(obstacles.kind[o], segment, obstacles.size, 6 * o, this.out);
      rest = radius[moving] + obstacles.rounding[o] + this.obstacle_margin[0] + this.growth[pair] * time[0];
    } else if (pair < first_fine) {
      const { fixed, moving } = this.self[pair - first_self];
      this.placeAxis(moving, poses, slot, segment, 0);
      this.seenFrom(capsules.body[fixed], poses, slot);
      segmentCore(CORE.segment, segment, capsules.ends, 6 * fixed, this.out);
      rest = radius[moving] + radius[fixed] + this.self_margin[0];
    } else {
      const core = this.fine_core[pair - first_fine];
      const moving = this.fine_moving[pair - first_fine];
      this.placeAxis(moving, poses, slot, segment, 0);
      this.seenFrom(cores.body[core], poses, slot);
      for (let k = 0; k < 3; k++) {
        segment[k] -= cores.p[3 * core + k];
        segment[3 + k] -= cores.p[3 * core + k];
      }
      turnBack(segment, cores.R, 9 * core);
      segmentCore(cores.kind[core], segment, cores.size, 6 * core, this.out);
      rest = radius[moving] + cores.rounding[core] + this.self_margin[0];
    }
    for (let k = 0; k < 6; k++) out[at + k] = segment[k];
    out[at + 6] = this.out[0] - rest;
    for (let k = 1; k < 4; k++) out[at + 6 + k] = this.out[k];
    out[at + 10] = this.out[4] + rest;
  }

  /** Takes `segment` from the base frame to that of a body. */
  private seenFrom(body: number, poses: TailPoses, slot: number): void {
    if (body < 0) return;
    const { segment } = this;
    const b = poses.nb * slot + body;
    for (let k = 0; k < 3; k++) {
      segment[k] -= poses.p[3 * b + k];
      segment[3 + k] -= poses.p[3 * b + k];
    }
    turnBack(segment, poses.R, 9 * b);
  }

  /** Ends of a capsule's axis in the base frame, six numbers from `at` (m). */
  placeAxis(capsule: number, poses: TailPoses, slot: number, out: Float64Array, at: number): void {
    const { ends, body } = this.capsules;
    const { R, p } = poses;
    if (body[capsule] < 0) {
      for (let k = 0; k < 6; k++) out[at + k] = ends[6 * capsule + k];
      return;
    }
    const b = poses.nb * slot + body[capsule];
    const m = 9 * b;
    for (let end = 0; end < 6; end += 3) {
      const e = 6 * capsule + end;
      const x = ends[e];
      const y = ends[e + 1];
      const z = ends[e + 2];
      out[at + end] = R[m] * x + R[m + 1] * y + R[m + 2] * z + p[3 * b];
      out[at + end + 1] = R[m + 3] * x + R[m + 4] * y + R[m + 5] * z + p[3 * b + 1];
      out[at + end + 2] = R[m + 6] * x + R[m + 7] * y + R[m + 8] * z + p[3 * b + 2];
    }
  }

  /** A lower bound of the clearance of an obstacle pair by the spheres about both axes and cores, into out[pair] (m). */
  roughClearance(pair: number, poses: TailPoses, slot: number, time: Float64Array, out: Float64Array): void {
    const { capsules, obstacles, axis } = this;
    const capsule = Math.floor(pair / obstacles.capacity);
    const o = pair - capsule * obstacles.capacity;
    this.placeAxis(capsule, poses, slot, axis, 0);
    let length = 0;
    let apart = 0;
    for (let k = 0; k < 3; k++) {
      const along = axis[3 + k] - axis[k];
      const across = 0.5 * (axis[3 + k] + axis[k]) - obstacles.p[3 * o + k] - time[0] * obstacles.v[3 * o + k];
      length += along * along;
      apart += across * across;
    }
    const reach = 0.5 * Math.sqrt(length) + obstacles.core_reach[o];
    const grown = this.growth[pair] * time[0];
    const rest = capsules.radius[capsule] + obstacles.rounding[o] + this.obstacle_margin[0] + grown;
    out[pair] = Math.sqrt(apart) - reach - rest;
  }

  /** Link and obstacle, or the two links. */
  describe(pair: number): string {
    const { capsules, obstacles, first_self } = this;
    if (pair >= this.first_fine) {
      const fine = pair - this.first_fine;
      return `${capsules.link[this.fine_moving[fine]]} and ${this.cores.link[this.fine_core[fine]]}`;
    }
    if (pair >= first_self) {
      const { fixed, moving } = this.self[pair - first_self];
      return `${capsules.link[moving]} and ${capsules.link[fixed]}`;
    }
    const capsule = Math.floor(pair / obstacles.capacity);
    const o = pair - capsule * obstacles.capacity;
    return `${capsules.link[capsule]} and ${obstacles.ids[o] ?? `body ${o - obstacles.first_body}`}`;
  }
}

/** Both ends of a segment times the transpose of the rotation at `r`. */
function turnBack(segment: Float64Array, R: Float64Array, r: number): void {
  for (let e = 0; e < 6; e += 3) {
    const x = segment[e];
    const y = segment[e + 1];
    const z = segment[e + 2];
    segment[e] = R[r] * x + R[r + 3] * y + R[r + 6] * z;
    segment[e + 1] = R[r + 1] * x + R[r + 4] * y + R[r + 7] * z;
    segment[e + 2] = R[r + 2] * x + R[r + 5] * y + R[r + 8] * z;
  }
}
