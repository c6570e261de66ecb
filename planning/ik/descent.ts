import type { SerialChain } from './chain.ts';
import { poseError } from './pose_error.ts';
import { type PoseRegion, regionError } from './pose_region.ts';

export interface DescentOptions {
  readonly position_tolerance_m: number;
  readonly rotation_tolerance_rad: number;
  readonly max_iterations: number;
}

/**
 * Numerical inverse kinematics from one start: Levenberg and Marquardt steps (damping after Sugihara, IEEE T-RO 27(5),
 * 2011) with an active set of joint limits: joints at a limit that would leave it are held and the step is solved again
 * by the others. The spare freedom is drawn towards a posture. No allocation.
 */
export class Descent {
  readonly chain: SerialChain;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly options: DescentOptions;
  /** Best point of the last run within the limits, and how far from the target it is. */
  readonly best_q: Float64Array;
  position_error_m = Number.POSITIVE_INFINITY;
  rotation_error_rad = Number.POSITIVE_INFINITY;
  iterations = 0;
  private readonly rest: Float64Array;
  private readonly q: Float64Array;
  private readonly step: Float64Array;
  private readonly held: Uint8Array;
  private readonly error = new Float64Array(6);
  private readonly free = new Float64Array(18);
  private readonly A = new Float64Array(36);
  private readonly y = new Float64Array(6);
  /** Pull towards the rest posture, per iteration (0..1); in an array, so that no call boxes it. */
  readonly rest_gain = new Float64Array(1);
  /** Damping and pull of the present iteration. */
  private readonly numbers = new Float64Array(2);

  /** @param rest  posture that the spare freedom is drawn to, arm joints (rad) */
  constructor(
    chain: SerialChain,
    lower: Float64Array,
    upper: Float64Array,
    rest: Float64Array,
    options: DescentOptions,
  ) {
    this.chain = chain;
    this.lower = lower;
    this.upper = upper;
    this.rest = rest;
    this.options = options;
    this.best_q = new Float64Array(chain.n);
    this.q = new Float64Array(chain.n);
    this.step = new Float64Array(chain.n);
    this.held = new Uint8Array(chain.n);
  }

  /**
   * True if the target was reached from `start` (arm joints from `at`, clipped into the limits).
   * @param region  deviations from the target that are allowed; null: none
   */
  run(
    target: Float64Array,
    region: PoseRegion | null,
    start: Float64Array,
    at: number,
    max_iterations = this.options.max_iterations,
  ): boolean {
    const { chain, q, error, step, held, lower, upper, numbers, best_q } = this;
    const { position_tolerance_m, rotation_tolerance_rad } = this.options;
    const n = chain.n;
    for (let j = 0; j < n; j++) q[j] = Math.min(upper[j], Math.max(lower[j], start[at + j]));
    this.position_error_m = this.rotation_error_rad = Number.POSITIVE_INFINITY;
    for (this.iterations = 1; ; this.iterations++) {
      chain.place(q);
      if (region === null) poseError(target, chain.tool, error);
      else regionError(target, region, chain.tool, error, this.free);
      const position = Math.sqrt(error[0] * error[0] + error[1] * error[1] + error[2] * error[2]);
      const rotation = Math.sqrt(error[3] * error[3] + error[4] * error[4] + error[5] * error[5]);
      const scaled = position / LENGTH_PER_RADIAN;
      const worst = Math.max(scaled, rotation);
      if (worst < Math.max(this.position_error_m / LENGTH_PER_RADIAN, this.rotation_error_rad)) {
        this.position_error_m = position;
        this.rotation_error_rad = rotation;
        best_q.set(q);
      }
      if (position <= position_tolerance_m && rotation <= rotation_tolerance_rad) return true;
      if (this.iterations >= max_iterations) return false;
      // the pull fades as the pose is reached, so that the last steps converge quadratically
      numbers[GAIN] = this.rest_gain[0] * Math.min(1, worst / 0.05);
      numbers[DAMPING] = Math.min((scaled * scaled + rotation * rotation) / 2, 1) * 1e-2 + 1e-9;
      chain.differentiate();
      this.weigh(region !== null);
      held.fill(0);
      for (let pass = 0; pass < n; pass++) {
        this.solveStep();
        let blocked = false;
        for (let j = 0; j < n; j++) {
          if (held[j]) continue;
          if ((q[j] >= upper[j] && step[j] > 0) || (q[j] <= lower[j] && step[j] < 0)) {
            held[j] = 1;
            blocked = true;
          }
        }
        if (!blocked) break;
      }
      let largest = 0;
      for (let j = 0; j < n; j++) largest = Math.max(largest, Math.abs(step[j]));
      if (largest < 1e-9) return false;
      const scale = largest > MAX_STEP ? MAX_STEP / largest : 1;
      for (let j = 0; j < n; j++) q[j] = Math.min(upper[j], Math.max(lower[j], q[j] + scale * step[j]));
    }
  }

