import { InputError, type TaskGoal } from '../../contracts/index.ts';
import type { EnvironmentOptions } from '../env/index.ts';

export const TRAINING_METHODS = ['bc', 'dagger'] as const;
export type TrainingMethod = (typeof TRAINING_METHODS)[number];

/** All that a training depends on, but for what it is given as data. */
export interface TrainingRecipe {
  readonly task: TaskGoal['task'];
  /** Further features of the arm that the policy is told, after ARM_FEATURES; none by default. */
  readonly senses?: readonly string[] | undefined;
  readonly engine: EnvironmentOptions['engine'];
  readonly randomize: EnvironmentOptions['randomize'];
  /** What befalls every episode, as NAME[:STRENGTH] with commas between; nothing by default. */
  readonly disturb?: string | undefined;
  /** What is known of the arm, as `aroundOf` tells it: every episode has an arm drawn around it. */
  readonly around?: string | undefined;
  readonly method: TrainingMethod;
  readonly seed: number;
  /** Episodes in which the expert alone drives; of no meaning where demonstrations are imported. */
  readonly demos: number;
  /** A folder of demonstrations in the place of the expert's, and the hash of what is in it. */
  readonly imported?: { readonly folder: string; readonly sha256: string } | undefined;
  /** Of `dagger`: rounds of episodes in which the policy so far and the expert take turns, and episodes a round. */
  readonly rounds: number;
  readonly episodes_per_round: number;
  /** Steps of the optimiser before each round, and after the last one. */
  readonly round_steps: number;
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  readonly hidden: readonly number[];
  readonly chunk: number;
  readonly ensembling_decay: number;
  /** Episodes on which a policy is tried at every point of the success curve. */
  readonly held_out: number;
  /** Episodes of the figure in the manifest. */
  readonly final: number;
  /** How what sees is trained; null for a policy that is told the state. */
  readonly eye: EyeRecipe | null;
}

/** Pictures of the expert's episodes, and a network trained on them to say what every pixel is of. */
export interface EyeRecipe {
  /** Of the pictures of both cameras. */
  readonly width: number;
  readonly height: number;
  readonly paint_units: number;
  readonly episodes: number;
  /** Of each episode, taken by both cameras. */
  readonly pictures: number;
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
}

export const DEFAULT_RECIPE: TrainingRecipe = {
  ...{ task: 'pick-place', engine: 'cannon', randomize: 'none', method: 'dagger', seed: 0 },
  ...{ demos: 240, rounds: 2, episodes_per_round: 60, round_steps: 2500, steps: 15_000 },
  ...{ batch: 256, rate: 1e-3, hidden: [256, 256], chunk: 10, ensembling_decay: 0.05, held_out: 30, final: 100 },
  eye: null,
};

export const POLICY_KINDS = ['state', 'vision'] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

/** The recipe of a policy that sees. */
export const VISION_RECIPE: TrainingRecipe & { readonly eye: EyeRecipe } = {
  ...DEFAULT_RECIPE,
  held_out: 20,
  eye: {
    ...{ width: 128, height: 96, paint_units: 16, episodes: 60, pictures: 4 },
    ...{ steps: 1500, batch: 1024, rate: 1e-2 },
  },
};

export function kindOf({ eye }: Pick<TrainingRecipe, 'eye'>): PolicyKind {
  return eye === null ? 'state' : 'vision';
}

/** What every policy is told of the arm, in this order. */
export const ARM_FEATURES = [
  ...['tool_position', 'tool_velocity', 'tool_yaw', 'commanded_offset', 'commanded_turn'],
  ...['gripper_width', 'gripper_speed'],
] as const;
/** What is known of the wanted object, relative to the hand: a state policy is told it, one that sees has to see it. */
export const OBJECT_FEATURES = [
  ...['wanted_offset', 'wanted_touched', 'wanted_gap', 'wanted_to_goal'],
  ...['grasp_offset', 'grasp_turn', 'grasp_width', 'travel_offset', 'carry_offset'],
] as const;

/** The command that makes the same file again. */
export function commandOf(recipe: TrainingRecipe, out: string): string {
  const { task, method, senses, imported, engine, randomize, disturb, around, rounds, steps, seed } = recipe;
  const told = senses === undefined ? {} : { senses: senses.join(',') };
  const befalls = disturb === undefined ? {} : { disturb };
  const known = around === undefined ? {} : { around };
  const worlds = { engine, randomize, ...known, ...befalls };
  const demos = imported?.folder ?? recipe.demos;
  const options = { task, 'policy-kind': kindOf(recipe), ...told, method, demos, ...worlds, rounds, steps, seed, out };
  const words = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
  return `surepick train ${words.join(' ')}`;
}

/** @throws InputError naming what does not go together */
export function checkRecipe(recipe: TrainingRecipe): TrainingRecipe {
  if (recipe.task !== 'pick-place')
    throw new InputError(
      `--task ${recipe.task} --policy-kind ${kindOf(recipe)}`,
      'pick-place: the others have no one wanted object',
    );
  return recipe;
}
