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

  constructor(acceleration_limit: number, jerk_limit: number, cycle_s: number) {
    this.cycle_s = cycle_s;
    this.configure(acceleration_limit, jerk_limit);
  }

  /** Other limits from now on. */
  configure(acceleration_limit: number, jerk_limit: number): void {
    // A hair inside the limits: what the tail was verified with must survive being evaluated again one cycle later.
    this.acceleration_limit = acceleration_limit * (1 - 1e-12);
    this.acceleration_step = jerk_limit * this.cycle_s * (1 - 1e-11);
  }

  /** Finds the stop from `velocity` and `acceleration`; fills the public fields. */
  solve(): void {
    const v = this.velocity;
    const a = this.acceleration;
    const h = this.cycle_s;
    const d = this.acceleration_step;
    const A = this.acceleration_limit;
    const magnitude = a < 0 ? -a : a;
    const ramp = Math.floor(magnitude / d);
    const ramp_sum = ramp * magnitude - 0.5 * d * ramp * (ramp + 1);
    const sign = v + (a < 0 ? -h * ramp_sum : h * ramp_sum) >= 0 ? 1 : -1;
    const speed = sign * v;
    const x0 = -sign * a;
    const S = speed / h;

    const rise_limit = x0 < A ? Math.floor((A - x0) / d) : 0;
    const rise_least = x0 < 0 ? ramp : 0;
    const square = d * S + 0.5 * x0 * x0;
    let rise = square > 0 ? Math.floor((Math.sqrt(square) - x0) / d) : 0;
    if (rise > rise_limit) rise = rise_limit;
    if (rise < rise_least) rise = rise_least;
    // The estimate is off by one at most: compare what so many rising cycles and a straight ramp down spend.
    for (;;) {
      const y = x0 + (rise + 1) * d;
      const n = y > 0 ? Math.floor(y / d) : 0;
      const spent = (rise + 1) * x0 + 0.5 * d * (rise + 1) * (rise + 2) + n * y - 0.5 * d * n * (n + 1);
      if (rise >= rise_limit || spent > S) break;
      rise++;
    }
    while (rise > rise_least) {
      const y = x0 + rise * d;
      const n = y > 0 ? Math.floor(y / d) : 0;
      if (rise * x0 + 0.5 * d * rise * (rise + 1) + n * y - 0.5 * d * n * (n + 1) <= S) break;
      rise--;
    }

    let rest = S - rise * x0 - 0.5 * d * rise * (rise + 1);
    let hold = 0;
    if (rise === rise_limit) {
      const n = Math.floor(A / d);
      const below = n * A - 0.5 * d * n * (n + 1);
      if (rest >= A + below) {
        hold = Math.floor((rest - below) / A);
        rest -= hold * A;
      }
    }
    if (rest < 0) rest = 0;
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
    const peak = x0 < 0 ? speed + h * ramp_sum : speed;
    this.peak_speed = peak > 0 ? peak : 0;
    this.locate(this.cycles);
    this.end = this.displacement;
    this.turn = 0;
    this.turn_cycle = 0;
    if (speed < 0 && x0 < 0) {
      // v_i = speed + h(|a|·i − d·i(i + 1)/2) is negative for the first `backward` cycles.
      const b = magnitude - 0.5 * d;
      const discriminant = b * b + (2 * d * speed) / h;
      let backward = Math.ceil((b - Math.sqrt(discriminant > 0 ? discriminant : 0)) / d) - 1;
      if (backward < 0) backward = 0;
      if (backward > ramp) backward = ramp;
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
    const m = count < this.cycles ? count : this.cycles;
    const rising = m < this.rise ? m : this.rise;
    // Σ over a piece of c cycles of (weight − i)(first + i·slope), i = 0 … c − 1; `weight` cycles remain from its start.
    let pairs = 0.5 * rising * (rising - 1);
    let first = this.x0 + d;
    let sum = rising * m * first + pairs * (m * d - first) - (d * pairs * (2 * rising - 1)) / 3;
    let weight = m - rising;
    const holding = weight < this.hold ? weight : this.hold;
    pairs = 0.5 * holding * (holding - 1);
    sum += this.acceleration_limit * (holding * weight - pairs);
    weight -= holding;
    const falling = weight < this.fall + 1 ? weight : this.fall + 1;
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
    const { rise, hold, fall, top } = this;
    const rising = count < rise ? count : rise;
    let x = this.x0 + rising * d;
    let sum = rising * this.x0 + 0.5 * d * rising * (rising + 1);
    let rest = count - rising;
    if (rest > 0) {
      const holding = rest < hold ? rest : hold;
      sum += holding * A;
      x = A;
      rest -= holding;
      if (rest > 0) {
        const falling = rest < fall + 1 ? rest : fall + 1;
        sum += falling * top - 0.5 * d * falling * (falling - 1);
        x = rest > falling ? 0 : top - d * (falling - 1);
      }
    }
    this.velocity_at = this.sign * (this.speed - this.cycle_s * sum);
    this.acceleration_at = -this.sign * x;
  }

  findPeakAcceleration(): void {
    let peak = this.x0 < 0 ? -this.x0 : this.x0;
    const risen = this.x0 + this.rise * this.acceleration_step;
    if (risen > peak) peak = risen;
    if (this.hold > 0) peak = this.acceleration_limit;
    if (this.top > peak) peak = this.top;
    this.peak_acceleration = peak;
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
    this.displacement_low = first < last ? first : last;
    this.displacement_high = first < last ? last : first;
    if (this.turn_cycle > from && this.turn_cycle < to) {
      if (this.turn < this.displacement_low) this.displacement_low = this.turn;
      if (this.turn > this.displacement_high) this.displacement_high = this.turn;
    }
    // Along the stop's direction the velocity rises, then falls; so does the deceleration, its top where `hold` is.
    const low_v = first_v < last_v ? first_v : last_v;
    let high_v = first_v < last_v ? last_v : first_v;
    if (first_x < 0 && last_x >= 0 && this.peak_speed > high_v) high_v = this.peak_speed;
    this.velocity_low = sign > 0 ? low_v : -high_v;
    this.velocity_high = sign > 0 ? high_v : -low_v;
    const low_x = first_x < last_x ? first_x : last_x;
    let high_x = first_x < last_x ? last_x : first_x;
    const risen = this.x0 + rise * this.acceleration_step;
    if (from < rise && rise <= to && risen > high_x) high_x = risen;
    if (hold > 0 && from < rise + hold && rise < to) high_x = this.acceleration_limit;
    if (from < rise + hold + 1 && rise + hold + 1 <= to && top > high_x) high_x = top;
    this.acceleration_low = sign > 0 ? -high_x : low_x;
    this.acceleration_high = sign > 0 ? -low_x : high_x;
  }
}
