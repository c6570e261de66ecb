import type { JointLimits } from '../dynamics/index.ts';
import type { MotionPath } from './motion_path.ts';

/** Share of the acceleration limits that a change of speed may use, together with the path's own acceleration. */
const ACCELERATION_SHARE = 0.95;
/** Share of the jerk limits for changing the rate's slope; the rest is the path's own. */
const JERK_SHARE = 0.4;
/** Most the rate and its slope change where joints hardly move, 1/s and 1/s². */
const MOST_SLOPE = 10;
const MOST_BEND = 400;

/**
 * Time along a path that may run slower than time itself: online scaling of a trajectory (Dahl and Nielsen, "Torque-limited
 * path following by online trajectory time scaling", 1990) by joint acceleration and jerk. q(s(t)) has the acceleration
 * q″ ṡ² + q′ s̈, so in every cycle the slope of the rate ṡ is kept where all joints allow it. At rate 1 the path's samples
 * come out unchanged.
 */
export class PathClock {
  private readonly numbers = new Float64Array(5);
  private readonly dt_s: number;
  private readonly before: Float64Array;
  private readonly here: Float64Array;
  private readonly after: Float64Array;

  constructor(joints: number, dt_s: number) {
    this.dt_s = dt_s;
    this.before = new Float64Array(joints);
    this.here = new Float64Array(joints);
    this.after = new Float64Array(joints);
    this.numbers[WANTED] = 1;
  }

  /** Time along the path, s. */
  get s(): number {
    return this.numbers[S];
  }

  /** Path time per time. */
  get rate(): number {
    return this.numbers[RATE];
  }

  /** Whether the path stands still and will. */
  get stopped(): boolean {
    return this.numbers[RATE] === 0 && this.numbers[WANTED] === 0;
  }

  /** Starts a path at time 0. */
  restart(rate: number): void {
    const { numbers } = this;
    numbers.fill(0);
    numbers[WANTED] = rate;
    numbers[RATE] = rate;
  }

  /** The rate to come to, from 0 on; where the path allows no more than 1, that. */
  want(rate: number): void {
    this.numbers[WANTED] = rate;
  }

  /** One cycle on: `elapsed_s` since the start. */
  advance(elapsed_s: number, path: MotionPath, limits: JointLimits): void {
    const { numbers } = this;
    const dt = elapsed_s - numbers[S] - numbers[LOST];
    // In its first cycle a path in motion has no past, of which differences could be taken.
    const changing = numbers[RATE] !== numbers[WANTED] || numbers[SLOPE] !== 0;
    if (changing && (numbers[S] > 0.5 * this.dt_s || numbers[RATE] === 0)) this.changeRate(path, limits);
    // What is lost is kept, not what is gone, so that at rate 1 nothing is rounded.
    numbers[LOST] += (1 - numbers[RATE]) * dt;
    numbers[S] = elapsed_s - numbers[LOST];
  }

  private changeRate(path: MotionPath, limits: JointLimits): void {
    const { numbers, dt_s: h, before, here, after } = this;
    const s = numbers[S];
    const rate = numbers[RATE];
    path.sample(s - h, before);
    path.sample(s, here);
    path.sample(s + h, after);
    let least = -MOST_SLOPE;
    let most = MOST_SLOPE;
    let bend = MOST_BEND;
    for (let i = 0; i < here.length; i++) {
      const v = (after[i] - before[i]) / (2 * h);
      const speed = Math.abs(v);
      if (speed < 1e-9) continue;
      const a = ((after[i] - 2 * here[i] + before[i]) / (h * h)) * rate * rate;
      const room = ACCELERATION_SHARE * limits.acceleration[i];
      // The path's own acceleration, seen along the joint's motion.
      const own = v > 0 ? a : -a;
      most = Math.min(most, (room - own) / speed);
      least = Math.max(least, (-room - own) / speed);
      bend = Math.min(bend, (JERK_SHARE * limits.jerk[i]) / speed);
    }
    most = Math.max(0, most);
    least = Math.min(0, least);
    const goal = Math.min(numbers[WANTED], path.mostRate(s));
    const left = goal - rate;
    const step = bend * h;
    // The slope from which it can be brought to zero by the wanted rate, a cycle of delay included.
    const distance = Math.abs(left);
    const reach = Math.sqrt(2 * 0.5 * bend * distance + 0.25 * step * step) - 0.5 * step;
    const wanted = Math.min(reach, distance / h) * (left < 0 ? -1 : 1);
    let slope = Math.max(numbers[SLOPE] - step, Math.min(numbers[SLOPE] + step, wanted));
    slope = Math.max(least, Math.min(most, slope));
    numbers[RATE] = Math.max(0, rate + slope * h);
    numbers[SLOPE] = slope;
    if (Math.abs(goal - numbers[RATE]) < 1e-4 && Math.abs(slope) <= 2 * step) {
      numbers[RATE] = goal;
      numbers[SLOPE] = 0;
    }
  }
}

const S = 0;
const RATE = 1;
const SLOPE = 2;
const WANTED = 3;
const LOST = 4;
