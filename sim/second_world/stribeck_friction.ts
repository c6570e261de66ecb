/**
 * Dry friction of joints with stiction: the force that a moving joint has against it falls from breakaway to Coulomb's
 * level as exp(−(v / v_s)²) (Armstrong-Hélouvry, Dupont and Canudas de Wit, Automatica 30, 1994). Viscous friction, which
 * makes it rise again, is the joint's damping.
 */
export class StribeckFriction {
  /** Coulomb friction, what breakaway takes beyond it (Nm), and the Stribeck speed (rad/s), per coordinate. */
  private readonly coulomb: Float64Array;
  private readonly extra: Float64Array;
  private readonly speed: Float64Array;

  /** @param coulomb_Nm  of all coordinates; those beyond the other lists have no stiction */
  constructor(coulomb_Nm: Float64Array, breakaway_Nm: readonly number[], stribeck_speed_rad_s: readonly number[]) {
    this.coulomb = Float64Array.from(coulomb_Nm);
    this.extra = new Float64Array(coulomb_Nm.length);
    this.extra.set(breakaway_Nm);
    this.speed = new Float64Array(coulomb_Nm.length).fill(1);
    this.speed.set(stribeck_speed_rad_s);
  }

  /** The most that dry friction holds against at joint velocities `v` (rad/s), into `out` (Nm). */
  limits(v: Float64Array, out: Float64Array): void {
    const { coulomb, extra, speed } = this;
    for (let i = 0; i < coulomb.length; i++) {
      const ratio = v[i] / speed[i];
      out[i] = coulomb[i] + extra[i] * Math.exp(-ratio * ratio);
    }
  }
}
