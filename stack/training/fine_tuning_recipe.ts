import type { TrainingRecipe } from './recipe.ts';

/** All that a fine-tuning depends on, but for the policy that it begins with. */
export interface FineTuningRecipe
  extends Pick<
    TrainingRecipe,
    'engine' | 'randomize' | 'disturb' | 'around' | 'seed' | 'rounds' | 'episodes_per_round' | 'round_steps'
  > {
  readonly batch: number;
  readonly rate: number;
  /** Standard deviation of the noise over what the policy means, a share of an action's range of −1..1. */
  readonly exploration: number;
  /** Of returns, a step. */
  readonly discount: number;
  /** Of advantages, in their standard deviations: the lower, the more the best alone are imitated. */
  readonly temperature: number;
  readonly value_hidden: readonly number[];
  readonly value_steps: number;
  /** Episodes on which the policy of every round is tried; the best one is kept. */
  readonly held_out: number;
  /** Episodes, on other worlds, of the figure in the manifest. */
  readonly final: number;
}

export const DEFAULT_FINE_TUNING: FineTuningRecipe = {
  ...{ engine: 'cannon', randomize: 'none', seed: 0, rounds: 4, episodes_per_round: 120, round_steps: 2000 },
  ...{ batch: 256, rate: 3e-4, exploration: 0.025, discount: 0.99, temperature: 0.5 },
  ...{ value_hidden: [64, 64], value_steps: 1500, held_out: 100, final: 100 },
};

/** The command that makes the same file again from the same policy. */
export function fineTuningCommand(recipe: FineTuningRecipe, from: string, out: string): string {
  const { engine, randomize, around, disturb, rounds, seed } = recipe;
  const words = Object.entries({ from, engine, randomize, around, disturb, rounds, seed, out }).flatMap(
    ([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]),
  );
  return `surepick train ${words.join(' ')}`;
}
