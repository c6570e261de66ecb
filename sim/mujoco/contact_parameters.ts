/** How MuJoCo's soft constraints are set for contacts, joint stops and mimic joints. */
export interface MujocoContactOptions {
  /** Time constant (s) and damping ratio with which an overlap is undone. */
  readonly solref: readonly [number, number];
  /** The same of slip. */
  readonly solreffriction: readonly [number, number];
  /** Impedance at no overlap, at `width`, width (m): how much of the ideal constraint force is there. */
  readonly solimp: readonly [number, number, number];
  /** How much stiffer friction is than the normal. */
  readonly impratio: number;
  /** Most Newton iterations of a step. */
  readonly iterations: number;
  /** Improvement, as a part of the model's mean inertia, at which they end. */
  readonly tolerance: number;
  /** Sweeps that take the slip of the soft friction back, after the solver. */
  readonly noslip_iterations: number;
  /** Torsional and rolling coefficients of a contact point, in its sliding coefficient (m). */
  readonly torsional_m: number;
  readonly rolling_m: number;
}

/** Of joint stops and mimic joints: as stiff as a step can resolve. */
export const STIFF = { solref: [0.004, 1], solimp: [0.99, 0.999, 0.0005] } as const;

/** Of joints that stick: under less torque than breaks them away they creep by some 1e-5 rad/s. */
export const STUCK = { solref: [0.004, 1], solimp: [0.9999, 0.9999, 0.001] } as const;

/**
 * Contacts as cannon's are: inelastic and soft in N/m. MuJoCo's cone is relaxed so that what slides is lifted, with
 * acceleration by μ b times its speed, b that of `solreffriction`; against R f, the share of softness in the normal. At
 * MuJoCo's usual impedance of 0.9 and more a pushed box hops from contact to contact. An impedance of 0.4 and slow
 * friction keep it down; friction is stiff by `impratio` instead, and its lag is made up for by SurfaceMotion. `solref` is
 * beyond what a step can resolve on purpose: MuJoCo then takes the stiffest contact that does not rebound. Torsion comes
 * from the spread of the points; where there is one point alone 0.1 mm of lever takes its spin.
 */
export const MUJOCO_CONTACT: MujocoContactOptions = {
  solref: [0.0001, 6.3],
  solreffriction: [0.05, 1],
  solimp: [0.4, 0.4, 0.001],
  impratio: 1e4,
  iterations: 50,
  tolerance: 1e-12,
  noslip_iterations: 0,
  torsional_m: 1e-4,
  rolling_m: 0,
};

/** Time in which slip is taken back (s): 1/b of MuJoCo's reference acceleration −b v. */
export function frictionLag(options: Partial<MujocoContactOptions> = {}): number {
  const { solimp, solreffriction } = { ...MUJOCO_CONTACT, ...options };
  return (solimp[1] * solreffriction[0]) / 2;
}
