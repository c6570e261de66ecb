/**
 * Jerk-limited stop of one joint in sampled form, in closed form.
 *
 * The state is kept as backward differences of the positions sent: v = (p_k − p_{k−1})/h, a = (v_k − v_{k−1})/h. A stop is
 * a sequence of accelerations a_1 … a_N with |a_{i+1} − a_i| ≤ d = J·h and |a_i| ≤ A after which v = a = 0.
 *
 * Let s be the sign of the velocity that would remain if a were ramped straight to zero, x = −s·a the deceleration and
 * S = s·v/h the sum of decelerations still to be spent. Ramping a deceleration y straight down to zero spends
 * Q(y) = (n + 1)·y − d·n(n + 1)/2 with n = ⌊y/d⌋. The feedback law
 *
 *     x_{i+1} = min(x_i + d, A, Q⁻¹(S_i)),   S_{i+1} = S_i − x_{i+1}
 *
 * gives `rise` cycles x_i = x + i·d, `hold` cycles at A, then y, y − d, … , y − `fall`·d and one zero. It depends
 * continuously on (v, a), and evaluated again one cycle later it gives its own remainder: the tail that was verified is
 * the tail that runs.
 */
export class StoppingTail {
  /** Acceleration limit, its change per cycle d = J·h, and the cycle h. */
  acceleration_limit = 0;
  acceleration_step = 0;
  readonly cycle_s: number;

  /** Input of `solve`: velocity and acceleration, |acceleration| within its limit. A field, since passed numbers are boxed. */
  velocity = 0;
  acceleration = 0;

  /** Cycles until v = a = 0. */
  cycles = 0;
  /** Displacement from now to rest, signed. */
  end = 0;
  /** Displacement at the turning point if the joint first moves on against the stop's direction, else 0. */
  turn = 0;
  /** Cycles to that turning point, 0 if there is none. */
  turn_cycle = 0;
  /** Greatest speed on the way. */
  peak_speed = 0;
  /** Acceleration of the next cycle. */
  next_acceleration = 0;
  /** Displacement found by `locate`. */
  displacement = 0;

  private sign = 1;
  private speed = 0;
  private x0 = 0;
  private rise = 0;
  private hold = 0;
  private fall = 0;
  private top = 0;
  /** What ramping down from the limit spends after its first cycle. */
  private limit_ramp_sum = 0;

  constructor(acceleration_limit: number, jerk_limit: number, cycle_s: number) {
    this.cycle_s = cycle_s;
    this.configure(acceleration_limit, jerk_limit);
  }

  /** Other limits from now on. */
  configure(acceleration_limit: number, jerk_limit: number): void {
    // A hair inside the limits: what the tail was verified with must survive being evaluated again one cycle later.
    this.acceleration_limit = acceleration_limit * (1 - 1e-12);
    this.acceleration_step = jerk_limit * this.cycle_s * (1 - 1e-11);
    const ramp = Math.floor(this.acceleration_limit / this.acceleration_step);
    this.limit_ramp_sum = ramp * this.acceleration_limit - 0.5 * this.acceleration_step * ramp * (ramp + 1);
  }

  /** Finds the stop from `velocity` and `acceleration`; fills the public fields. */
  solve(): void {
    const v = this.velocity;
    const a = this.acceleration;
    const h = this.cycle_s;
    const d = this.acceleration_step;
    const A = this.acceleration_limit;
    const magnitude = Math.abs(a);
    const ramp = Math.floor(magnitude / d);
    const ramp_sum = ramp * magnitude - 0.5 * d * ramp * (ramp + 1);
    const sign = v + Math.sign(a) * h * ramp_sum >= 0 ? 1 : -1;
    const speed = sign * v;
    const x0 = -sign * a;
    const S = speed / h;

    // Rising k cycles and ramping straight down spends d·k² + 2·x0·k + Q(x0) − x0: as many as S pays for.
    const n0 = Math.floor(x0 / d);
    const square = x0 * x0 + d * (S - n0 * x0 + 0.5 * d * n0 * (n0 + 1));
    const affordable = Math.floor((Math.sqrt(Math.max(0, square)) - x0) / d);
    const most = Math.max(0, Math.floor((A - x0) / d));
    const rise = Math.max(0, Math.min(most, affordable));

    const left = S - rise * x0 - 0.5 * d * rise * (rise + 1);
    const hold = Math.max(0, Math.floor((left - this.limit_ramp_sum) / A));
    const rest = Math.max(0, left - hold * A);
    const fall = Math.floor(0.5 * (Math.sqrt(1 + (8 * rest) / d) - 1));
    const top = (rest + 0.5 * d * fall * (fall + 1)) / (fall + 1);

    this.sign = sign;
    this.speed = speed;
    this.x0 = x0;
    this.rise = rise;
    this.hold = hold;
    this.fall = fall;
    this.top = top;
    this.cycles = rise + hold + fall + 2;
    this.next_acceleration = sign * (rise > 0 ? -x0 - d : hold > 0 ? -A : -top);
    this.peak_speed = Math.max(0, x0 < 0 ? speed + h * ramp_sum : speed);
    this.locate(this.cycles);
    this.end = this.displacement;
    this.turn = 0;
    this.turn_cycle = 0;
    if (speed < 0) {
      // v_i = speed + h(|a|·i − d·i(i + 1)/2) is negative for the first `backward` cycles.
      const b = magnitude - 0.5 * d;
      const root = Math.sqrt(Math.max(0, b * b + (2 * d * speed) / h));
      const backward = Math.max(0, Math.ceil((b - root) / d) - 1);
      const sum = 0.5 * magnitude * backward * (backward + 1) - (d * backward * (backward + 1) * (backward + 2)) / 6;
      this.turn_cycle = backward;
      this.turn = sign * h * (backward * speed + h * sum);
    }
  }

