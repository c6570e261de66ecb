import type { TrainingRecipe } from './recipe.ts';
import type { EpisodeOrder } from './thread_messages.ts';

/** A part of a training: episodes are played and added to the data, then the network is trained on all of it. */
export interface Segment {
  readonly index: number;
  readonly name: string;
  readonly orders: readonly EpisodeOrder[];
  /** Of the optimiser. */
  readonly steps: number;
  /** Steps after which the policy is tried; the last one always. */
  readonly tried_at: readonly number[];
}

/** Worlds of demonstrations, of the success curve and of the figure in the manifest have nothing in common. */
const SEED_OFFSETS = {
  expert: 1_000_000,
  mixed: 2_000_000,
  held_out: 3_000_000,
  final: 4_000_000,
  explore: 5_000_000,
  pictures: 6_000_000,
} as const;
type Purpose = keyof typeof SEED_OFFSETS;
/** From the seed of one arm to that of the next: all worlds of one seed have the same arm. */
const ARM_STRIDE = 10_000_000;

type Worlds = Pick<TrainingRecipe, 'seed' | 'randomize' | 'around'>;

/** Episodes for a purpose. Where arms are drawn at all, each has one of its own. */
export function ordersFor(
  purpose: Exclude<Purpose, 'explore'>,
  recipe: Worlds,
  episodes: number,
  first = 0,
): EpisodeOrder[] {
  const driver = purpose === 'expert' || purpose === 'mixed' ? purpose : 'policy';
  return worldsFor(purpose, recipe, episodes, first).map((world) => ({ driver, ...world }));
}

/** Episodes in which the policy explores: see ExplorationNoise. */
export function explorations(recipe: Worlds, deviation: number, episodes: number, first: number): EpisodeOrder[] {
  return worldsFor('explore', recipe, episodes, first).map((world) => ({ driver: 'explore', deviation, ...world }));
}

function worldsFor(purpose: Purpose, { seed, randomize, around }: Worlds, episodes: number, first: number) {
  const stride = randomize === 'none' && around === undefined ? 0 : ARM_STRIDE;
  return Array.from({ length: episodes }, (_, i) => ({
    seed: SEED_OFFSETS[purpose] + seed + stride * (first + i),
    episode: first + i,
  }));
}

export function segmentsOf(recipe: TrainingRecipe): readonly Segment[] {
  const { method, demos, rounds, episodes_per_round, round_steps, steps } = recipe;
  const count = method === 'bc' ? 0 : rounds;
  return Array.from({ length: count + 1 }, (_, index) => {
    const last = index === count;
    const own = last ? steps : round_steps;
    return {
      ...{ index, name: index === 0 ? 'demonstrations' : `round ${index}`, steps: own },
      orders:
        index === 0
          ? ordersFor('expert', recipe, demos)
          : ordersFor('mixed', recipe, episodes_per_round, (index - 1) * episodes_per_round),
      tried_at: last ? [Math.ceil(own / 2), own] : [own],
    };
  });
}
