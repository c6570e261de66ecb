import { InputError, type JointTrajectory } from '../contracts/index.ts';
import type { JointLimits } from '../dynamics/index.ts';
import { describeFailure, TrajectoryGenerator, TrajectoryInput } from '../trajectory/index.ts';
import { TrajectorySampler } from './trajectory_sampler.ts';

/** Reference of the arm in one control cycle, as differences of its positions give it. */
export interface JointMotion {
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly acceleration: Float64Array;
}

/** Where a motion under way may join a new trajectory, as shares of the time it takes to its start. */
const JOIN_SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1, 1.3];
/** Share of the limits that a bridge uses: what is sampled once a cycle differs a little from what it is sampled from. */
const BRIDGE_SHARE = 0.95;

/**
 * What the arm is to do from where it is: a trajectory whose first distance from the arm is blended out, or, where the arm
 * is in motion, a jerk-limited bridge (TrajectoryGenerator) to a point of it and the rest.
 */
export class MotionPath {
  duration_s = 0;
  private readonly joints: number;
  private readonly names: readonly string[];
  private readonly sampler: TrajectorySampler;
  private readonly offset: Float64Array;
  private readonly generator: TrajectoryGenerator;
  private readonly input: TrajectoryInput;
  private readonly before: Float64Array;
  private readonly after: Float64Array;
  private readonly spare: Float64Array;
  /** End of the bridge, where on the trajectory that is, end of the blend, s, and trajectory time per time after the bridge. */
  private readonly times = new Float64Array(4);

  constructor(joint_names: readonly string[]) {
    const n = joint_names.length;
    this.joints = n;
    this.names = joint_names;
    this.sampler = new TrajectorySampler(joint_names);
    this.offset = new Float64Array(n);
    this.generator = new TrajectoryGenerator(n);
    this.input = new TrajectoryInput(n);
    this.before = new Float64Array(n);
    this.after = new Float64Array(n);
    this.spare = new Float64Array(n);
  }

  /** Takes a trajectory; throws InputError for one that cannot be followed. */
  load(trajectory: JointTrajectory): void {
    this.sampler.load(trajectory);
    this.times.fill(0);
    this.times[PACE] = 1;
    this.offset.fill(0);
    this.duration_s = this.sampler.duration_s;
  }

  /** Starts at `position` (rad) and leaves it for the trajectory within `blend_s`. */
  blendFrom(position: Float64Array, blend_s: number): void {
    const { offset, sampler, times } = this;
    sampler.sample(0, offset);
    let blended = false;
    for (let i = 0; i < offset.length; i++) {
      offset[i] = position[i] - offset[i];
      if (offset[i] !== 0) blended = true;
    }
    if (!blended) return;
    times[BLEND] = blend_s;
    this.duration_s = Math.max(this.duration_s, blend_s);
  }

  /**
   * Starts from a motion under way, and joins the trajectory where that makes the whole shortest, but nowhere before the
   * trajectory itself would be there. Time 0 is that of `motion`. Throws InputError where no bridge keeps the limits.
   * @param dt_s  control period, of which the differences are
   * @param pace  share of its own speed at which the trajectory is gone on with, above 0
   */
  bridgeFrom(motion: JointMotion, limits: JointLimits, dt_s: number, pace: number): void {
    const { generator, sampler, times } = this;
    const { duration_s } = sampler;
    times[PACE] = pace;
    const to_start = this.plan(motion, limits, dt_s, 0) ? generator.duration : duration_s;
    let best = Infinity;
    let at = 0;
    for (const share of JOIN_SHARES) {
      const join = share * to_start * pace;
      // No sooner than the trajectory itself would be there: what is slow is meant to be.
      if (join > duration_s || !this.plan(motion, limits, dt_s, join) || generator.duration * pace < join) continue;
      const whole = generator.duration + (duration_s - join) / pace;
      if (whole >= best) continue;
      best = whole;
      at = join;
    }
    if (!this.plan(motion, limits, dt_s, at)) {
      throw new InputError(
        `trajectory cannot be joined from the present motion: ${describeFailure(generator.failure, this.names)}`,
        'start from rest, or plan from the present motion',
      );
    }
    times[BRIDGE] = generator.duration;
    times[JOIN] = at;
    this.duration_s = generator.duration + (duration_s - at) / pace;
  }

  /** Trajectory time per time, 1 but after a bridge to a trajectory that is gone on with more slowly. */
  get pace(): number {
    return this.times[PACE];
  }

  /** How long the bridge from the motion under way takes, s; 0 where there is none. */
  get bridge_s(): number {
    return this.times[BRIDGE];
  }

  /** Path time per time at which `t_s` keeps the limits for which it was planned: a bridge is at them already. */
  mostRate(t_s: number): number {
    return t_s < this.times[BRIDGE] ? 1 : 1 / this.times[PACE];
  }

  /** Positions at `t_s` from the start into `out` (rad). */
  sample(t_s: number, out: Float64Array): void {
    const { times, offset } = this;
    if (times[BRIDGE] > 0 && t_s < times[BRIDGE]) {
      this.generator.sample(t_s, out, this.spare, this.after);
      return;
    }
    this.sampler.sample(times[JOIN] + times[PACE] * (t_s - times[BRIDGE]), out);
    if (t_s >= times[BLEND]) return;
    const u = t_s > 0 ? t_s / times[BLEND] : 0;
    const left = 1 - u * u * u * (10 + u * (6 * u - 15));
    for (let i = 0; i < this.joints; i++) out[i] += left * offset[i];
  }

  /** Plans the bridge to the trajectory at `at_s`. */
  private plan({ position, velocity, acceleration }: JointMotion, limits: JointLimits, dt_s: number, at_s: number) {
    const { input, sampler, before, after, spare, joints, times } = this;
    // One-sided at the start, where the trajectory has no past.
    const step = dt_s * times[PACE];
    const h = at_s < step ? 0 : dt_s;
    sampler.sample(at_s - step, before);
    sampler.sample(at_s, spare);
    sampler.sample(at_s + step, after);
    for (let i = 0; i < joints; i++) {
      const slope = h === 0 ? 0 : (after[i] - before[i]) / (2 * dt_s);
      const bend = h === 0 ? 0 : (after[i] - 2 * spare[i] + before[i]) / (dt_s * dt_s);
      const v = limits.velocity[i];
      const a = limits.acceleration[i];
      input.p0[i] = position[i];
      // Differences of a cycle are the motion half a cycle earlier.
      input.v0[i] = velocity[i] + 0.5 * dt_s * acceleration[i];
      input.a0[i] = acceleration[i];
      input.p1[i] = spare[i];
      input.vmax[i] = v;
      input.amax[i] = a;
      input.v1[i] = Math.max(-v, Math.min(v, slope));
      input.a1[i] = Math.max(-a, Math.min(a, bend));
      input.jmax[i] = BRIDGE_SHARE * limits.jerk[i];
      input.pmin[i] = limits.position_lower[i];
      input.pmax[i] = limits.position_upper[i];
    }
    return this.generator.plan(input, 'time');
  }
}

const BRIDGE = 0;
const JOIN = 1;
const BLEND = 2;
const PACE = 3;
