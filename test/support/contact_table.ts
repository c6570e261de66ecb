import type { ContactLimits } from '../../safety/index.ts';

/** Two regions, made up for tests: the numbers are no one's limits. */
export const MADE_UP_TABLE: ContactLimits = {
  payload_kg: 1,
  table: {
    schema: 'surepick.contact_limits',
    version: 1,
    source: 'made up for tests, edition 1',
    regions: [
      {
        region: 'hand',
        ...{ quasi_static_force_N: 120, transient_factor: 2, stiffness_N_per_m: 75_000, effective_mass_kg: 0.6 },
      },
      {
        region: 'chest',
        ...{ quasi_static_force_N: 130, transient_force_N: 260, stiffness_N_per_m: 25_000, effective_mass_kg: 40 },
      },
    ],
  },
};
