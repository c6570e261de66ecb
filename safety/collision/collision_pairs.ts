import type { Robot } from '../../robots/index.ts';
import type { Obstacle } from '../obstacle.ts';
import { CORE, CORE_OUT, segmentCore } from './core.ts';
import { type LinkCapsules, linkCapsules } from './link_capsules.ts';
import { type MotionPath, motionPath } from './motion_bounds.ts';
import { type KeepOut, ObstacleSet } from './obstacle_set.ts';
import { type SelfPair, selfPairs } from './self_pairs.ts';
import type { TailPoses } from './tail_poses.ts';

/** Length of what `measure` writes. */
export const RECORD = 11;

/**
 * Numbers of all pairs: capsule · capacity + obstacle, then the self pairs from `first_self` on. A pair belongs to the path
 * from the body of what stands still in it (the base, for obstacles) to the body of the moving capsule. Distances are
 * measured in the frame of what stands still. Measuring allocates nothing.
 */
export class CollisionPairs {
  readonly capsules: LinkCapsules;
  readonly obstacles: ObstacleSet;
  readonly self: readonly SelfPair[];
  readonly first_self: number;
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
  /** Speed of the obstacle of every pair (m/s); 0 for self pairs. */
  readonly speed: Float64Array;
  private readonly self_margin: Float64Array;
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
    this.count = this.first_self + self.length;
    this.path_of = new Int32Array(this.count);
    this.speed = new Float64Array(this.count);
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
    for (let c = 0; c < capsules.count; c++) speed.set(obstacles.speed, c * obstacles.capacity);
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
    const { capsules, obstacles, segment, first_self } = this;
    const { R, p, nb } = poses;
    const own = pair >= first_self;
    const other = own ? this.self[pair - first_self].fixed : pair % obstacles.capacity;
    const moving = own ? this.self[pair - first_self].moving : Math.floor(pair / obstacles.capacity);
    const b = nb * slot + capsules.body[moving];
    const m = 9 * b;
    const frame_body = own ? capsules.body[other] : -1;
    const frame = own ? nb * slot + frame_body : other;
    const F = own ? R : obstacles.R;
    const still = own && frame_body < 0;
    let ox = 0;
    let oy = 0;
    let oz = 0;
    if (!own) {
      const t = time[0];
      ox = obstacles.p[3 * other] + t * obstacles.v[3 * other];
      oy = obstacles.p[3 * other + 1] + t * obstacles.v[3 * other + 1];
      oz = obstacles.p[3 * other + 2] + t * obstacles.v[3 * other + 2];
    } else if (!still) {
      ox = p[3 * frame];
      oy = p[3 * frame + 1];
      oz = p[3 * frame + 2];
    }
    const f = 9 * frame;
    for (let end = 0; end < 6; end += 3) {
      const e = 6 * moving + end;
      const x = capsules.ends[e];
      const y = capsules.ends[e + 1];
      const z = capsules.ends[e + 2];
      const wx = R[m] * x + R[m + 1] * y + R[m + 2] * z + p[3 * b] - ox;
      const wy = R[m + 3] * x + R[m + 4] * y + R[m + 5] * z + p[3 * b + 1] - oy;
      const wz = R[m + 6] * x + R[m + 7] * y + R[m + 8] * z + p[3 * b + 2] - oz;
      segment[end] = still ? wx : F[f] * wx + F[f + 3] * wy + F[f + 6] * wz;
      segment[end + 1] = still ? wy : F[f + 1] * wx + F[f + 4] * wy + F[f + 7] * wz;
      segment[end + 2] = still ? wz : F[f + 2] * wx + F[f + 5] * wy + F[f + 8] * wz;
    }
    let rest = 0;
    if (own) {
      segmentCore(CORE.segment, segment, capsules.ends, 6 * other, this.out);
      rest = capsules.radius[other] + this.self_margin[0];
    } else {
      segmentCore(obstacles.kind[other], segment, obstacles.size, 6 * other, this.out);
      rest = obstacles.rounding[other] + this.obstacle_margin[0];
    }
    rest += capsules.radius[moving];
    for (let k = 0; k < 6; k++) out[at + k] = segment[k];
    out[at + 6] = this.out[0] - rest;
    for (let k = 1; k < 4; k++) out[at + 6 + k] = this.out[k];
    out[at + 10] = this.out[4] + rest;
  }

  /** Ends of a capsule's axis in the base frame, six numbers from `at` (m). */
  placeAxis(capsule: number, poses: TailPoses, slot: number, out: Float64Array, at: number): void {
    const { ends, body } = this.capsules;
    const { R, p } = poses;
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
    const rest = capsules.radius[capsule] + obstacles.rounding[o] + this.obstacle_margin[0];
    out[pair] = Math.sqrt(apart) - reach - rest;
  }

  /** Link and obstacle, or the two links. */
  describe(pair: number): string {
    const { capsules, obstacles, first_self } = this;
    if (pair >= first_self) {
      const { fixed, moving } = this.self[pair - first_self];
      return `${capsules.link[moving]} and ${capsules.link[fixed]}`;
    }
    const capsule = Math.floor(pair / obstacles.capacity);
    return `${capsules.link[capsule]} and ${obstacles.ids[pair - capsule * obstacles.capacity]}`;
  }
}
