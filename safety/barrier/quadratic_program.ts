import { OrthogonalFactor } from './orthogonal_factor.ts';

export type ProgramStatus = 'solved' | 'infeasible' | 'capped';

/** A constraint counts as kept if it is short by no more than this, in the scaled space, relative to 1 and its bound. */
const KEPT = 1e-10;
/** A combination with less than this of an active normal does not free it. */
const FREES = 1e-11;

/**
 * A small strictly convex quadratic program of fixed size: the x nearest to `wanted`,
 *
 *   minimise ½ Σ weight_i (x_i − wanted_i)²  with  lower ≤ x ≤ upper  and  row_k · x ≥ bound_k.
 *
 * By the dual active set method of Goldfarb and Idnani (A numerically stable dual method for solving strictly convex
 * quadratic programs, Mathematical Programming 27, 1983): from the unconstrained minimum, always optimal for the
 * constraints taken in so far, which are taken in one by one. Started warm from the constraints that held the last
 * solution, found by their keys, less those whose multipliers have become negative: that too is optimal for what is left.
 * The solution is unique, so warm and cold starts agree to rounding. Allocates nothing after construction.
 */
export class QuadraticProgram {
  readonly n: number;
  readonly max_rows: number;
  readonly wanted: Float64Array;
  /** Positive. */
  readonly weight: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Rows in use; each has n numbers in `row`, a bound, and a key, 0 or more, by which it is known from one program to the next. */
  rows = 0;
  readonly row: Float64Array;
  readonly bound: Float64Array;
  readonly key: Int32Array;
  /** The minimiser, if solved. */
  readonly solution: Float64Array;
  /** Changes of the active set that the last `solve` took. */
  iterations = 0;

  private readonly max_iterations: number;
  private readonly factor: OrthogonalFactor;
  /** Of all constraints (lower and upper bounds, then rows) in the scaled space y_i = √weight_i (x_i − wanted_i): unit normals, bounds. */
  private readonly normal: Float64Array;
  private readonly least: Float64Array;
  private readonly scale: Float64Array;
  private readonly y: Float64Array;
  /** The active constraints, their multipliers, bounds and combination of the entering one. */
  private readonly active: Int32Array;
  private readonly is_active: Uint8Array;
  private readonly u: Float64Array;
  private readonly b: Float64Array;
  private readonly r: Float64Array;
  private readonly entering_u = new Float64Array(1);
  /** Keys of what held the last solution: −1 − i for bound i. */
  private readonly held: Int32Array;
  private held_count = 0;

