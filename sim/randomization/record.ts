import { z } from 'zod';
import { vector3 } from '../../contracts/index.ts';
import { disturbance } from '../disturbance/record.ts';

/** How much a world differs from the nominal one: not at all; as where policies are trained; or more than that. */
export const RANDOMIZATION_LEVELS = ['none', 'train', 'hard'] as const;
export type RandomizationLevel = (typeof RANDOMIZATION_LEVELS)[number];

export const PATTERNS = ['checker', 'stripes', 'noise'] as const;

const scale = z.number().nonnegative();
const each = z.array(z.number()).readonly();

/** A pattern over the paint of a surface, in a darker shade of it. */
const pattern = z.object({
  pattern: z.enum(PATTERNS),
  pattern_strength: z.number().min(0).max(1),
  pattern_scale_m: z.number().positive(),
  pattern_offset_m: vector3,
});

const camera = z.object({
  /** Error of the mounting pose, in the optical frame: position (m) and rotation vector (rad). */
  camera_position_m: vector3,
  camera_rotation_rad: vector3,
  focal_scale: scale,
  principal_point_px: z.tuple([z.number(), z.number()]).readonly(),
  /** First radial coefficient of the plumb-bob model. */
  distortion_k1: z.number(),
});

/** Drawn once for all episodes of a run: what differs from one robot and its cell to the next. */
const startUp = z.object({
  /** Factor on the servo's gains, and on both of the gripper; torque at the joint for each Nm the drive believes to give. */
  gain_scale: scale,
  finger_gain_scale: scale,
  torque_scale: scale,
  /** Factors on the dry and viscous friction of the joints, one each, which the servo makes up for as the model has it. */
  joint_friction_scale: each,
  joint_damping_scale: each,
  /** Inertia of the rotors seen at the joints; and play between motor and joint. */
  armature_kg_m2: z.number().nonnegative(),
  backlash_rad: z.number().nonnegative(),
  /** Control cycles from a command to its effect. */
  latency_cycles: z.number().int().nonnegative(),
  /** Constant error of each joint's encoder, rad. */
  encoder_offset_rad: each,
  cameras: z.object({ overview: camera, wrist: camera }),
});

/** Drawn when a world is reset. */
const reset = z.object({
  objects: z
    .array(
      z.object({
        mass_scale: scale,
        /** Centre of mass from the shape's middle, as shares of the half sizes along the shape's axes. */
        com_offset_share: vector3,
        friction_scale: scale,
        size_scale: vector3,
        /** Change of the paint: brightness, and how much grey of the same brightness is mixed in. */
        brightness_scale: scale,
        grey_share: z.number().min(0).max(1),
        ...pattern.shape,
      }),
    )
    .readonly(),
  table: z.object({ friction_scale: scale, paint_scale: vector3, ...pattern.shape }),
  finger_friction_scale: scale,
  light: z.object({
    /** Turn of the key light's direction about the vertical, and change of its elevation, rad. */
    azimuth_rad: z.number(),
    elevation_rad: z.number(),
    key_scale: scale,
    ambient_scale: scale,
    light_rgb_scale: vector3,
  }),
  sensors: z.object({
    /** Factors on the cameras' noise of colour and of depth, and on the colours themselves. */
    colour_noise_scale: scale,
    depth_noise_scale: scale,
    exposure_scale: scale,
    /** Additional time until a picture is out, s. */
    camera_latency_s: z.number().nonnegative(),
    /** Chance that a picture never comes. */
    drop_probability: z.number().min(0).max(1),
    /** Standard deviation of each joint's encoder, rad. */
    encoder_noise_rad: z.number().nonnegative(),
    /** Constant error of the force at the wrist (N), tool frame, and standard deviation of the force (N). */
    wrench_bias_N: vector3,
    wrench_noise_N: z.number().nonnegative(),
    /** Factor on the forces that fingertips feel, and standard deviation of each (N); none in older records. */
    tactile_gain_scale: scale.default(1),
    tactile_noise_N: z.number().nonnegative().default(0),
  }),
});

/** Drawn at intervals: a force for some time on the hand, or on an object of the scene by its index. */
const push = z.object({
  time_s: z.number().nonnegative(),
  push_duration_s: z.number().positive(),
  on: z.union([z.literal('hand'), z.number().int().nonnegative()]),
  /** World axes. */
  force_N: vector3,
});
export type Push = Readonly<z.infer<typeof push>>;

/** Everything drawn for one episode, by when it is drawn. Plain JSON. */
export const randomization = z.object({
  level: z.enum(RANDOMIZATION_LEVELS),
  start_up: startUp,
  reset,
  pushes: z.array(push).readonly(),
  /** What befalls the episode beyond that; absent where nothing was asked for. */
  disturbance: disturbance.exactOptional(),
});
export type Randomization = Readonly<z.infer<typeof randomization>>;
export type StartUpRandomization = Randomization['start_up'];
export type ResetRandomization = Randomization['reset'];
export type ObjectRandomization = ResetRandomization['objects'][number];
export type CameraRandomization = StartUpRandomization['cameras']['overview'];
export type PatternRandomization = z.infer<typeof pattern>;
