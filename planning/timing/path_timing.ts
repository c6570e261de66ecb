import { DoubleS, type PhaseState } from './double_s.ts';
import type { MotionLimits } from './limits.ts';
import type { CubicSpline } from './spline.ts';

/** A timed motion from rest to rest: sampled by `write` at times 0..duration_s. */
export interface TimedPath {
  readonly duration_s: number;
  /** Joint position, velocity, acceleration (n each) at time t into rows that start at `at`. */
  write(t_s: number, position: Float64Array, velocity: Float64Array, acceleration: Float64Array, at: number): void;
}

/**
 * The straight joint segment from a to b with all joints in phase, time-optimal along the line within the limits.
 * @param max_phase_speed  further bound on the speed of the phase (whole segments a second), e.g. from the tool's speed
 */
export function timeLine(
  a: Float64Array,
  b: Float64Array,
  limits: MotionLimits,
  max_phase_speed = Infinity,
): TimedPath {
  const n = limits.velocity.length;
  let velocity = max_phase_speed;
  let acceleration = Number.POSITIVE_INFINITY;
  let jerk = Number.POSITIVE_INFINITY;
  for (let j = 0; j < n; j++) {
    const d = Math.abs(b[j] - a[j]);
    if (d === 0) continue;
    velocity = Math.min(velocity, limits.velocity[j] / d);
    acceleration = Math.min(acceleration, limits.acceleration[j] / d);
    jerk = Math.min(jerk, limits.jerk[j] / d);
  }
  if (jerk === Number.POSITIVE_INFINITY) return new LinePath(a, b, n, new DoubleS(0, 1, 1, 1));
  return new LinePath(a, b, n, new DoubleS(1, velocity, acceleration, jerk));
}

class LinePath implements TimedPath {
  readonly duration_s: number;
  private readonly a: Float64Array;
  private readonly b: Float64Array;
  private readonly n: number;
  private readonly profile: DoubleS;
  private readonly phase: PhaseState = { s: 0, v: 0, a: 0, j: 0 };

  constructor(a: Float64Array, b: Float64Array, n: number, profile: DoubleS) {
    this.a = a;
    this.b = b;
    this.n = n;
    this.profile = profile;
    this.duration_s = profile.duration;
  }

  write(t_s: number, position: Float64Array, velocity: Float64Array, acceleration: Float64Array, at: number): void {
    const { a, b, phase } = this;
    this.profile.evaluate(t_s, phase);
    for (let j = 0; j < this.n; j++) {
      const d = b[j] - a[j];
      position[at + j] = phase.s >= this.profile.distance ? b[j] : a[j] + phase.s * d;
      velocity[at + j] = phase.v * d;
      acceleration[at + j] = phase.a * d;
    }
  }
}

/**
 * Times a smooth path q(s) from rest to rest by a double-S s(t) whose bounds hold the joint limits everywhere by the chain
 * rule: |q'| v ≤ V, |q''| v² + |q'| a ≤ A, |q'''| v³ + 3 |q''| v a + |q'| j ≤ J, with the largest derivatives over the path.
 * Among the admissible (v, a, j) the shortest of a fixed family is taken.
 * @param max_speed  further bound on ds/dt (units of s a second)
 */
export function timeSpline(spline: CubicSpline, limits: MotionLimits, max_speed = Infinity): TimedPath {
  const n = spline.n;
  const bounds = new Float64Array(3 * n);
  spline.derivativeBounds(bounds);
  const length = spline.end - spline.start;
  let top = Math.min(max_speed, length * 1e6);
  for (let j = 0; j < n; j++) {
    if (bounds[j] > 0) top = Math.min(top, limits.velocity[j] / bounds[j]);
    if (bounds[n + j] > 0) top = Math.min(top, Math.sqrt(limits.acceleration[j] / bounds[n + j]));
    if (bounds[2 * n + j] > 0) top = Math.min(top, Math.cbrt(limits.jerk[j] / bounds[2 * n + j]));
  }
  let best: DoubleS | null = null;
  for (let i = 1; i <= SPEEDS; i++) {
    const v = (top * i) / (SPEEDS + 1);
    const a_top = accelerationBound(bounds, limits, v);
    for (let k = 1; k <= ACCELERATIONS; k++) {
      const a = (a_top * k) / (ACCELERATIONS + 1);
      const j = jerkBound(bounds, limits, v, a);
      if (!(j > 0)) continue;
      const profile = new DoubleS(length, v, Math.min(a, length * 1e9), Math.min(j, length * 1e12));
      if (best === null || profile.duration < best.duration) best = profile;
    }
  }
  if (best === null) throw new RangeError('timeSpline: no admissible speed; the path has a kink');
  return new SplinePath(spline, best);
}

const SPEEDS = 24;
const ACCELERATIONS = 12;

function accelerationBound(bounds: Float64Array, limits: MotionLimits, v: number): number {
  const n = limits.velocity.length;
  let a = Number.POSITIVE_INFINITY;
  for (let j = 0; j < n; j++) {
    if (bounds[j] > 0) a = Math.min(a, (limits.acceleration[j] - bounds[n + j] * v * v) / bounds[j]);
  }
  return a;
}

function jerkBound(bounds: Float64Array, limits: MotionLimits, v: number, a: number): number {
  const n = limits.velocity.length;
  let jerk = Number.POSITIVE_INFINITY;
  for (let j = 0; j < n; j++) {
    if (bounds[j] === 0) continue;
    jerk = Math.min(jerk, (limits.jerk[j] - bounds[2 * n + j] * v * v * v - 3 * bounds[n + j] * v * a) / bounds[j]);
  }
  return jerk;
}

class SplinePath implements TimedPath {
  readonly duration_s: number;
  private readonly spline: CubicSpline;
  private readonly profile: DoubleS;
  private readonly phase: PhaseState = { s: 0, v: 0, a: 0, j: 0 };
  private readonly point: Float64Array;

  constructor(spline: CubicSpline, profile: DoubleS) {
    this.spline = spline;
    this.profile = profile;
    this.duration_s = profile.duration;
    this.point = new Float64Array(4 * spline.n);
  }

  write(t_s: number, position: Float64Array, velocity: Float64Array, acceleration: Float64Array, at: number): void {
    const { phase, point, spline } = this;
    const n = spline.n;
    this.profile.evaluate(t_s, phase);
    spline.evaluate(Math.min(spline.end, spline.start + phase.s), point);
    for (let j = 0; j < n; j++) {
      position[at + j] = point[j];
      velocity[at + j] = point[n + j] * phase.v;
      acceleration[at + j] = point[2 * n + j] * phase.v * phase.v + point[n + j] * phase.a;
    }
  }
}
