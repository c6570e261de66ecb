/**
 * Springs between motors and joints: a spring and a damper side by side (Kelvin and Voigt) behind a rotor whose inertia
 * does not count, so that torque goes through and the motor stands ahead of its joint by τ / k once the damper has given
 * way, with time constant d / k. Spong, J. Dyn. Sys., Meas., Control 109, 1987, without rotors and thus without resonance.
 */
export class GearElasticity {
  /** Angle of each motor ahead of its joint (rad), per coordinate. */
  readonly deflection: Float64Array;
  private readonly compliance: Float64Array;
  private readonly lag_s: number;

  /**
   * @param coordinates  how many there are; those beyond the list are rigid
   * @param lag_s  time constant of springs and dampers
   */
  constructor(coordinates: number, stiffness_Nm_rad: readonly number[], lag_s: number) {
    this.deflection = new Float64Array(coordinates);
    this.compliance = new Float64Array(coordinates);
    stiffness_Nm_rad.forEach((stiffness, i) => {
      this.compliance[i] = 1 / stiffness;
    });
    this.lag_s = lag_s;
  }

  /** Deflections after so long under torques that have stood for ever. */
  settle(torque: Float64Array): void {
    for (let i = 0; i < this.deflection.length; i++) this.deflection[i] = torque[i] * this.compliance[i];
  }

  /** Goes on by `dt_s` under constant torques (Nm), exactly. */
  advance(torque: Float64Array, dt_s: number): void {
    const { deflection, compliance } = this;
    const part = 1 - Math.exp(-dt_s / this.lag_s);
    for (let i = 0; i < deflection.length; i++) {
      deflection[i] += part * (torque[i] * compliance[i] - deflection[i]);
    }
  }
}
