import type { SerialChain } from './chain.ts';
import type { ClosedForm } from './closed_form.ts';

/**
 * Rows of a closed form for one target, as arm joints within whole turns of the seed, the best first. Where a joint is
 * given by the caller (seven joints), its angles are swept outwards from the seed's. No allocation.
 */
export class ClosedFormSweep {
  /** Candidates of the last call: arm joints, one row each (rad). */
  readonly rows: Float64Array;
  count = 0;
  /** Whether rows are asked to be within the limits, and ordered by their distance from the seed. */
  private within = true;
  private readonly costs: Float64Array;
  private readonly closed_form: ClosedForm;
  private readonly chain: SerialChain;
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;
  private readonly start: Float64Array;
  private readonly near: Float64Array;
  /** Least cost at each angle of the swept joint, and the angle; the lowest dips, as indices. */
  private readonly levels = new Float64Array(MOST_ANGLES);
  private readonly angles = new Float64Array(MOST_ANGLES);
  private readonly dips = new Int32Array(DIPS);
  /** Four angles of a golden-section search and the costs of the inner two. */
  private readonly bracket = new Float64Array(6);
  private readonly range = new Float64Array(2);
  private readonly cost = new Float64Array(1);
  private readonly turned: Float64Array;

  constructor(chain: SerialChain, closed_form: ClosedForm, lower: Float64Array, upper: Float64Array) {
    this.chain = chain;
    this.closed_form = closed_form;
    this.lower = lower;
    this.upper = upper;
    this.rows = new Float64Array(KEPT * chain.n);
    this.costs = new Float64Array(KEPT);
    this.start = new Float64Array(chain.n);
    this.near = new Float64Array(chain.count);
    this.turned = new Float64Array(chain.count);
  }

  /**
   * Rows within the limits, the nearest to the seed first.
   * @param thorough  looks at every angle of the swept joint that could have a nearer row, and between them beside the
   *   best; else at a few after the first that has any
   */
  nearest(target: Float64Array, seed: Float64Array, thorough: boolean): number {
    const { closed_form, near, costs, rows, chain, bracket } = this;
    this.begin(target, seed);
    this.within = true;
    if (closed_form.swept < 0) {
      closed_form.find(near, true);
      this.keepAll();
      return this.count;
    }
    const looks = thorough ? MOST_ANGLES : LOOKS_AFTER;
    const centre = near[closed_form.swept];
    const angles = this.spread(SWEEP_STEP_RAD);
    let looked = 0;
    for (let i = 0; i < angles; i++) {
      const off = this.angles[i] - centre;
      if (this.count > 0 && (looked++ >= looks || off * off > costs[0])) break;
      closed_form.angle[0] = this.angles[i];
      closed_form.find(near, true);
      this.keepAll();
    }
    if (thorough && this.count > 0) {
      const best = rows[chain.coordinate[closed_form.swept]];
      bracket[0] = Math.max(this.range[0], best - SWEEP_STEP_RAD);
      bracket[3] = Math.min(this.range[1], best + SWEEP_STEP_RAD);
      this.descendDip(NEAREST_STEPS);
    }
    return this.count;
  }

  /**
   * Rows nearest to the limits and to the pose, where none is within: of the swept joint every dip of what is missing
   * is followed to its bottom, so that a pose that one angle alone can reach is found.
   */
  closest(target: Float64Array, seed: Float64Array): number {
    const { closed_form, near, levels, angles, dips } = this;
    this.begin(target, seed);
    this.within = false;
    if (closed_form.swept < 0) {
      closed_form.find(near, false);
      this.keepAll();
      return this.count;
    }
    const count = this.grid(CLOSE_STEP_RAD);
    for (let i = 0; i < count; i++) this.levelAt(angles, i, levels, i);
    dips.fill(-1);
    for (let i = 0; i < count; i++) {
      if ((i > 0 && levels[i - 1] < levels[i]) || (i + 1 < count && levels[i + 1] <= levels[i])) continue;
      let at = DIPS;
      for (; at > 0 && (dips[at - 1] < 0 || levels[dips[at - 1]] > levels[i]); at--) {
        if (at < DIPS) dips[at] = dips[at - 1];
      }
      if (at < DIPS) dips[at] = i;
    }
    for (let d = 0; d < DIPS && dips[d] >= 0; d++) {
      const i = dips[d];
      this.bracket[0] = angles[Math.max(0, i - 1)];
      this.bracket[3] = angles[Math.min(count - 1, i + 1)];
      this.descendDip(CLOSEST_STEPS);
    }
    return this.count;
  }

  /**
   * Every row within the limits over the angles of the swept joint, in the order of the sweep, written as arm joints.
   * @returns how many rows were written, at most what `out` holds
   */
  all(target: Float64Array, seed: Float64Array, step_rad: number, out: Float64Array): number {
    const { closed_form, near, chain } = this;
    const { found } = closed_form;
    this.begin(target, seed);
    const most = Math.floor(out.length / chain.n);
    const angles = closed_form.swept < 0 ? 1 : this.spread(step_rad);
    let written = 0;
    for (let a = 0; a < angles; a++) {
      closed_form.angle[0] = this.angles[a];
      closed_form.find(near, true);
      for (let i = 0; i < found.count && written < most; i++) this.write(i, out, chain.n * written++);
    }
    return written;
  }

  private begin(target: Float64Array, seed: Float64Array): void {
    const { start, near, chain, lower, upper, costs, closed_form } = this;
    for (let j = 0; j < chain.n; j++) start[j] = Math.min(upper[j], Math.max(lower[j], seed[j]));
    for (let k = 0; k < chain.count; k++) near[k] = start[chain.coordinate[k]];
    costs.fill(Number.POSITIVE_INFINITY);
    this.count = 0;
    closed_form.aim(target);
  }

