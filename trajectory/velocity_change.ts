/**
 * The quickest change from velocity v0 and acceleration a0 to (v1, a1): jerk s, acceleration held at its peak, jerk −s.
 * Jerk and acceleration limits are 1.
 */
export class VelocityChange {
  v0 = Number.NaN;
  a0 = Number.NaN;
  v1 = Number.NaN;
  a1 = Number.NaN;
  /** Results of `evaluate`: s, times of the three segments, their sum, peak times s, and displacement. */
  sign = 1;
  rise = Number.NaN;
  hold = Number.NaN;
  fall = Number.NaN;
  time = Number.NaN;
  peak = Number.NaN;
  displacement = Number.NaN;

  evaluate(): void {
    const gain = this.v1 - this.v0;
    const up = gain >= 0.5 * (this.a0 * Math.abs(this.a0) + this.a1 * Math.abs(this.a1));
    const sign = up ? 1 : -1;
    const x0 = sign * this.a0;
    const x1 = sign * this.a1;
    const square = sign * gain + 0.5 * (x0 * x0 + x1 * x1);
    let peak = square > 0 ? Math.sqrt(square) : 0;
    let hold = 0;
    if (peak > 1) {
      hold = square - 1;
      peak = 1;
    }
    if (peak < x0) peak = x0;
    if (peak < x1) peak = x1;
    const rise = peak - x0;
    const fall = peak - x1;
    let v = sign * this.v0;
    let p = rise * (v + (rise * (2 * x0 + peak)) / 6);
    v += rise * (x0 + peak) * 0.5;
    p += hold * (v + hold * peak * 0.5);
    v += hold * peak;
    p += fall * (v + (fall * (2 * peak + x1)) / 6);
    this.sign = sign;
    this.rise = rise;
    this.hold = hold;
    this.fall = fall;
    this.peak = peak;
    this.time = rise + hold + fall;
    this.displacement = sign * p;
  }
}
