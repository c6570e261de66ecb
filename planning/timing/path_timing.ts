import { DoubleS, type PhaseState } from './double_s.ts';
import type { MotionLimits } from './limits.ts';

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
