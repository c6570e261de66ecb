import type { Rng } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { oneTurn } from './branches.ts';
import { SerialChain } from './chain.ts';
import { ClosedForm } from './closed_form.ts';
import { Descent } from './descent.ts';
import type { IkOptions, IkResult } from './ik_options.ts';
import type { PoseRegion } from './pose_region.ts';
import { MOST_RANKED, PostureTable } from './posture_table.ts';
import { ClosedFormSweep } from './sweep.ts';

/**
 * Inverse kinematics of any arm: in closed form where the structure of its model allows, else and beside it by descent
 * from several starts. A solution is within the limits and within the tolerances on the model itself. A solve is a
 * function of its arguments; it allocates nothing but the reason of a failure.
 */
export class IkSolver {
  readonly robot: Robot;
  readonly chain: SerialChain;
  /** Null where the structure has none that is known here. */
  readonly closed_form: ClosedForm | null;
  private readonly n: number;
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;
  private readonly options: Required<IkOptions>;
  private readonly descent: Descent;
  private readonly starts: PostureTable;
  private readonly start: Float64Array;
  private readonly listed: Float64Array;
  private readonly home: Float64Array;
  /** Bounds of random starts, two a joint. */
  private readonly drawn_from: Float64Array;
  private readonly sweep: ClosedFormSweep | null;
  private readonly result: IkResult;

  /** Throws InputError for a frame that the robot has not or the arm does not move. */
  constructor(robot: Robot, options: IkOptions = {}) {
    const n = robot.arm_joints;
    this.robot = robot;
    this.n = n;
    const margin = options.limit_margin_rad ?? 0.01;
    this.chain = new SerialChain(robot, options.frame);
    const { position_lower, position_upper } = robot.limits;
    const kept = (j: number): number => Math.min(margin, (position_upper[j] - position_lower[j]) / 2);
    this.lower = position_lower.map((x, j) => x + kept(j));
    this.upper = position_upper.map((x, j) => x - kept(j));
    this.closed_form = options.closed_form === false ? null : ClosedForm.of(this.chain, this.lower, this.upper);
    this.options = {
      frame: robot.tcp_frame,
      position_tolerance_m: 1e-6,
      rotation_tolerance_rad: 1e-5,
      max_iterations: 60,
      max_restarts: this.closed_form?.exact ? RESTARTS : RESTARTS_ALONE,
      limit_margin_rad: margin,
      home_gain: 0.2,
      first: 'descent',
      thorough: false,
      closed_form: this.closed_form !== null,
      ...options,
    };
    this.sweep =
      this.closed_form === null ? null : new ClosedFormSweep(this.chain, this.closed_form, this.lower, this.upper);
    this.home = robot.home_q.slice(0, n);
    this.descent = new Descent(this.chain, this.lower, this.upper, this.home, this.options);
    this.starts = new PostureTable(this.chain, this.lower, this.upper, robot.home_q);
    this.start = new Float64Array(n);
    this.listed = new Float64Array(LISTED * n);
    this.drawn_from = Float64Array.from(Array.from(this.lower, (low, j) => oneTurn(low, this.upper[j])).flat());
    this.result = {
      ok: false,
      q: new Float64Array(n),
      position_error_m: Number.POSITIVE_INFINITY,
      rotation_error_rad: Number.POSITIVE_INFINITY,
      iterations: 0,
      restarts: 0,
      method: 'descent',
      reason: '',
    };
  }

  /**
   * Joint positions that bring the frame to a pose.
   * @param target  rotation row-major 9 and position 3, root frame (m)
   * @param seed  arm joints (rad) where the descent begins, clipped into the limits; of several solutions of the closed
   *   form the nearest to it is taken
   * @param rng  stream of the last random starts; null: descent from the seed alone, for continuation
   * @param home_gain  overrides the option: 0 stays near the seed, as continuation along a line wants
   */
  solve(target: Float64Array, seed: Float64Array, rng: Rng | null, home_gain = this.options.home_gain): IkResult {
    const { result, options } = this;
    this.reset(home_gain);
    if (!this.usable(target, seed)) return result;
    if (rng === null) {
      this.descend(target, null, seed, 0);
      return this.finish();
    }
    if (options.first === 'closed_form' && this.fromClosedForm(target, seed)) return result;
    if (this.descend(target, null, seed, 0)) return result;
    if (options.first === 'descent' && this.fromClosedForm(target, seed)) return result;
    this.restart(target, null, rng);
    return this.finish();
  }

