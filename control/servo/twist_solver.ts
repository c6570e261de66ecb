/** Rounds of inverse iteration a solve; the direction of the last one is where they begin. */
const ROUNDS = 4;
/** Damping at the singularity, relative to the singular value below which it begins. */
const GREATEST_DAMPING = 0.5;
const REGULAR = 1e-12;
/** The same where there are fewer joints than rows: the twist is then met as nearly as can be. */
const LEAST_SQUARES = 1e-6;

/**
 * Joint velocities of least norm for a task velocity: q̇ = Jᵀ(J Jᵀ + λ² u uᵀ)⁻¹ t, damped along the weakest direction u
 * alone (numerical filtering: Maciejewski & Klein, 1988; Chiaverini, 1997), with λ² = (1 − (σ/σ₀)²) λ₀² below the singular
 * value σ₀. The least singular value σ and its u come from inverse iteration on J Jᵀ. Joints may be locked at velocities of
 * their own; the others then make up for them. Fewer free joints than rows are no singularity: σ is Infinity, and the twist
 * is met in the least squares. No allocation.
 */
export class TwistSolver {
  /** Joints. */
  readonly n: number;
  /** Rows of the task in use, at most 6. */
  rows = 6;
  /** The task: J row-major, `n` a row, and the wanted velocity; written by the owner. */
  readonly J: Float64Array;
  readonly wanted: Float64Array;
  /** Joints that are not free, 1 or 0; their entries of `velocity` are given. Written by the owner. */
  readonly locked: Uint8Array;
  /** Joint velocities found (rad/s). */
  readonly velocity: Float64Array;
  /** Unit vector in the task along which the arm moves worst. */
  readonly weakest = new Float64Array(6).fill(1);
  /** σ, the least singular value of J, in its first entry. */
  readonly least = new Float64Array(1);
  private readonly A = new Float64Array(36);
  private readonly L = new Float64Array(36);
  private readonly x = new Float64Array(6);
  private readonly shift = new Float64Array(1);
  private readonly damped_below: number;

  /** @param damped_below  σ₀, in units of J */
  constructor(n: number, damped_below: number) {
    this.n = n;
    this.damped_below = damped_below;
    this.J = new Float64Array(6 * n);
    this.wanted = new Float64Array(6);
    this.velocity = new Float64Array(n);
    this.locked = new Uint8Array(n);
  }

  /** Solves for `wanted`; fills `velocity`, `weakest` and `least`. */
  solve(): void {
    const { n, rows, J, A, x, wanted, velocity, locked, weakest, least, damped_below } = this;
    let free = 0;
    for (let k = 0; k < n; k++) if (locked[k] === 0) free++;
    let trace = 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c <= r; c++) {
        let sum = 0;
        for (let k = 0; k < n; k++) if (locked[k] === 0) sum += J[r * n + k] * J[c * n + k];
        A[6 * r + c] = sum;
        A[6 * c + r] = sum;
      }
      trace += A[7 * r];
    }
    this.shift[0] = (free < rows ? LEAST_SQUARES : REGULAR) * trace + Number.MIN_VALUE;
    if (free < rows) {
      least[0] = Number.POSITIVE_INFINITY;
    } else {
      this.findWeakest();
      const short = damped_below > 0 ? least[0] / damped_below : 1;
      const damping = short < 1 ? (1 - short * short) * GREATEST_DAMPING * GREATEST_DAMPING * damped_below ** 2 : 0;
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < rows; c++) A[6 * r + c] += damping * weakest[r] * weakest[c];
      }
    }
    this.factor();
    for (let r = 0; r < rows; r++) {
      let left = wanted[r];
      for (let k = 0; k < n; k++) if (locked[k] !== 0) left -= J[r * n + k] * velocity[k];
      x[r] = left;
    }
    this.substitute();
    for (let k = 0; k < n; k++) {
      if (locked[k] !== 0) continue;
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += J[r * n + k] * x[r];
      velocity[k] = sum;
    }
  }

  /** Length of Jᵀu for another J of the same task and the weakest direction last found: σ there, to first order. */
  strengthOf(J: Float64Array, out: Float64Array): void {
    const { n, rows, weakest, locked } = this;
    let square = 0;
    for (let k = 0; k < n; k++) {
      if (locked[k] !== 0) continue;
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += J[r * n + k] * weakest[r];
      square += sum * sum;
    }
    out[0] = Math.sqrt(square);
  }

  private findWeakest(): void {
    const { rows, A, x, weakest, least } = this;
    this.factor();
    for (let round = 0; round < ROUNDS; round++) {
      for (let r = 0; r < rows; r++) x[r] = weakest[r];
      this.substitute();
      let square = 0;
      for (let r = 0; r < rows; r++) square += x[r] * x[r];
      // What another task left may lie in none of this one's rows.
      const scale = square > 0 && square < Number.POSITIVE_INFINITY ? 1 / Math.sqrt(square) : 0;
      for (let r = 0; r < rows; r++) weakest[r] = scale > 0 ? x[r] * scale : 1 / Math.sqrt(rows);
    }
    let square = 0;
    for (let r = 0; r < rows; r++) for (let c = 0; c < rows; c++) square += weakest[r] * A[6 * r + c] * weakest[c];
    least[0] = Math.sqrt(Math.max(0, square));
  }

  /** L Lᵀ = A + shift·1. */
  private factor(): void {
    const { rows, A, L } = this;
    const shift = this.shift[0];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < i; j++) {
        let sum = A[6 * i + j];
        for (let k = 0; k < j; k++) sum -= L[6 * i + k] * L[6 * j + k];
        L[6 * i + j] = sum / L[7 * j];
      }
      let pivot = A[7 * i] + shift;
      for (let k = 0; k < i; k++) pivot -= L[6 * i + k] * L[6 * i + k];
      L[7 * i] = Math.sqrt(Math.max(pivot, shift));
    }
  }

  /** x ← (L Lᵀ)⁻¹ x. */
  private substitute(): void {
    const { rows, L, x } = this;
    for (let i = 0; i < rows; i++) {
      let sum = x[i];
      for (let k = 0; k < i; k++) sum -= L[6 * i + k] * x[k];
      x[i] = sum / L[7 * i];
    }
    for (let i = rows - 1; i >= 0; i--) {
      let sum = x[i];
      for (let k = i + 1; k < rows; k++) sum -= L[6 * k + i] * x[k];
      x[i] = sum / L[7 * i];
    }
  }
}
