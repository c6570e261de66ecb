import { z } from 'zod';
import { ENGINES, OBJECT_SETS, RANDOMIZATIONS, TASKS } from '../options.ts';
import { CONTROL_HZ } from '../rates.ts';

export const ENVIRONMENT_OBSERVATIONS = ['state', 'rgbd'] as const;
export const ENVIRONMENT_ACTIONS = ['joint', 'ee_delta'] as const;
export const ENVIRONMENT_REWARDS = ['dense', 'sparse'] as const;
/** What happens to an environment whose episode has ended, as Gymnasium 1.x names it. */
export const AUTORESET_MODES = ['next_step', 'same_step', 'disabled'] as const;
export type AutoresetMode = (typeof AUTORESET_MODES)[number];

const side_px = z.number().int().min(16).max(640);

/** What an environment is; equal options, seed, episode and actions give equal bytes. */
export const environmentOptions = z.strictObject({
  task: z.enum(TASKS),
  engine: z.enum(ENGINES),
  randomize: z.enum(RANDOMIZATIONS),
  /** Kinds of objects that worlds are drawn from. */
  objects: z.enum(OBJECT_SETS),
  observation: z.enum(ENVIRONMENT_OBSERVATIONS),
  action: z.enum(ENVIRONMENT_ACTIONS),
  reward: z.enum(ENVIRONMENT_REWARDS),
  /** Steps of the environment a second; a divisor of the control rate. */
  policy_hz: z
    .number()
    .int()
    .min(5)
    .max(100)
    .refine((hz) => CONTROL_HZ % hz === 0, `must divide ${CONTROL_HZ}`),
  /** Of the pictures of observation `rgbd`. */
  image_width: side_px,
  image_height: side_px,
  /** Of the pictures that `render` gives. */
  render_width: side_px,
  render_height: side_px,
  /** Whether the expert's action is computed with every step. */
  expert: z.boolean(),
  /** Name of the second world whose effects engine mujoco is to have; null for none. */
  second_world: z.string().nullable().default(null),
  /** Share of the joints' greatest speeds and accelerations that the safety gate allows. */
  limits: z.number().min(0.1).max(1).default(1),
  /** What befalls every episode, as NAME[:STRENGTH] with commas between; null for nothing. */
  disturb: z.string().nullable().default(null),
  /** What is known of the arm, as `aroundOf` tells it: worlds are drawn around it; null for nothing. */
  around: z.string().nullable().default(null),
});
export type EnvironmentOptions = Readonly<z.infer<typeof environmentOptions>>;

export const DEFAULT_ENVIRONMENT_OPTIONS: EnvironmentOptions = {
  task: 'pick-place',
  engine: 'cannon',
  randomize: 'none',
  objects: 'all',
  observation: 'state',
  action: 'ee_delta',
  reward: 'dense',
  policy_hz: 25,
  image_width: 84,
  image_height: 84,
  render_width: 320,
  render_height: 240,
  expert: true,
  second_world: null,
  limits: 1,
  disturb: null,
  around: null,
};
