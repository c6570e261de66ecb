import { InputError } from '../../contracts/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, Environment, type EnvironmentOptions } from '../env/index.ts';
import { fitTaskPolicy, type TaskPolicyModel } from '../policies/task_policy_file.ts';

/** All that a turn depends on, but for the policy, its data and the turns before. */
export interface ImproveRecipe {
  readonly engine: EnvironmentOptions['engine'];
  readonly randomize: EnvironmentOptions['randomize'];
  readonly seed: number;
  /** Worlds in which the policy is watched. */
  readonly worlds: number;
  /** States of each failed episode from which the expert shows the way; of one that succeeded it is 1. */
  readonly handovers: number;
  /** Steps of the optimiser, at most. */
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  readonly hidden: readonly number[];
  /** Worlds on which candidate and policy are compared, at most. */
  readonly judged: number;
  /** Episodes of the trial run of a candidate; 0 for none. */
  readonly canary: number;
}

export const DEFAULT_IMPROVE_RECIPE: ImproveRecipe = {
  ...{ engine: 'cannon', randomize: 'none', seed: 0 },
  ...{ worlds: 100, handovers: 4, steps: 12_000, batch: 256, rate: 1e-3, hidden: [256, 256] },
  ...{ judged: 400, canary: 200 },
};

/** Worlds of one purpose are never those of another, nor of any training or earlier turn. */
const SEED_OFFSETS = {
  ...{ trusted: 5_000_000, watched: 6_000_000, judged: 7_000_000, canary: 8_000_000, scored: 9_000_000 },
} as const;
const MOST_EPISODES_A_TURN = 100_000;

/** Seed, and number of the first episode, of the worlds of a turn. */
export function worldsOf(
  purpose: keyof typeof SEED_OFFSETS,
  { seed }: Pick<ImproveRecipe, 'seed'>,
  turn: number,
): { readonly seed: number; readonly first: number } {
  return { seed: SEED_OFFSETS[purpose] + seed, first: MOST_EPISODES_A_TURN * turn };
}

/** The command that makes the same turn again, from the same policy, data and turns before. */
export function improveCommandOf(recipe: ImproveRecipe, file: string, offered: readonly string[]): string {
  const { engine, randomize, seed, worlds, handovers, steps, judged, canary } = recipe;
  const options = { policy: `onnx:${file}`, engine, randomize, seed, worlds, handovers, steps, judged, canary };
  const words = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
  return ['surepick improve', ...words, ...offered.map((path) => `--data ${path}`)].join(' ');
}

/** What is known of a policy that can be improved. */
export interface Improvable {
  readonly model: TaskPolicyModel;
  readonly robot: Robot;
  readonly environment: EnvironmentOptions;
  /** Steps of an episode until its time is over. */
  readonly step_limit: number;
  readonly sizes: { readonly observation: number; readonly action: number };
}

/** Holds a policy to what can be trained again here. Throws InputError naming what cannot. */
export function improvable(model: TaskPolicyModel, { engine, randomize }: ImproveRecipe): Improvable {
  const { manifest, where } = model;
  const robot = loadRobot('panda');
  const { environment, features } = fitTaskPolicy(model, robot);
  if (manifest.images !== undefined)
    throw new InputError(`${where}: a policy with pictures`, 'one that is told features');
  if (manifest.confidence !== undefined)
    throw new InputError(`${where}: a policy that states its confidence`, 'one that does not: it would be lost');
  if (environment.task !== 'pick-place') throw new InputError(`${where}: task ${environment.task}`, 'pick-place');
  const options: EnvironmentOptions = {
    ...DEFAULT_ENVIRONMENT_OPTIONS,
    ...environment,
    ...{ engine, randomize, reward: 'sparse', expert: true },
  };
  return {
    ...{ model, robot, environment: options, step_limit: new Environment(options, robot).step_limit },
    sizes: {
      observation: features.reduce((sum, { size }) => sum + size, 0),
      action: manifest.action.names.length,
    },
  };
}