  /** Scales error and Jacobian to radians, and takes from the Jacobian the directions in which the tool is free. */
  private weigh(projected: boolean): void {
    const { chain, error, free } = this;
    const { J, n } = chain;
    for (let j = 0; j < n; j++) {
      for (let half = 0; projected && half < 2; half++) {
        const a = 3 * half * n + j;
        const f = 9 * half;
        const x = J[a];
        const y = J[a + n];
        const z = J[a + 2 * n];
        J[a] = free[f] * x + free[f + 1] * y + free[f + 2] * z;
        J[a + n] = free[f + 3] * x + free[f + 4] * y + free[f + 5] * z;
        J[a + 2 * n] = free[f + 6] * x + free[f + 7] * y + free[f + 8] * z;
      }
      for (let r = 0; r < 3; r++) J[r * n + j] /= LENGTH_PER_RADIAN;
    }
    for (let r = 0; r < 3; r++) error[r] /= LENGTH_PER_RADIAN;
  }

  /** step = pull + Jᵀ (J Jᵀ + λ)⁻¹ (e − J pull) over the joints that are not held. */
  private solveStep(): void {
    const { chain, held, error, A, y, step, q, rest, numbers } = this;
    const { J, n } = chain;
    for (let j = 0; j < n; j++) step[j] = held[j] ? 0 : numbers[GAIN] * (rest[j] - q[j]);
    for (let r = 0; r < 6; r++) {
      let rhs = error[r];
      for (let j = 0; j < n; j++) if (!held[j]) rhs -= J[r * n + j] * step[j];
      y[r] = rhs;
      for (let c = 0; c <= r; c++) {
        let sum = 0;
        for (let j = 0; j < n; j++) if (!held[j]) sum += J[r * n + j] * J[c * n + j];
        A[6 * r + c] = sum;
      }
      A[7 * r] += numbers[DAMPING];
    }
    choleskySolve6(A, y);
    for (let j = 0; j < n; j++) {
      if (held[j]) continue;
      let sum = 0;
      for (let r = 0; r < 6; r++) sum += J[r * n + j] * y[r];
      step[j] += sum;
    }
  }
}

/** Metres that weigh as much as one radian in the error. */
export const LENGTH_PER_RADIAN = 0.3;

const DAMPING = 0;
const GAIN = 1;
/** Longest move of a joint in one iteration (rad). */
const MAX_STEP = 0.6;

/** Solves A x = y in place for a symmetric positive definite 6×6 given by its lower half. */
function choleskySolve6(A: Float64Array, y: Float64Array): void {
  for (let c = 0; c < 6; c++) {
    for (let r = c; r < 6; r++) {
      let sum = A[6 * r + c];
      for (let k = 0; k < c; k++) sum -= A[6 * r + k] * A[6 * c + k];
      A[6 * r + c] = r === c ? Math.sqrt(sum) : sum / A[7 * c];
    }
  }
  for (let r = 0; r < 6; r++) {
    let sum = y[r];
    for (let k = 0; k < r; k++) sum -= A[6 * r + k] * y[k];
    y[r] = sum / A[7 * r];
  }
  for (let r = 5; r >= 0; r--) {
    let sum = y[r];
    for (let k = r + 1; k < 6; k++) sum -= A[6 * k + r] * y[k];
    y[r] = sum / A[7 * r];
  }
}
