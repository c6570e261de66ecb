import type { RandomizationLevel } from './record.ts';

export type DrawRange = readonly [number, number];

/** Nominal value of a quantity, and what it is drawn from, uniformly, at the other levels. */
export interface QuantityRanges {
  readonly nominal: number;
  readonly train: DrawRange;
  readonly hard: DrawRange;
}

/** Half a width around a nominal value, at `train` and at `hard`. */
function around(nominal: number, train: number, hard: number): QuantityRanges {
  return { nominal, train: [nominal - train, nominal + train], hard: [nominal - hard, nominal + hard] };
}

/** From a nominal value upwards. */
function upTo(train: number, hard: number, nominal = 0): QuantityRanges {
  return { nominal, train: [nominal, train], hard: [nominal, hard] };
}

/**
 * Ranges of everything that is drawn, by the name it has in the record; of vectors and lists they hold for every entry.
 * `hard` contains `train`, which contains the nominal value.
 */
export const RANGES = {
  gain_scale: around(1, 0.1, 0.25),
  finger_gain_scale: around(1, 0.1, 0.3),
  torque_scale: around(1, 0.02, 0.05),
  joint_friction_scale: around(1, 0.3, 0.8),
  joint_damping_scale: around(1, 0.3, 0.8),
  /** The nominal arm has rotors without inertia and gears without play. */
  armature_kg_m2: { nominal: 0, train: [0.05, 0.1], hard: [0.03, 0.2] },
  backlash_rad: upTo(0.0003, 0.001),
  /** Whole numbers. */
  latency_cycles: upTo(1, 3),
  encoder_offset_rad: around(0, 0.0003, 0.001),

  camera_position_m: around(0, 0.001, 0.003),
  camera_rotation_rad: around(0, 0.001, 0.004),
  focal_scale: around(1, 0.003, 0.01),
  principal_point_px: around(0, 0.5, 2),
  distortion_k1: around(0, 0.005, 0.02),

  mass_scale: { nominal: 1, train: [0.8, 1.25], hard: [0.5, 2] },
  com_offset_share: around(0, 0.1, 0.25),
  friction_scale: around(1, 0.15, 0.4),
  size_scale: around(1, 0.05, 0.15),
  brightness_scale: around(1, 0.1, 0.25),
  grey_share: upTo(0.05, 0.2),
  pattern_strength: upTo(0.1, 0.3),
  pattern_scale_m: { nominal: 0.02, train: [0.008, 0.04], hard: [0.004, 0.08] },
  pattern_offset_m: around(0, 0.02, 0.04),
  paint_scale: around(1, 0.1, 0.3),
  finger_friction_scale: around(1, 0.1, 0.25),

  azimuth_rad: around(0, 0.5, 1.5),
  elevation_rad: around(0, 0.1, 0.25),
  key_scale: around(1, 0.15, 0.4),
  ambient_scale: around(1, 0.15, 0.4),
  light_rgb_scale: around(1, 0.03, 0.1),

  colour_noise_scale: { nominal: 1, train: [0.7, 1.5], hard: [0.5, 3] },
  depth_noise_scale: { nominal: 1, train: [0.7, 1.5], hard: [0.5, 3] },
  exposure_scale: around(1, 0.05, 0.2),
  camera_latency_s: upTo(0.02, 0.07),
  drop_probability: upTo(0.02, 0.1),
  encoder_noise_rad: upTo(1e-5, 5e-5),
  wrench_bias_N: around(0, 0.1, 0.4),
  wrench_noise_N: upTo(0.05, 0.2),
  tactile_gain_scale: around(1, 0.05, 0.15),
  tactile_noise_N: upTo(0.05, 0.2),

  /** Time from one push to the next. */
  push_interval_s: { nominal: 4, train: [3, 6], hard: [1.5, 6] },
  push_duration_s: { nominal: 0.03, train: [0.02, 0.05], hard: [0.01, 0.1] },
  /** Size of a force on the hand. */
  hand_push_N: upTo(4, 12),
  /** Size of a horizontal force on an object, as a share of its weight. */
  object_push_share: upTo(0.3, 0.8),
} as const satisfies Record<string, QuantityRanges>;

export type Quantity = keyof typeof RANGES;

/** What a quantity is drawn from at a level; a single value at `none`. */
export function rangeOf(quantity: Quantity, level: RandomizationLevel): DrawRange {
  const ranges: QuantityRanges = RANGES[quantity];
  return level === 'none' ? [ranges.nominal, ranges.nominal] : ranges[level];
}
