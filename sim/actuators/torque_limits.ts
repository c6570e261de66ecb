/** Brings joint torques `torque` into `motor` (Nm) within limits; `motor` holds those of the step before. */
export class TorqueLimits {
  /** Nm. */
  readonly limit: Float64Array;
  private readonly rate: number;

  /** @param rate_Nm_s  how fast torques can change */
  constructor(limit_Nm: Float64Array, rate_Nm_s: number) {
    this.limit = limit_Nm;
    this.rate = rate_Nm_s;
  }

  /** Moves `motor` towards `torque` as far as the rate allows in a step of `dt` (s), within the limits. */
  apply(torque: Float64Array, motor: Float64Array, dt: number): void {
    const { limit, rate } = this;
    // One factor for all joints: limited one by one they would no longer damp the motion together.
    let part = 1;
    for (let i = 0; i < limit.length; i++) {
      const change = Math.abs(torque[i] - motor[i]);
      if (change * part > rate * dt) part = (rate * dt) / change;
    }
    for (let i = 0; i < limit.length; i++) {
      motor[i] = clamp(motor[i] + part * (torque[i] - motor[i]), -limit[i], limit[i]);
    }
  }
}

export function clamp(value: number, lower: number, upper: number): number {
  return value < lower ? lower : value > upper ? upper : value;
}
