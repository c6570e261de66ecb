import type { Rng } from '../contracts/index.ts';
import { forwardKinematics, frameIndex, frameJacobian, framePose, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';

export interface IkOptions {
  /** Accepted errors of the tool pose: m and rad. */
  readonly position_tolerance_m?: number;
  readonly rotation_tolerance_rad?: number;
  /** Iterations a start. */
  readonly max_iterations?: number;
  /** Random starts after the seed. */
  readonly max_restarts?: number;
  /** Distance kept from the joints' position limits (rad). */
  readonly limit_margin_rad?: number;
  /** Pull towards the home pose in the null space, per iteration (0..1). */
  readonly home_gain?: number;
}

/** What a solve came to; q holds the best point seen, within the limits. Overwritten by the next solve. */
export interface IkResult {
  ok: boolean;
  /** Arm joints (rad). */
  readonly q: Float64Array;
  position_error_m: number;
  rotation_error_rad: number;
  iterations: number;
  restarts: number;
  /** Empty when ok. */
  reason: string;
}

/** Metres that weigh as much as one radian in the error. */
const LENGTH_PER_RADIAN = 0.3;

/**
 * Inverse kinematics by Levenberg and Marquardt steps with an active set of joint limits: joints at a limit that would
 * leave it are held and the step is solved again by the others (damping after Sugihara, 2011). The spare freedom is drawn
 * towards a home pose. Random restarts come from the caller's stream, so a solve is a function of its arguments.
 */
export class IkSolver {
  readonly robot: Robot;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly tool = new Float64Array(12);
  /** 6×nq row-major. */
  private readonly J: Float64Array;
  private readonly n: number;
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;
  private readonly home: Float64Array;
  private readonly options: Required<IkOptions>;
  private readonly full: Float64Array;
  private readonly q: Float64Array;
  private readonly step: Float64Array;
  private readonly held: Uint8Array;
  private readonly error = new Float64Array(6);
  private readonly A = new Float64Array(36);
  private readonly y = new Float64Array(6);
  /** Damping and pull of the present iteration; in an array, so that none is boxed. */
  private readonly numbers = new Float64Array(2);
  private readonly result: IkResult;

  constructor(robot: Robot, options: IkOptions = {}) {
    const n = robot.arm_joints;
    this.robot = robot;
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    if (this.frame < 0) throw new RangeError(`${robot.name} has no frame ${robot.tcp_frame}`);
    this.data = new RobotData(robot.model);
    this.J = new Float64Array(6 * robot.model.nq);
    this.n = n;
    this.options = {
      position_tolerance_m: 1e-6,
      rotation_tolerance_rad: 1e-5,
      max_iterations: 60,
      max_restarts: 12,
      limit_margin_rad: 0.01,
      home_gain: 0.2,
      ...options,
    };
    const margin = this.options.limit_margin_rad;
    this.lower = robot.limits.position_lower.map((x) => x + margin);
    this.upper = robot.limits.position_upper.map((x) => x - margin);
    this.home = robot.home_q.slice(0, n);
    this.full = robot.home_q.slice();
    this.q = new Float64Array(n);
    this.step = new Float64Array(n);
    this.held = new Uint8Array(n);
    this.result = {
      ok: false,
      q: new Float64Array(n),
      position_error_m: Number.POSITIVE_INFINITY,
      rotation_error_rad: Number.POSITIVE_INFINITY,
      iterations: 0,
      restarts: 0,
      reason: '',
    };
  }

  /**
   * Joint positions that bring the tool frame to a pose.
   * @param target  rotation row-major 9 and position 3, frame world (m)
   * @param seed  where to start, arm joints (rad); clipped into the limits
   * @param rng  stream of the restarts; without it only the seed is tried
   * @param home_gain  overrides the option: 0 stays near the seed, as continuation along a line wants
   */
  solve(target: Float64Array, seed: Float64Array, rng: Rng | null, home_gain = this.options.home_gain): IkResult {
    const { result, q, lower, upper } = this;
    result.ok = false;
    result.reason = '';
    result.iterations = 0;
    result.position_error_m = result.rotation_error_rad = Number.POSITIVE_INFINITY;
    const starts = rng === null ? 0 : this.options.max_restarts;
    for (result.restarts = 0; ; result.restarts++) {
      for (let j = 0; j < this.n; j++) {
        if (result.restarts === 0 || rng === null) q[j] = Math.min(upper[j], Math.max(lower[j], seed[j]));
        else q[j] = rng.range(Math.max(lower[j], -Math.PI), Math.min(upper[j], Math.PI));
      }
      if (this.descend(target, home_gain)) {
        result.ok = true;
        return result;
      }
      if (result.restarts >= starts) break;
    }
    const mm = (result.position_error_m * 1000).toFixed(1);
    result.reason = `no joint position within the limits reaches the pose: nearest is ${mm} mm and ${result.rotation_error_rad.toFixed(3)} rad away after ${result.restarts + 1} starts`;
    return result;
  }

  private descend(target: Float64Array, home_gain: number): boolean {
    const { q, result, error, step, held, n, lower, upper, robot, data, numbers } = this;
    const { position_tolerance_m, rotation_tolerance_rad, max_iterations } = this.options;
    for (let iteration = 0; iteration < max_iterations; iteration++) {
      result.iterations++;
      this.full.set(q);
      forwardKinematics(robot.model, data, this.full);
      framePose(robot.model, data, this.frame, this.tool);
      this.poseError(target);
      const scaled = Math.sqrt(error[0] * error[0] + error[1] * error[1] + error[2] * error[2]);
      const rotation = Math.sqrt(error[3] * error[3] + error[4] * error[4] + error[5] * error[5]);
      const position = scaled * LENGTH_PER_RADIAN;
      const worst = Math.max(scaled, rotation);
      if (worst < Math.max(result.position_error_m / LENGTH_PER_RADIAN, result.rotation_error_rad)) {
        result.position_error_m = position;
        result.rotation_error_rad = rotation;
        result.q.set(q);
      }
      if (position <= position_tolerance_m && rotation <= rotation_tolerance_rad) return true;
      // the pull home fades as the pose is reached, so that the last steps converge quadratically
      numbers[GAIN] = home_gain * Math.min(1, worst / 0.05);
      numbers[DAMPING] = Math.min((scaled * scaled + rotation * rotation) / 2, 1) * 1e-2 + 1e-9;
      frameJacobian(robot.model, data, this.frame, this.J);
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
    return false;
  }

  /** Writes the error from the tool to the target (position scaled, rotation vector, world axes). */
  private poseError(target: Float64Array): void {
    const { error, tool: R } = this;
    for (let k = 0; k < 3; k++) error[k] = (target[9 + k] - R[9 + k]) / LENGTH_PER_RADIAN;
    // R_error = R_target R_toolᵀ
    const e00 = target[0] * R[0] + target[1] * R[1] + target[2] * R[2];
    const e01 = target[0] * R[3] + target[1] * R[4] + target[2] * R[5];
    const e02 = target[0] * R[6] + target[1] * R[7] + target[2] * R[8];
    const e10 = target[3] * R[0] + target[4] * R[1] + target[5] * R[2];
    const e11 = target[3] * R[3] + target[4] * R[4] + target[5] * R[5];
    const e12 = target[3] * R[6] + target[4] * R[7] + target[5] * R[8];
    const e20 = target[6] * R[0] + target[7] * R[1] + target[8] * R[2];
    const e21 = target[6] * R[3] + target[7] * R[4] + target[8] * R[5];
    const e22 = target[6] * R[6] + target[7] * R[7] + target[8] * R[8];
    const x = e21 - e12;
    const y = e02 - e20;
    const z = e10 - e01;
    const sine2 = Math.sqrt(x * x + y * y + z * z);
    const cosine2 = e00 + e11 + e22 - 1;
    if (sine2 > 1e-7) {
      const scale = Math.atan2(sine2, cosine2) / sine2;
      error[3] = x * scale;
      error[4] = y * scale;
      error[5] = z * scale;
    } else if (cosine2 > 0) {
      error[3] = x / 2;
      error[4] = y / 2;
      error[5] = z / 2;
    } else {
      // half a turn: the axis is the largest column of R_error + 1
      const c0 = e00 >= e11 && e00 >= e22;
      const c1 = !c0 && e11 >= e22;
      const ax = c0 ? e00 + 1 : c1 ? e01 : e02;
      const ay = c0 ? e10 : c1 ? e11 + 1 : e12;
      const az = c0 ? e20 : c1 ? e21 : e22 + 1;
      const scale = Math.PI / Math.hypot(ax, ay, az);
      error[3] = ax * scale;
      error[4] = ay * scale;
      error[5] = az * scale;
    }
  }

  /** step = pull + Jᵀ (J Jᵀ + λ)⁻¹ (e − J pull) over the joints that are not held. */
  private solveStep(): void {
    const { n, held, error, A, y, step, q, home, J, numbers } = this;
    const nq = this.robot.model.nq;
    for (let j = 0; j < n; j++) step[j] = held[j] ? 0 : numbers[GAIN] * (home[j] - q[j]);
    for (let r = 0; r < 6; r++) {
      const wr = r < 3 ? 1 / LENGTH_PER_RADIAN : 1;
      let rhs = error[r];
      for (let j = 0; j < n; j++) if (!held[j]) rhs -= wr * J[r * nq + j] * step[j];
      y[r] = rhs;
      for (let c = 0; c <= r; c++) {
        const w = wr * (c < 3 ? 1 / LENGTH_PER_RADIAN : 1);
        let sum = 0;
        for (let j = 0; j < n; j++) if (!held[j]) sum += J[r * nq + j] * J[c * nq + j];
        A[6 * r + c] = w * sum;
      }
      A[7 * r] += numbers[DAMPING];
    }
    choleskySolve6(A, y);
    for (let j = 0; j < n; j++) {
      if (held[j]) continue;
      let sum = 0;
      for (let r = 0; r < 6; r++) sum += (r < 3 ? 1 / LENGTH_PER_RADIAN : 1) * J[r * nq + j] * y[r];
      step[j] += sum;
    }
  }
}

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