  /**
   * As solve, for any pose of a region about the target. The closed form has no part in it.
   * @param rng  null: from the seed alone
   */
  solveRegion(
    target: Float64Array,
    region: PoseRegion,
    seed: Float64Array,
    rng: Rng | null,
    home_gain = this.options.home_gain,
  ): IkResult {
    this.reset(home_gain);
    if (!this.usable(target, seed)) return this.result;
    if (!this.descend(target, region, seed, 0) && rng !== null) this.restart(target, region, rng);
    return this.finish();
  }

  /**
   * Every solution of the closed form within the limits; where a joint is free to choose (seven joints), at angles of it
   * spread over its range from the seed's outwards. Each is polished and checked on the model. Without a closed form:
   * what descents from the seed and from several postures come to.
   * @param out  rows of arm joints (rad); as many are written as it holds
   * @param step_rad  between the angles of the free joint
   * @returns how many solutions were written
   */
  solveAll(target: Float64Array, seed: Float64Array, out: Float64Array, step_rad = 0.2): number {
    const { sweep, n, descent } = this;
    if (!this.usable(target, seed)) return 0;
    descent.rest_gain[0] = 0;
    if (sweep === null) return this.listByDescent(target, seed, out);
    const found = sweep.all(target, seed, step_rad, out);
    let kept = 0;
    for (let i = 0; i < found; i++) {
      if (descent.run(target, null, out, i * n, POLISH_ITERATIONS)) out.set(descent.best_q, n * kept++);
    }
    return kept;
  }

  /**
   * The solution of least cost among all that solveAll lists, for what distance from the seed does not say: clearance,
   * comfort, or a test for contact.
   * @param cost  of arm joints at q[at] (rad); Infinity refuses them
   */
  solveBest(target: Float64Array, seed: Float64Array, cost: (q: Float64Array, at: number) => number): IkResult {
    const { listed, result, n } = this;
    this.reset(0);
    const count = this.solveAll(target, seed, listed);
    let least = Number.POSITIVE_INFINITY;
    let best = -1;
    for (let i = 0; i < count; i++) {
      const value = cost(listed, i * n);
      if (!(value < least)) continue;
      least = value;
      best = i;
    }
    if (result.reason !== '') return result;
    if (best >= 0) {
      this.descend(target, null, listed, best * n, POLISH_ITERATIONS);
      return result;
    }
    this.descend(target, null, seed, 0);
    this.finish();
    if (count > 0) result.reason = `each of ${count} joint positions that reach the pose is refused`;
    result.ok = false;
    return result;
  }

  private listByDescent(target: Float64Array, seed: Float64Array, out: Float64Array): number {
    const { starts, descent, n } = this;
    const most = Math.floor(out.length / n);
    starts.rank(target, LISTED_STARTS);
    let kept = 0;
    for (let k = -1; k < LISTED_STARTS && kept < most; k++) {
      const found =
        k < 0 ? descent.run(target, null, seed, 0) : descent.run(target, null, starts.postures, n * starts.nearest[k]);
      if (!found) continue;
      let known = false;
      for (let i = 0; i < kept && !known; i++) {
        known = true;
        for (let j = 0; j < n; j++) if (Math.abs(out[i * n + j] - descent.best_q[j]) > SAME_RAD) known = false;
      }
      if (!known) out.set(descent.best_q, n * kept++);
    }
    return kept;
  }

  private reset(home_gain: number): void {
    this.descent.rest_gain[0] = home_gain;
    const { result } = this;
    result.ok = false;
    result.reason = '';
    result.iterations = 0;
    result.restarts = -1;
    result.method = 'descent';
    result.position_error_m = result.rotation_error_rad = Number.POSITIVE_INFINITY;
  }

