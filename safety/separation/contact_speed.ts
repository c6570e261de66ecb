import type { RobotModel } from '../../dynamics/index.ts';
import type { ContactLimits, ContactRegion } from './contact_limits.ts';

/** Whatever a table says, no surface may touch a body faster, m/s (ISO 10218-1: reduced speed). */
export const MOST_CONTACT_SPEED_M_PER_S = 0.25;

/** How fast a surface may move towards a region of the body. */
export interface RegionSpeed {
  readonly region: string;
  readonly transient_force_N: number;
  /** Of arm and region together, kg. */
  readonly reduced_mass_kg: number;
  readonly speed_m_per_s: number;
}

/** The most that a table allows: by the region that bears least, and never above MOST_CONTACT_SPEED_M_PER_S. */
export interface ContactSpeed {
  readonly speed_m_per_s: number;
  /** The region that bears least. */
  readonly region: string;
  /** Half of the moving mass, and the load, kg. */
  readonly robot_mass_kg: number;
  readonly regions: readonly RegionSpeed[];
}

/** Mass of arm and region that meet as two bodies, kg: 1/mu = 1/m_H + 1/m_R (ISO/TS 15066:2016, A.3.3, equation A.3). */
export function reducedMass(body_kg: number, robot_kg: number): number {
  return (body_kg * robot_kg) / (body_kg + robot_kg);
}

/** m_R = M/2 + m_L (equation A.4), kg: M of all that the joints move, the hand included. */
export function effectiveRobotMass({ mass }: RobotModel, payload_kg: number): number {
  return mass.reduce((sum, part) => sum + part, 0) / 2 + payload_kg;
}

/**
 * The speed at which arm and region meet with no more than the transient force, the energy of their meeting all stored in
 * the region as a spring: v = F / sqrt(mu k) (ISO/TS 15066:2016, A.3.4, equation A.6). It says nothing of clamping: that
 * force ends by the arm's own contact detection.
 */
export function regionSpeed(region: ContactRegion, robot_mass_kg: number): RegionSpeed {
  const {
    quasi_static_force_N,
    transient_force_N,
    transient_factor = 1,
    stiffness_N_per_m,
    effective_mass_kg,
  } = region;
  const force_N = transient_force_N ?? transient_factor * quasi_static_force_N;
  const reduced_mass_kg = reducedMass(effective_mass_kg, robot_mass_kg);
  return {
    region: region.region,
    transient_force_N: force_N,
    reduced_mass_kg,
    speed_m_per_s: force_N / Math.sqrt(reduced_mass_kg * stiffness_N_per_m),
  };
}

export function contactSpeed({ payload_kg, table }: ContactLimits, model: RobotModel): ContactSpeed {
  const robot_mass_kg = effectiveRobotMass(model, payload_kg);
  const regions = table.regions.map((region) => regionSpeed(region, robot_mass_kg));
  const least = regions.reduce((a, b) => (b.speed_m_per_s < a.speed_m_per_s ? b : a));
  return {
    speed_m_per_s: Math.min(MOST_CONTACT_SPEED_M_PER_S, least.speed_m_per_s),
    region: least.region,
    robot_mass_kg,
    regions,
  };
}
