/**
 * Brings a start beyond the velocity or acceleration limit inside, as soon as that can be: full jerk against the excess,
 * then the acceleration limit held while the velocity is still beyond. Limits of jerk and acceleration are 1, V of velocity.
 * The same two segments as Ruckig's (Berscheid and Kröger, Jerk-limited real-time trajectory generation, 2021, III-B).
 */
export class Brake {
  /** State and limit in; `evaluate` overwrites the state with the one after braking. */
  v = Number.NaN;
  a = Number.NaN;
  V = Number.NaN;
  /** Results: jerk of the first segment (0: no brake), times of both, displacement over both. */
  jerk = 0;
  jerk_time = Number.NaN;
  hold_time = Number.NaN;
  displacement = Number.NaN;

  evaluate(): void {
    const { v, a, V } = this;
    this.jerk = 0;
    this.jerk_time = 0;
    this.hold_time = 0;
    this.displacement = 0;
    if (a > 1) this.fromAcceleration(1);
    else if (a < -1) this.fromAcceleration(-1);
    else if (v > V || (a > 0 && v + 0.5 * a * a > V)) this.fromVelocity(1);
    else if (v < -V || (a < 0 && v - 0.5 * a * a < -V)) this.fromVelocity(-1);
    if (this.jerk !== 0) this.advance();
  }

  /** sign·a is over its limit. */
  private fromAcceleration(sign: number): void {
    const v = sign * this.v;
    const a = sign * this.a;
    if (v + 0.5 * a * a > this.V) {
      this.fromVelocity(sign);
      return;
    }
    this.jerk = -sign;
    this.jerk_time = a - 1;
    const v_inside = v + 0.5 * (a * a - 1);
    this.hold_time = Math.max(0, Math.min(-this.V - v_inside, this.V - v_inside - 0.5));
  }

  /** sign·v is over its limit, or will be when the acceleration has come to zero. */
  private fromVelocity(sign: number): void {
    const v = sign * this.v;
    const a = sign * this.a;
    const V = this.V;
    this.jerk = -sign;
    // Until v is back at V, and no longer than a stop of the acceleration above −V allows.
    const to_limit = a + Math.sqrt(Math.max(0, a * a + 2 * (v - V)));
    const to_opposite = a + Math.sqrt(Math.max(0, 0.5 * a * a + v + V));
    const time = Math.min(to_limit, to_opposite);
    if (a + 1 < time) {
      const v_inside = v + 0.5 * (a * a - 1);
      this.jerk_time = Math.max(0, a + 1);
      this.hold_time = Math.max(0, Math.min(v_inside - V, v_inside + V - 0.5));
    } else this.jerk_time = Math.max(0, time);
  }

  private advance(): void {
    const j = this.jerk;
    const t = this.jerk_time;
    const h = this.hold_time;
    let p = t * (this.v + t * (0.5 * this.a + (t * j) / 6));
    this.v += t * (this.a + 0.5 * t * j);
    this.a += t * j;
    if (this.a > 1) this.a = 1;
    if (this.a < -1) this.a = -1;
    p += h * (this.v + 0.5 * h * this.a);
    this.v += h * this.a;
    this.displacement = p;
  }
}
