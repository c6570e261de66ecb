/** How contacts give, damp and stick, and how long the solver works on them. */
export interface ContactOptions {
  /** Stiffness of one contact point, N/m. */
  readonly stiffness_N_m: number;
  /** Its damping, as a part of the critical. */
  readonly damping_ratio: number;
  /** Fastest undoing of an overlap, m/s. */
  readonly max_correction_m_s: number;
  /** Part of a stick anchor's error undone in one step. */
  readonly anchor_correction: number;
  /** Sweeps over all rows after which a step is good enough if no row changes by more than `coarse_J`, as energy (J). */
  readonly iterations: number;
  readonly coarse_J: number;
  /** Most sweeps in one step. */
  readonly most_iterations: number;
  /** Sweeps end when no row changes by more, as energy (J). */
  readonly tolerance_J: number;
}

/** Defaults, for light objects in a step of 2 ms. */
export const CONTACT: ContactOptions = {
  stiffness_N_m: 5e4,
  damping_ratio: 1,
  max_correction_m_s: 0.5,
  anchor_correction: 0.1,
  iterations: 12,
  coarse_J: 1e-9,
  most_iterations: 50,
  tolerance_J: 1e-11,
};
