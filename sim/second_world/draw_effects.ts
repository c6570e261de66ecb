import type { Rng, Vector3 } from '../../contracts/index.ts';
import type { Effects } from './effects.ts';

/**
 * What effects are drawn from, uniformly: what an arm and its cell may have that nobody has measured. Offsets and tilts
 * have a random sign, so that none is near nothing.
 */
export const EFFECT_RANGES = {
  coulomb_scale_more: [0.5, 2],
  viscous_scale: [2, 10],
  breakaway_Nm: [0.1, 0.5],
  stribeck_speed_rad_s: [0.01, 0.05],
  stiffness_Nm_rad: [6_000, 14_000],
  lag_s: [0.006, 0.015],
  offset_rad: [0.0005, 0.002],
  gain_scale: [0.6, 0.85],
  latency_cycles: [3, 8],
  object_mass_scale: [1.15, 1.5],
  object_friction_scale: [0.7, 0.85],
  finger_friction_scale: [0.7, 0.85],
  camera_position_m: [0.0005, 0.002],
  camera_rotation_rad: [0.0005, 0.003],
  jitter_most_s: [0.005, 0.02],
  hole_area_share: [0.01, 0.04],
  hole_radius_share: [0.01, 0.025],
  pad_time_constant_s: [0.007, 0.01],
  pad_impedance: [0.65, 0.8],
  tilt_rad: [0.001, 0.004],
  light_azimuth_rad: [0.2, 0.6],
  light_elevation_rad: [0.05, 0.15],
  light_scale: [0.75, 1.25],
  light_rgb_scale: [0.92, 1.08],
  gamma: [0.8, 1.25],
  vignette: [0.1, 0.35],
} as const satisfies Record<string, readonly [number, number]>;
type Quantity = keyof typeof EFFECT_RANGES;

/**
 * Draws a second world for an arm with such torque limits (Nm), one each joint. Dry friction goes with the size of the drive:
 * that of the strongest joint is drawn from the ranges, of others in proportion. The same stream gives the same world.
 */
export function drawEffects(rng: Rng, torque_limit_Nm: readonly number[]): Effects {
  const strongest = Math.max(...torque_limit_Nm);
  const size = torque_limit_Nm.map((limit) => limit / strongest);
  const one = (quantity: Quantity): number => rng.range(EFFECT_RANGES[quantity][0], EFFECT_RANGES[quantity][1]);
  const signed = (quantity: Quantity): number => (rng.uniform() < 0.5 ? -1 : 1) * one(quantity);
  const each = (draw: (quantity: Quantity) => number, quantity: Quantity): number[] => size.map(() => draw(quantity));
  const sized = (values: readonly number[]): number[] => values.map((value, i) => value * size[i]);
  const vector = (draw: (quantity: Quantity) => number, quantity: Quantity): Vector3 => [
    draw(quantity),
    draw(quantity),
    draw(quantity),
  ];
  const mount = () => ({
    position_m: vector(signed, 'camera_position_m'),
    rotation_rad: vector(signed, 'camera_rotation_rad'),
  });
  const [fewest, most] = EFFECT_RANGES.latency_cycles;
  return {
    joint_friction: {
      coulomb_scale: sized(each(one, 'coulomb_scale_more')).map((more) => 1 + more),
      viscous_scale: each(one, 'viscous_scale'),
    },
    stiction: {
      breakaway_Nm: sized(each(one, 'breakaway_Nm')),
      stribeck_speed_rad_s: each(one, 'stribeck_speed_rad_s'),
    },
    elasticity: { stiffness_Nm_rad: each(one, 'stiffness_Nm_rad'), lag_s: one('lag_s') },
    encoder_offset: { offset_rad: each(signed, 'offset_rad') },
    gain: { gain_scale: one('gain_scale') },
    latency: { cycles: fewest + rng.int(most - fewest + 1) },
    mass: { object_scale: one('object_mass_scale') },
    contact_friction: { object_scale: one('object_friction_scale'), finger_scale: one('finger_friction_scale') },
    hand_eye: { overview: mount(), wrist: mount() },
    frame_jitter: { most_s: one('jitter_most_s') },
    depth_holes: { area_share: one('hole_area_share'), radius_share: one('hole_radius_share') },
    soft_pads: { time_constant_s: one('pad_time_constant_s'), impedance: one('pad_impedance') },
    table_tilt: { about_x_rad: signed('tilt_rad'), about_y_rad: signed('tilt_rad') },
    shading: {
      azimuth_rad: signed('light_azimuth_rad'),
      elevation_rad: signed('light_elevation_rad'),
      key_scale: one('light_scale'),
      ambient_scale: one('light_scale'),
      light_rgb_scale: vector(one, 'light_rgb_scale'),
      gamma: one('gamma'),
      vignette: one('vignette'),
    },
  };
}
