/** Position, velocity, acceleration and jerk along a path at one time. */
export interface PhaseState {
  s: number;
  v: number;
  a: number;
  j: number;
}

/**
 * Time-optimal jerk-limited motion from rest to rest over `distance` ≥ 0 (double-S profile, closed form: Biagiotti and
 * Melchiorri, Trajectory Planning for Automatic Machines and Robots, 3.4.2). Units of the path and seconds.
 */
export class DoubleS {
  readonly distance: number;
  /** Time from rest to rest, s. */
  readonly duration: number;
  /** Peaks that are reached. */
  readonly peak_velocity: number;
  readonly peak_acceleration: number;
  readonly jerk: number;
  /** Length of a jerk phase, of the whole acceleration phase, and of the cruise, s. */
  private readonly t_jerk: number;
  private readonly t_acc: number;

  constructor(distance: number, velocity: number, acceleration: number, jerk: number) {
    if (!(distance >= 0) || !(velocity > 0) || !(acceleration > 0) || !(jerk > 0)) {
      throw new RangeError(
        `DoubleS(${distance}, ${velocity}, ${acceleration}, ${jerk}): distance must be ≥ 0 and the limits > 0`,
      );
    }
    let t_jerk = acceleration / jerk;
    let t_acc: number;
    if (velocity * jerk >= acceleration * acceleration) t_acc = t_jerk + velocity / acceleration;
    else {
      t_jerk = Math.sqrt(velocity / jerk);
      t_acc = 2 * t_jerk;
    }
    let t_cruise = distance / velocity - t_acc;
    if (t_cruise < 0) {
      t_cruise = 0;
      t_jerk = acceleration / jerk;
      if (distance >= 2 * acceleration * t_jerk * t_jerk) {
        t_acc = t_jerk / 2 + Math.sqrt((t_jerk * t_jerk) / 4 + distance / acceleration);
      } else {
        t_jerk = Math.cbrt(distance / (2 * jerk));
        t_acc = 2 * t_jerk;
      }
    }
    this.distance = distance;
    this.jerk = jerk;
    this.t_jerk = t_jerk;
    this.t_acc = t_acc;
    this.peak_acceleration = jerk * t_jerk;
    this.peak_velocity = jerk * t_jerk * (t_acc - t_jerk);
    this.duration = 2 * t_acc + t_cruise;
  }

  /** State at time t (s), clipped to [0, duration]; ends are exact. */
  evaluate(t: number, out: PhaseState): void {
    if (t <= 0) {
      out.s = out.v = out.a = out.j = 0;
      return;
    }
    if (t >= this.duration) {
      out.s = this.distance;
      out.v = out.a = out.j = 0;
      return;
    }
    if (t <= this.duration / 2) {
      this.accelerate(t, out);
      return;
    }
    this.accelerate(this.duration - t, out);
    out.s = this.distance - out.s;
    out.a = -out.a;
  }

  private accelerate(t: number, out: PhaseState): void {
    const { jerk: J, t_jerk, t_acc, peak_acceleration: A, peak_velocity: V } = this;
    if (t < t_jerk) {
      out.j = J;
      out.a = J * t;
      out.v = (J * t * t) / 2;
      out.s = (J * t * t * t) / 6;
    } else if (t <= t_acc - t_jerk) {
      const u = t - t_jerk;
      const v1 = (A * t_jerk) / 2;
      out.j = 0;
      out.a = A;
      out.v = v1 + A * u;
      out.s = (v1 * t_jerk) / 3 + v1 * u + (A * u * u) / 2;
    } else if (t < t_acc) {
      const u = t_acc - t;
      out.j = -J;
      out.a = J * u;
      out.v = V - (J * u * u) / 2;
      out.s = (V * t_acc) / 2 - V * u + (J * u * u * u) / 6;
    } else {
      out.j = 0;
      out.a = 0;
      out.v = V;
      out.s = (V * t_acc) / 2 + V * (t - t_acc);
    }
  }
}