  /** False, with the reason, where a number of the target or the seed is none. */
  private usable(target: Float64Array, seed: Float64Array): boolean {
    const { result, chain } = this;
    let sum = 0;
    for (let k = 0; k < 12; k++) sum += target[k];
    for (let j = 0; j < chain.n; j++) sum += seed[j];
    if (Number.isFinite(sum)) return true;
    result.q.set(this.home);
    result.reason = 'the target and the seed must be finite numbers';
    return false;
  }

  private finish(): IkResult {
    const { result } = this;
    if (!result.ok) {
      const mm = (result.position_error_m * 1000).toFixed(1);
      result.reason = `no joint position within the limits reaches the pose: nearest is ${mm} mm and ${result.rotation_error_rad.toFixed(3)} rad away after ${result.restarts + 1} starts`;
    }
    return result;
  }

  /** One descent; its best point becomes the result's where it is nearer. */
  private descend(
    target: Float64Array,
    region: PoseRegion | null,
    start: Float64Array,
    at: number,
    iterations = this.options.max_iterations,
  ): boolean {
    const { descent, result } = this;
    const ok = descent.run(target, region, start, at, iterations);
    result.iterations += descent.iterations;
    result.restarts++;
    const score = descent.position_error_m / LENGTH_SCALE_M + descent.rotation_error_rad;
    if (ok || score < result.position_error_m / LENGTH_SCALE_M + result.rotation_error_rad) {
      result.q.set(descent.best_q);
      result.position_error_m = descent.position_error_m;
      result.rotation_error_rad = descent.rotation_error_rad;
    }
    result.ok = ok;
    return ok;
  }

  /** Descents from the postures of the table whose tool is nearest, then from random ones. */
  private restart(target: Float64Array, region: PoseRegion | null, rng: Rng): boolean {
    const { starts, start, drawn_from, options, n, result } = this;
    const postures = Math.min(MOST_RANKED, Math.ceil(options.max_restarts / 2));
    starts.rank(target, Math.min(FEW, postures));
    for (let k = 0; k < postures; k++) {
      if (k === FEW) starts.rank(target, postures);
      if (this.descend(target, region, starts.postures, n * starts.nearest[k])) return true;
    }
    for (let k = postures; k < options.max_restarts; k++) {
      // every second one about the best so far: a solution at a limit or beside a singular position is often near it
      const about = k % 2 === 0;
      for (let j = 0; j < n; j++) {
        start[j] = about
          ? result.q[j] + rng.range(-NEARBY_RAD, NEARBY_RAD)
          : rng.range(drawn_from[2 * j], drawn_from[2 * j + 1]);
      }
      if (this.descend(target, region, start, 0)) return true;
    }
    return false;
  }

  private fromClosedForm(target: Float64Array, seed: Float64Array): boolean {
    const { sweep, options } = this;
    if (sweep === null) return false;
    const within = sweep.nearest(target, seed, options.thorough);
    for (let i = 0; i < within; i++) if (this.polish(sweep.rows, target, i, POLISH_ITERATIONS)) return true;
    const close = sweep.closest(target, seed);
    for (let i = 0; i < close; i++) if (this.polish(sweep.rows, target, i, options.max_iterations)) return true;
    return false;
  }

  private polish(rows: Float64Array, target: Float64Array, row: number, iterations: number): boolean {
    const { rest_gain } = this.descent;
    const gain = rest_gain[0];
    rest_gain[0] = 0;
    const ok = this.descend(target, null, rows, row * this.n, iterations);
    rest_gain[0] = gain;
    if (ok) this.result.method = 'closed form';
    return ok;
  }
}

/** Metres that weigh as much as one radian where two points are compared. */
const LENGTH_SCALE_M = 0.3;
const POLISH_ITERATIONS = 10;
/** Most solutions that are compared by cost, starts of a list by descent, and joint difference of two solutions. */
const LISTED = 256;
const LISTED_STARTS = 32;
const SAME_RAD = 0.05;
const NEARBY_RAD = 0.5;
/** Postures that are ranked at first. */
const FEW = 12;
/** Restarts by default, where an exact closed form has had its say and where there is none. */
const RESTARTS = 12;
const RESTARTS_ALONE = 150;
