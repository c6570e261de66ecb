import type { RobotModel } from '../../dynamics/index.ts';
import { ClearanceGradient } from '../collision/clearance_gradient.ts';
import type { CollisionGuard } from '../collision/collision_guard.ts';
import type { JointGuard } from '../joint_guard.ts';
import type { QuadraticProgram } from './quadratic_program.ts';
import type { TailSensitivity } from './tail_sensitivity.ts';

/** Pairs that are remembered; each makes two rows at most. */
const CAPACITY = 12;
/** Rows that pairs may make. */
export const PAIR_ROWS = 2 * CAPACITY;
/** Pieces of the stop at whose ends a pair is looked at first. */
const PIECES = 4;
/** A pair that stays farther apart than this over a stop is forgotten (m). */
const FAR_M = 0.05;
/** What is left beyond the least clearance for what the linear model does not know (m), by how often it was wrong. */
const BUFFERS_M = [1e-5, 1e-4, 1e-3];

/**
 * The pairs of links, obstacles and bodies that stood against proposals lately, as rows of a program over the next
 * accelerations a: barriers along the backup flow, which here is the verified stop (Gurriet et al., Towards a framework for
 * realizable safety critical control through active set invariance, 2018). With c_k the clearance at cycle k of the stop
 * from the proposals, g its gradient in joint positions there, and s how those depend on a,
 *
 *   c_k + Σ g_i s_i (a_i − proposed_i) ≥ least,
 *
 * at the cycle that is nearest and at the last. The stop that begins now keeps every row, so rows alone never make a
 * program infeasible. Allocates nothing after construction.
 */
export class NearPairs {
  private readonly collision: CollisionGuard;
  private readonly joints: readonly JointGuard[];
  private readonly h: number;
  private readonly look: ClearanceGradient;
  private readonly pair = new Int32Array(CAPACITY);
  private readonly clearance = new Float64Array(CAPACITY);
  private count = 0;
  private readonly gradient: Float64Array;
  private readonly time = new Float64Array(1);
  /** Of the pair in hand: clearance at the cycle looked at last, the least of all, what must be left, what is aimed at, and by how much that is more. */
  private readonly found = new Float64Array(5);

  constructor(model: RobotModel, collision: CollisionGuard, joints: readonly JointGuard[], hz: number) {
    this.collision = collision;
    this.joints = joints;
    this.h = 1 / hz;
    this.look = new ClearanceGradient(model, collision.pairs, collision.poses);
    this.gradient = new Float64Array(joints.length);
  }

  /** Remembers the pair that stands against the last refused proposals. */
  note(): void {
    const { pair, clearance, collision } = this;
    const { refused } = collision;
    if (!collision.violated || refused < 0) return;
    for (let i = 0; i < this.count; i++) if (pair[i] === refused) return;
    let slot = this.count;
    if (slot === CAPACITY) {
      slot = 0;
      for (let i = 1; i < CAPACITY; i++) if (clearance[i] > clearance[slot]) slot = i;
    } else this.count++;
    pair[slot] = refused;
    clearance[slot] = 0;
  }

  /**
   * Adds rows for the joints' proposals, whose stops are in `tail`; forgets pairs that are far apart.
   *
   * @param tries  how often guards have refused what rows had allowed
   */
  addRows(program: QuadraticProgram, sensitivity: TailSensitivity, tries: number): void {
    if (this.count === 0) return;
    this.found[BUFFER] = BUFFERS_M[Math.min(tries, BUFFERS_M.length - 1)];
    const { pair, clearance, collision, found } = this;
    collision.prepareTail();
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if (!collision.pairs.exists(pair[i])) continue;
      found[LEAST] = Number.POSITIVE_INFINITY;
      this.addPair(pair[i], program, sensitivity);
      if (found[LEAST] > FAR_M) continue;
      pair[kept] = pair[i];
      clearance[kept++] = found[LEAST];
    }
    this.count = kept;
  }

  private addPair(pair: number, program: QuadraticProgram, sensitivity: TailSensitivity): void {
    const { collision, found } = this;
    const end = collision.lastCycle(pair);
    if (end < 0) {
      found[LEAST] = 0;
      return;
    }
    let nearest = 0;
    for (let piece = 0; piece <= PIECES; piece++) {
      const cycle = Math.round((end * piece) / PIECES);
      if (!this.lookAt(pair, cycle)) return;
      if (found[NOW] <= found[LEAST]) nearest = cycle;
      found[LEAST] = Math.min(found[LEAST], found[NOW]);
    }
    if (found[LEAST] > FAR_M) return;
    for (let aside = (0.5 * end) / PIECES; aside >= 1; aside *= 0.5) {
      const middle = nearest;
      for (let side = -1; side <= 1; side += 2) {
        const cycle = Math.round(middle + side * aside);
        if (cycle < 0 || cycle > end) continue;
        if (!this.lookAt(pair, cycle)) return;
        if (found[NOW] >= found[LEAST]) continue;
        nearest = cycle;
        found[LEAST] = found[NOW];
      }
    }
    if (!this.findFloor(pair)) return;
    this.addRow(pair, nearest, 2 * pair, program, sensitivity);
    if (nearest !== end) this.addRow(pair, end, 2 * pair + 1, program, sensitivity);
  }

  /** Clearance at a cycle into `found`; false if poses have run out. */
  private lookAt(pair: number, cycle: number): boolean {
    const { collision, time, look, found } = this;
    const slot = collision.poses.at(cycle);
    if (slot < 0) return false;
    time[0] = collision.clearance.since[0] + cycle * this.h;
    look.look(pair, slot, time);
    found[NOW] = look.record[6];
    return true;
  }

  /** What must be left of a pair, and what is aimed at. */
  private findFloor(pair: number): boolean {
    const { collision, found, look, time } = this;
    collision.findFloor(pair, found, FLOOR);
    if (found[FLOOR] === 0) {
      const slot = collision.poses.at(collision.poses.present);
      if (slot < 0) return false;
      time[0] = collision.clearance.since[0];
      look.look(pair, slot, time);
      // A pair that is too near already must not come nearer.
      if (look.record[6] < 0) found[FLOOR] = look.record[6];
    }
    found[AIM] = found[FLOOR] + found[BUFFER];
    return true;
  }

  private addRow(
    pair: number,
    cycle: number,
    key: number,
    program: QuadraticProgram,
    sensitivity: TailSensitivity,
  ): void {
    const { joints, gradient, look, found, collision } = this;
    const { rows, n, row, bound } = program;
    if (rows === program.max_rows || !this.lookAt(pair, cycle)) return;
    if (!look.find(pair, collision.poses.at(cycle), gradient)) return;
    sensitivity.at(cycle);
    let at_proposal = 0;
    let at_stop = found[NOW];
    for (let i = 0; i < n; i++) {
      const slope = gradient[i] * sensitivity.change[i];
      const { next_a, stop_a } = joints[i];
      row[n * rows + i] = slope;
      at_proposal += slope * next_a;
      at_stop += slope * (stop_a - next_a);
    }
    const aim = at_stop > found[AIM] ? found[AIM] : at_stop > found[FLOOR] ? at_stop : found[FLOOR];
    bound[rows] = aim - found[NOW] + at_proposal;
    program.key[rows] = key;
    program.rows = rows + 1;
  }
}

const NOW = 0;
const LEAST = 1;
const FLOOR = 2;
const AIM = 3;
const BUFFER = 4;