  /**
   * Displacement after `count` cycles of the stop last solved: h·Σ v_i = h·(count·v − h·Σ_j x_j (count + 1 − j)).
   * At `cycles` and beyond it is the whole displacement.
   */
  locate(count: number): void {
    const d = this.acceleration_step;
    const m = Math.min(count, this.cycles);
    const rising = Math.min(m, this.rise);
    // Σ over a piece of c cycles of (weight − i)(first + i·slope), i = 0 … c − 1; `weight` cycles remain from its start.
    let pairs = 0.5 * rising * (rising - 1);
    let first = this.x0 + d;
    let sum = rising * m * first + pairs * (m * d - first) - (d * pairs * (2 * rising - 1)) / 3;
    let weight = m - rising;
    const holding = Math.min(weight, this.hold);
    pairs = 0.5 * holding * (holding - 1);
    sum += this.acceleration_limit * (holding * weight - pairs);
    weight -= holding;
    const falling = Math.min(weight, this.fall + 1);
    pairs = 0.5 * falling * (falling - 1);
    first = this.top;
    sum += falling * weight * first - pairs * (weight * d + first) + (d * pairs * (2 * falling - 1)) / 3;
    this.displacement = this.sign * this.cycle_s * (m * this.speed - this.cycle_s * sum);
  }

  /** Velocity and acceleration found by `locateMotion`. */
  velocity_at = 0;
  acceleration_at = 0;
  /** Greatest magnitude of the acceleration on the way, the present one included; found by `findPeakAcceleration`. */
  peak_acceleration = 0;
  /** Least and greatest values found by `findRange`. */
  displacement_low = 0;
  displacement_high = 0;
  velocity_low = 0;
  velocity_high = 0;
  acceleration_low = 0;
  acceleration_high = 0;

  /** As `locate`, and the velocity and acceleration of that cycle. */
  locateMotion(count: number): void {
    this.locate(count);
    if (count >= this.cycles) {
      this.velocity_at = 0;
      this.acceleration_at = 0;
      return;
    }
    const d = this.acceleration_step;
    const A = this.acceleration_limit;
    const { rise, hold, top } = this;
    const rising = Math.min(count, rise);
    let x = this.x0 + rising * d;
    let sum = rising * this.x0 + 0.5 * d * rising * (rising + 1);
    if (count > rise) {
      const holding = Math.min(count - rise, hold);
      const falling = count - rise - holding;
      sum += holding * A + falling * top - 0.5 * d * falling * (falling - 1);
      x = falling > 0 ? top - d * (falling - 1) : A;
    }
    this.velocity_at = this.sign * (this.speed - this.cycle_s * sum);
    this.acceleration_at = -this.sign * x;
  }

  findPeakAcceleration(): void {
    const risen = this.x0 + this.rise * this.acceleration_step;
    this.peak_acceleration = this.hold > 0 ? this.acceleration_limit : Math.max(-this.x0, risen, this.top);
  }

  /** Ranges of displacement and velocity over the cycles `from` … `to`, and of acceleration over `from` + 1 … `to`. */
  findRange(from: number, to: number): void {
    const { sign, rise, hold, top } = this;
    this.locateMotion(from);
    const first = this.displacement;
    const first_v = sign * this.velocity_at;
    this.locateMotion(from + 1);
    const first_x = -sign * this.acceleration_at;
    this.locateMotion(to);
    const last = this.displacement;
    const last_v = sign * this.velocity_at;
    const last_x = -sign * this.acceleration_at;
    const turn = this.turn_cycle > from && this.turn_cycle < to ? this.turn : first;
    this.displacement_low = Math.min(first, last, turn);
    this.displacement_high = Math.max(first, last, turn);
    // Along the stop's direction the velocity rises, then falls; so does the deceleration, its top where `hold` is.
    const low_v = Math.min(first_v, last_v);
    const high_v = Math.max(first_v, last_v, first_x < 0 && last_x >= 0 ? this.peak_speed : first_v);
    const low_x = Math.min(first_x, last_x);
    let high_x = Math.max(first_x, last_x);
    if (from < rise && rise < to) high_x = Math.max(high_x, this.x0 + rise * this.acceleration_step, top);
    if (hold > 0 && from < rise + hold && rise < to) high_x = this.acceleration_limit;
    const forward = sign > 0;
    this.velocity_low = forward ? low_v : -high_v;
    this.velocity_high = forward ? high_v : -low_v;
    this.acceleration_low = forward ? -high_x : low_x;
    this.acceleration_high = forward ? -low_x : high_x;
  }
}
