import type { CollisionPairs } from './collision_pairs.ts';
import type { TailMotion } from './tail_motion.ts';
import type { TailPoses } from './tail_poses.ts';

/** Pieces the tail is cut into, by halving. */
const PIECES = 8;

/**
 * Boxes along the base axes that hold what a capsule sweeps in each of eight pieces of the tail, for a first sorting of
 * many pairs at high speed. Filled on demand, once a capsule and tail; allocates nothing after construction.
 */
export class SweptBoxes {
  private readonly pairs: CollisionPairs;
  private readonly poses: TailPoses;
  private readonly motion: TailMotion;
  private readonly cycle = new Int32Array(PIECES + 1);
  private knots_known = false;
  private readonly filled: Uint8Array;
  /** Per capsule the box of the whole tail and of its pieces: low and high, 6 each (m). */
  private readonly box: Float64Array;
  private readonly ends = new Float64Array(12);
  /** Per path and piece: how far the way is from straight (m). */
  private readonly bow: Float64Array;
  private readonly bow_known: Uint8Array;
  /** By how much boxes of two capsules must be apart: they hold the obstacle margin each, not the self margin (m). */
  private readonly self_gap: Float64Array;

  constructor(pairs: CollisionPairs, poses: TailPoses, motion: TailMotion) {
    this.pairs = pairs;
    this.poses = poses;
    this.motion = motion;
    this.filled = new Uint8Array(pairs.capsules.count);
    this.box = new Float64Array(6 * (PIECES + 1) * pairs.capsules.count);
    this.bow = new Float64Array(PIECES * pairs.paths.length);
    this.bow_known = new Uint8Array(pairs.paths.length);
    this.self_gap = Float64Array.of(pairs.self_margin[0] - 2 * pairs.obstacle_margin[0]);
  }

  /** Forgets all boxes: the proposals have changed. */
  clear(): void {
    this.knots_known = false;
    this.filled.fill(0);
    this.bow_known.fill(0);
  }

  /**
   * Whether a pair keeps its margin by the boxes alone; false if they cannot tell.
   *
   * @param time  time[0], time[1]: seconds since the obstacles were set at the proposals and at the end of the tail
   */
  settles(pair: number, time: Float64Array): boolean {
    const { obstacles, first_self, first_fine, self } = this.pairs;
    if (pair >= first_fine) return false;
    if (pair >= first_self) return this.capsulesApart(self[pair - first_self].fixed, self[pair - first_self].moving);
    const capsule = Math.floor(pair / obstacles.capacity);
    if (this.filled[capsule] === 0 && !this.fill(capsule)) return false;
    const o = 3 * (pair - capsule * obstacles.capacity);
    const first = 6 * (PIECES + 1) * capsule;
    if (this.apart(first, o, time)) return true;
    for (let piece = 1; piece <= PIECES; piece++) if (!this.apart(first + 6 * piece, o, time)) return false;
    return true;
  }

  /** Whether two capsules are apart in every piece. */
  private capsulesApart(a: number, b: number): boolean {
    if (this.filled[a] === 0 && !this.fill(a)) return false;
    if (this.filled[b] === 0 && !this.fill(b)) return false;
    const { box } = this;
    const gap = this.self_gap[0];
    const first_a = 6 * (PIECES + 1) * a;
    const first_b = 6 * (PIECES + 1) * b;
    for (let piece = 0; piece <= PIECES; piece++) {
      const i = first_a + 6 * piece;
      const j = first_b + 6 * piece;
      let apart = false;
      for (let axis = 0; axis < 3 && !apart; axis++) {
        apart = box[i + axis] - box[j + 3 + axis] > gap || box[j + axis] - box[i + 3 + axis] > gap;
      }
      if (piece === 0 && apart) return true;
      if (piece > 0 && !apart) return false;
    }
    return true;
  }

  /** Whether the box at `at` misses the box about the obstacle over the whole tail. */
  private apart(at: number, o: number, time: Float64Array): boolean {
    const { box, pairs } = this;
    const { p, v, extent } = pairs.obstacles;
    for (let axis = 0; axis < 3; axis++) {
      const a = p[o + axis] + time[0] * v[o + axis];
      const b = p[o + axis] + time[1] * v[o + axis];
      const reach = extent[o + axis];
      if ((a < b ? a : b) - reach > box[at + 3 + axis] || (a > b ? a : b) + reach < box[at + axis]) return true;
    }
    return false;
  }

  /** False if there are no poses left. */
  private fill(capsule: number): boolean {
    const { pairs, box, ends, bow } = this;
    if (!this.knots_known && !this.placeKnots()) return false;
    const path = pairs.capsules.body[capsule] < 0 ? -1 : pairs.path_of[capsule * pairs.obstacles.capacity];
    if (path >= 0 && this.bow_known[path] === 0) this.findBow(path);
    const rest = pairs.capsules.radius[capsule] + pairs.obstacle_margin[0];
    const whole = 6 * (PIECES + 1) * capsule;
    for (let axis = 0; axis < 3; axis++) {
      box[whole + axis] = Number.POSITIVE_INFINITY;
      box[whole + 3 + axis] = Number.NEGATIVE_INFINITY;
    }
    this.place(capsule, 0, 0);
    for (let piece = 1; piece <= PIECES; piece++) {
      const here = piece % 2 === 0 ? 0 : 6;
      this.place(capsule, piece, here);
      const room = path < 0 ? rest : rest + bow[PIECES * path + piece - 1];
      for (let axis = 0; axis < 3; axis++) {
        const a = ends[axis];
        const b = ends[3 + axis];
        const c = ends[6 + axis];
        const d = ends[9 + axis];
        const low_ab = a < b ? a : b;
        const low_cd = c < d ? c : d;
        const high_ab = a > b ? a : b;
        const high_cd = c > d ? c : d;
        const low = (low_ab < low_cd ? low_ab : low_cd) - room;
        const high = (high_ab > high_cd ? high_ab : high_cd) + room;
        const i = whole + 6 * piece + axis;
        box[i] = low;
        box[i + 3] = high;
        if (low < box[whole + axis]) box[whole + axis] = low;
        if (high > box[whole + 3 + axis]) box[whole + 3 + axis] = high;
      }
    }
    this.filled[capsule] = 1;
    return true;
  }

  private findBow(path: number): void {
    const { motion, cycle, bow } = this;
    for (let piece = 0; piece < PIECES; piece++) {
      motion.between(path, cycle[piece], cycle[piece + 1]);
      bow[PIECES * path + piece] = motion.bow[0];
    }
    this.bow_known[path] = 1;
  }

  /** Ends of the capsule's axis in the base frame at a knot. */
  private place(capsule: number, knot: number, to: number): void {
    this.pairs.placeAxis(capsule, this.poses, this.poses.at(this.cycle[knot]), this.ends, to);
  }

  /** The knots by the same halving as of single pairs, so that they share poses. */
  private placeKnots(): boolean {
    const { cycle, poses, motion } = this;
    cycle[0] = 0;
    cycle[PIECES] = motion.cycles;
    for (let width = PIECES; width > 1; width >>= 1) {
      for (let i = 0; i < PIECES; i += width) cycle[i + (width >> 1)] = (cycle[i] + cycle[i + width]) >> 1;
    }
    for (let i = 0; i <= PIECES; i++) if (poses.at(cycle[i]) < 0) return false;
    this.knots_known = true;
    return true;
  }
}