  /**
   * @param n  variables
   * @param max_rows  rows at most
   * @param max_iterations  changes of the active set after which `solve` gives up
   */
  constructor(n: number, max_rows: number, max_iterations = 60) {
    const m = 2 * n + max_rows;
    this.n = n;
    this.max_rows = max_rows;
    this.max_iterations = max_iterations;
    this.wanted = new Float64Array(n);
    this.weight = new Float64Array(n).fill(1);
    this.lower = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
    this.upper = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
    this.row = new Float64Array(n * max_rows);
    this.bound = new Float64Array(max_rows);
    this.key = new Int32Array(max_rows);
    this.solution = new Float64Array(n);
    this.factor = new OrthogonalFactor(n);
    this.normal = new Float64Array(n * m);
    this.least = new Float64Array(m);
    this.scale = new Float64Array(n);
    this.y = new Float64Array(n);
    this.active = new Int32Array(n + 1);
    this.is_active = new Uint8Array(m);
    this.u = new Float64Array(n + 1);
    this.b = new Float64Array(n + 1);
    this.r = new Float64Array(n + 1);
    this.held = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      this.normal[n * i + i] = 1;
      this.normal[n * (n + i) + i] = -1;
    }
  }

  /** Forgets what held the last solution: the next start is cold. */
  forget(): void {
    this.held_count = 0;
  }

  /** Finds `solution`. `infeasible`: nothing keeps all constraints. `capped`: not found in the iterations allowed. */
  solve(): ProgramStatus {
    const { factor, active, is_active, u, y } = this;
    this.iterations = 0;
    factor.clear();
    is_active.fill(0);
    y.fill(0);
    if (!this.toScaledSpace()) {
      this.held_count = 0;
      return 'infeasible';
    }
    this.startWarm();
    for (let entering = this.mostViolated(); entering >= 0; entering = this.mostViolated()) {
      const status = this.enter(entering);
      if (status === 'solved') continue;
      this.held_count = 0;
      return status;
    }
    factor.nearest(this.b, y, u);
    this.held_count = factor.count;
    const { n, solution, wanted, scale, held, key } = this;
    for (let k = 0; k < factor.count; k++) held[k] = active[k] < 2 * n ? -1 - active[k] : key[active[k] - 2 * n];
    for (let i = 0; i < n; i++) solution[i] = wanted[i] + y[i] / scale[i];
    this.takeHeldBounds();
    return 'solved';
  }

  /** Multiplier of row k in the last solution: how fast the cost falls with its bound; 0 where it does not hold it. */
  multiplier(k: number): number {
    const { factor, active, u, n } = this;
    for (let i = 0; i < factor.count; i++) if (active[i] === 2 * n + k) return u[i];
    return 0;
  }

  /** Whether row k holds the last solution. */
  holds(k: number): boolean {
    return this.is_active[2 * this.n + k] === 1;
  }

  /** False if a row without a direction, or that is no number, cannot be kept. */
  private toScaledSpace(): boolean {
    const { n, rows, wanted, weight, lower, upper, row, bound, normal, least, scale } = this;
    for (let i = 0; i < n; i++) {
      scale[i] = Math.sqrt(weight[i]);
      least[i] = scale[i] * (lower[i] - wanted[i]);
      least[n + i] = scale[i] * (wanted[i] - upper[i]);
      if (!(least[i] < Number.POSITIVE_INFINITY) || !(least[n + i] < Number.POSITIVE_INFINITY)) return false;
    }
    for (let k = 0; k < rows; k++) {
      const from = n * k;
      const to = n * (2 * n + k);
      let rest = bound[k];
      let square = 0;
      for (let i = 0; i < n; i++) {
        rest -= row[from + i] * wanted[i];
        const value = row[from + i] / scale[i];
        normal[to + i] = value;
        square += value * value;
      }
      const length = Math.sqrt(square);
      if (length > 0) {
        for (let i = 0; i < n; i++) normal[to + i] /= length;
        least[2 * n + k] = rest / length;
      } else {
        if (!(rest <= 0)) return false;
        least[2 * n + k] = Number.NEGATIVE_INFINITY;
      }
      if (!(least[2 * n + k] < Number.POSITIVE_INFINITY)) return false;
    }
    return true;
  }

  /** Takes in what held the last solution, less what would pull instead of hold. */
  private startWarm(): void {
    const { n, rows, factor, normal, least, b, u, y, held, key } = this;
    for (let k = 0; k < this.held_count; k++) {
      let constraint = -1 - held[k];
      if (constraint < 0) {
        for (let i = 0; i < rows && constraint < 0; i++) if (key[i] === held[k]) constraint = 2 * n + i;
      }
      if (constraint < 0 || least[constraint] === Number.NEGATIVE_INFINITY || this.is_active[constraint] === 1)
        continue;
      factor.project(normal, n * constraint);
      if (factor.dependent || factor.count === n) continue;
      this.activate(constraint);
    }
    while (factor.count > 0) {
      factor.nearest(b, y, u);
      let worst = -1;
      for (let i = 0; i < factor.count; i++) if (u[i] < 0 && (worst < 0 || u[i] < u[worst])) worst = i;
      if (worst < 0) return;
      this.release(worst);
      if (factor.count === 0) y.fill(0);
    }
  }

  /** The constraint that is short by most, −1 if all are kept. */
  private mostViolated(): number {
    const { n, rows, normal, least, y, is_active } = this;
    const m = 2 * n + rows;
    let most = 0;
    let found = -1;
    for (let k = 0; k < m; k++) {
      if (is_active[k] === 1) continue;
      const at = n * k;
      let short = least[k];
      const room = KEPT * (1 + (short < 0 ? -short : short));
      if (k < n) short -= y[k];
      else if (k < 2 * n) short += y[k - n];
      else for (let i = 0; i < n; i++) short -= normal[at + i] * y[i];
      if (short <= room || short <= most) continue;
      most = short;
      found = k;
    }
    return found;
  }

  /** Takes in a violated constraint, and lets go of those that stand in its way. */
  private enter(constraint: number): ProgramStatus {
    const { n, factor, normal, least, y, u, r, entering_u } = this;
    const at = n * constraint;
    entering_u[0] = 0;
    for (;;) {
      if (this.iterations >= this.max_iterations) return 'capped';
      this.iterations++;
      factor.project(normal, at);
      factor.combine(r);
      const { count, J, d } = factor;
      let free = -1;
      let partial = Number.POSITIVE_INFINITY;
      for (let i = 0; i < count; i++) {
        if (!(r[i] > FREES) || !(u[i] < partial * r[i])) continue;
        partial = u[i] / r[i];
        free = i;
      }
      let full = Number.POSITIVE_INFINITY;
      if (count < n && !factor.dependent) {
        let short = least[constraint];
        for (let i = 0; i < n; i++) short -= normal[at + i] * y[i];
        full = short > 0 ? short / factor.outside[0] : 0;
      }
      const step = full <= partial ? full : partial;
      if (step === Number.POSITIVE_INFINITY) return 'infeasible';
      for (let i = 0; i < count; i++) u[i] -= step * r[i];
      entering_u[0] += step;
      if (full < Number.POSITIVE_INFINITY) {
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let j = count; j < n; j++) sum += J[n * i + j] * d[j];
          y[i] += step * sum;
        }
      }
      if (full <= partial) {
        u[count] = entering_u[0];
        this.activate(constraint);
        return 'solved';
      }
      this.release(free);
    }
  }

  private activate(constraint: number): void {
    const { factor, active, is_active, b, least } = this;
    const { count } = factor;
    factor.add();
    active[count] = constraint;
    is_active[constraint] = 1;
    b[count] = least[constraint];
  }

  private release(index: number): void {
    const { factor, active, is_active, u, b } = this;
    is_active[active[index]] = 0;
    factor.remove(index);
    for (let i = index; i < factor.count; i++) {
      active[i] = active[i + 1];
      u[i] = u[i + 1];
      b[i] = b[i + 1];
    }
  }

  /** Variables held by a bound are exactly on it, whatever the rounding. */
  private takeHeldBounds(): void {
    const { n, factor, active, solution, lower, upper } = this;
    for (let k = 0; k < factor.count; k++) {
      const constraint = active[k];
      if (constraint < n) solution[constraint] = lower[constraint];
      else if (constraint < 2 * n) solution[constraint - n] = upper[constraint - n];
    }
  }
}