  /** Fills angles over the swept joint's range, from the seed outwards to both sides and both ends. */
  private spread(step_rad: number): number {
    const { closed_form, near, angles, range } = this;
    this.findRange();
    const low = range[0];
    const high = range[1];
    const centre = near[closed_form.swept];
    const step = Math.max(step_rad, (2.2 * (high - low)) / MOST_ANGLES);
    let count = 0;
    angles[count++] = centre;
    for (let k = 1; count < MOST_ANGLES - 1; k++) {
      const below = centre - (k - 1) * step > low;
      const above = centre + (k - 1) * step < high;
      if (!below && !above) break;
      if (above) angles[count++] = Math.min(high, centre + k * step);
      if (below) angles[count++] = Math.max(low, centre - k * step);
    }
    return count;
  }

  /** Fills angles from one end of the swept joint's range to the other. */
  private grid(step_rad: number): number {
    const { angles, range } = this;
    this.findRange();
    const width = range[1] - range[0];
    const count = Math.min(MOST_ANGLES, Math.ceil(width / step_rad) + 1);
    for (let i = 0; i < count; i++) angles[i] = range[0] + (width * i) / (count - 1);
    return count;
  }

  /** The swept joint's limits, or one turn about the seed. */
  private findRange(): void {
    const { closed_form, chain, lower, upper, near, range } = this;
    const joint = chain.coordinate[closed_form.swept];
    const centre = near[closed_form.swept];
    const oneTurn = upper[joint] - lower[joint] > 2 * Math.PI;
    range[0] = oneTurn ? Math.max(lower[joint], centre - Math.PI) : lower[joint];
    range[1] = oneTurn ? Math.min(upper[joint], centre + Math.PI) : upper[joint];
  }

  /** Golden-section search for the least cost in the bracket; keeps the rows it ends with. */
  private descendDip(steps: number): void {
    const { bracket: b } = this;
    b[1] = b[3] - GOLDEN * (b[3] - b[0]);
    b[2] = b[0] + GOLDEN * (b[3] - b[0]);
    this.levelAt(b, 1, b, 4);
    this.levelAt(b, 2, b, 5);
    for (let i = 0; i < steps; i++) {
      if (b[4] <= b[5]) {
        b[3] = b[2];
        b[2] = b[1];
        b[5] = b[4];
        b[1] = b[3] - GOLDEN * (b[3] - b[0]);
        this.levelAt(b, 1, b, 4);
      } else {
        b[0] = b[1];
        b[1] = b[2];
        b[4] = b[5];
        b[2] = b[0] + GOLDEN * (b[3] - b[0]);
        this.levelAt(b, 2, b, 5);
      }
    }
    this.levelAt(b, b[4] <= b[5] ? 1 : 2, b, 4);
    this.keepAll();
  }

  /** out[to] = the least cost of the rows at an angle; leaves them in the closed form. */
  private levelAt(angles: Float64Array, at: number, out: Float64Array, to: number): void {
    const { closed_form, near, cost, within } = this;
    closed_form.angle[0] = angles[at];
    closed_form.find(near, within);
    out[to] = Number.POSITIVE_INFINITY;
    for (let i = 0; i < closed_form.found.count; i++) {
      this.measure(i);
      if (cost[0] < out[to]) out[to] = cost[0];
    }
  }

  private keepAll(): void {
    const { found } = this.closed_form;
    for (let i = 0; i < found.count; i++) {
      this.measure(i);
      this.keep(i);
    }
  }

  /**
   * cost = of rows within the limits the squared distance from the seed; else what keeps a row from being a solution:
   * part of the reach, and squares of angles beyond limits.
   */
  private measure(row: number): void {
    const { near, cost, turned, within, closed_form } = this;
    const { found, limits } = closed_form;
    cost[0] = within ? 0 : found.miss[row];
    for (let k = 0; k < found.n; k++) {
      if (within) {
        limits.nearest(k, found.q, row * found.n + k, near, turned, k);
        cost[0] += (turned[k] - near[k]) * (turned[k] - near[k]);
      } else limits.addExcess(k, found.q, row * found.n + k, cost);
    }
  }

  /** Puts a row among the best in order of cost. */
  private keep(row: number): void {
    const { rows, costs, chain, cost } = this;
    const { n } = chain;
    if (!(cost[0] < costs[KEPT - 1])) return;
    let at = Math.min(this.count, KEPT - 1);
    for (; at > 0 && costs[at - 1] > cost[0]; at--) {
      costs[at] = costs[at - 1];
      for (let j = 0; j < n; j++) rows[at * n + j] = rows[(at - 1) * n + j];
    }
    costs[at] = cost[0];
    if (this.count < KEPT) this.count++;
    this.write(row, rows, at * n);
  }

  /** Writes a row of the closed form as arm joints: whole turns brought near the seed, joints off the chain as seeded. */
  private write(row: number, out: Float64Array, at: number): void {
    const { chain, start, near, closed_form } = this;
    const { found, limits } = closed_form;
    for (let j = 0; j < chain.n; j++) out[at + j] = start[j];
    for (let k = 0; k < found.n; k++) {
      limits.nearest(k, found.q, row * found.n + k, near, out, at + chain.coordinate[k]);
    }
  }
}

const KEPT = 8;
const SWEEP_STEP_RAD = 0.1;
const CLOSE_STEP_RAD = 0.05;
const MOST_ANGLES = 300;
/** Angles of the swept joint that are looked at once a solution is known, for a nearer one. */
const LOOKS_AFTER = 4;
const DIPS = 6;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Halvings, nearly, of a bracket about the nearest row and about a row that misses least. */
const NEAREST_STEPS = 8;
const CLOSEST_STEPS = 28;
