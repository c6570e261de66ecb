import { z } from 'zod';

const finite = z.number().finite();
const scale = finite.positive();
const joints = z.array(finite).readonly();
const vector3 = z.tuple([finite, finite, finite]).readonly();
const mount = z.strictObject({ position_m: vector3, rotation_rad: vector3 });

/** Everything the second world has and the first lacks, by factor. Per-joint lists have an entry for every arm joint. */
export const effects = z.strictObject({
  /** Dry and viscous friction of the joints over what the robot's model says. */
  joint_friction: z.strictObject({ coulomb_scale: joints, viscous_scale: joints }),
  /** How much more it takes to break a joint away than to keep it moving (Nm), and the speed at which that is gone. */
  stiction: z.strictObject({ breakaway_Nm: joints, stribeck_speed_rad_s: joints }),
  /** Springs between motors, where encoders sit, and joints. */
  elasticity: z.strictObject({ stiffness_Nm_rad: joints, lag_s: finite.positive() }),
  /** What encoders read beyond the joints' angles. */
  encoder_offset: z.strictObject({ offset_rad: joints }),
  /** Stiffness of the drives' servo over the nominal one. */
  gain: z.strictObject({ gain_scale: scale }),
  /** Control cycles by which commands come later. */
  latency: z.strictObject({ cycles: z.number().int().nonnegative() }),
  /** Masses of objects over what they are taken to be. */
  mass: z.strictObject({ object_scale: scale }),
  /** Friction of objects and of fingertips over what it is taken to be. */
  contact_friction: z.strictObject({ object_scale: scale, finger_scale: scale }),
  /** Where cameras are, in the optical frames in which they are believed. */
  hand_eye: z.strictObject({ overview: mount, wrist: mount }),
  /** Pictures are older than they say by up to this. */
  frame_jitter: z.strictObject({ most_s: finite.min(0).max(0.03) }),
  /** Patches of a picture without depth: share of its area, and their radius in parts of its width. */
  depth_holes: z.strictObject({ area_share: finite.min(0).max(0.5), radius_share: finite.positive().max(0.2) }),
  /** Fingertips that give way: time constant of their contact, and their impedance (MuJoCo's solref and solimp). */
  soft_pads: z.strictObject({ time_constant_s: finite.positive(), impedance: finite.min(0.01).max(0.99) }),
  /** Turn of the table about the world's x and y through the middle of its top. */
  table_tilt: z.strictObject({ about_x_rad: finite, about_y_rad: finite }),
  /** Another light, tone curve and fall-off towards the corners of pictures. */
  shading: z.strictObject({
    azimuth_rad: finite,
    elevation_rad: finite,
    key_scale: scale,
    ambient_scale: scale,
    light_rgb_scale: vector3,
    gamma: scale,
    vignette: finite.min(0).max(1),
  }),
});
export type Effects = Readonly<z.infer<typeof effects>>;

/** Names of the effects; each can be left out. */
export const FACTORS = [
  'joint_friction',
  'stiction',
  'elasticity',
  'encoder_offset',
  'gain',
  'latency',
  'mass',
  'contact_friction',
  'hand_eye',
  'frame_jitter',
  'depth_holes',
  'soft_pads',
  'table_tilt',
  'shading',
] as const satisfies readonly (keyof Effects)[];
export type Factor = (typeof FACTORS)[number];

/** The effects that are on. */
export type EffectsInPlay = Partial<Effects>;

/** The effects without those of some factors. */
export function without(all: Effects, off: readonly Factor[]): EffectsInPlay {
  const kept: EffectsInPlay = { ...all };
  for (const factor of off) delete kept[factor];
  return kept;
}
