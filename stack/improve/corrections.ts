import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { createRng, InputError } from '../../contracts/index.ts';
import { type Demonstration, loadDemonstrations, saveDemonstrations } from '../../learning/index.ts';
import { ordersOf, type RolloutEpisode, type RolloutOptions, runRollouts } from '../learned/index.ts';
import type { Players } from '../training/players.ts';
import type { EpisodeOrder } from '../training/thread_messages.ts';
import type { Improvable, ImproveRecipe } from './recipe.ts';

const count = z.number().int().nonnegative();
const watched = z.strictObject({ episode: count, success: z.boolean(), stage: z.string(), interventions: count });
const block = z.strictObject({ watched: z.array(watched).readonly(), shown: count });
/** How an episode of the policy went. */
export type WatchedEpisode = Readonly<z.infer<typeof watched>>;

/** What came of worlds in which a policy was watched. */
export interface Corrections {
  readonly watched: readonly WatchedEpisode[];
  /** States from which the expert was asked to show the way. */
  readonly shown: number;
  /** Those from which it succeeded. */
  readonly demonstrations: readonly Demonstration[];
}

export interface CorrectionOrder {
  readonly policy: Improvable;
  readonly recipe: ImproveRecipe;
  readonly seed: number;
  readonly first: number;
  readonly episodes: number;
  readonly workers: number;
}

/** The expert needs so many steps from anywhere to the end, about. */
const EXPERT_STEPS = 150;

/**
 * Watches a policy in its worlds. Its recorded actions are done again up to a step, several steps where it failed, and from
 * each of those states the expert goes on: what it does from there is what the policy should have done (DAgger, Ross et al.,
 * 2011; with whole motions of the expert, as in HG-DAgger, Kelly et al., 2019).
 *
 * @returns null if `signal` ended it
 * @throws InputError if an episode does not go again as it was recorded
 */
export async function gatherCorrections(
  order: CorrectionOrder,
  players: Players,
  onEpisode: () => void,
  signal?: AbortSignal,
): Promise<Corrections | null> {
  const { policy, recipe, seed, first, episodes, workers } = order;
  const { engine, randomize, objects, second_world } = policy.environment;
  const options: RolloutOptions = {
    ...{ model: policy.model, workers, orders: ordersOf(seed, episodes, first) },
    world: { engine, randomize, objects, second_world },
    keeping: { trajectories: true, pictures: null },
  };
  const played = await runRollouts(options, onEpisode, signal);
  if (played.length < episodes) return null;
  const asked = played.flatMap((one) => handoversOf(one, one.success ? 1 : recipe.handovers, order));
  const shown = await players.play(
    asked.map(({ order: retrace }) => retrace),
    () => signal?.aborted === true,
  );
  if (shown === null) return null;
  shown.forEach((one, k) => {
    checkRetraced(one, asked[k], policy.sizes.observation);
  });
  return {
    watched: played.map(({ episode, success, stage, interventions }) => ({ episode, success, stage, interventions })),
    shown: shown.length,
    demonstrations: shown.filter(({ success }) => success),
  };
}

interface Asked {
  readonly episode: RolloutEpisode;
  readonly step: number;
  readonly order: EpisodeOrder;
}

/** States all along an episode from which there is time enough, one drawn from each part of it. */
function handoversOf(episode: RolloutEpisode, handovers: number, { policy }: CorrectionOrder): Asked[] {
  const { trajectory, seed } = episode;
  if (trajectory === null) throw new Error('corrections of an episode that was not recorded');
  const rng = createRng(seed).stream(`handovers/${episode.episode}`);
  const last = Math.max(1, Math.min(trajectory.steps, policy.step_limit - EXPERT_STEPS));
  return Array.from({ length: handovers }, (_, k) => {
    const step = Math.floor((last * (k + rng.uniform())) / handovers);
    const handover = { actions: trajectory.actions.slice(0, step * policy.sizes.action), step };
    return { episode, step, order: { driver: 'retrace', seed, episode: episode.episode, handover } };
  });
}

function checkRetraced({ observations }: Demonstration, { episode, step }: Asked, size: number): void {
  const recorded = episode.trajectory?.observations ?? new Float32Array(0);
  for (let k = 0; k < step * size; k++) {
    if (observations[k] === recorded[k]) continue;
    throw new InputError(
      `episode ${episode.seed}/${episode.episode}, step ${Math.floor(k / size)}: ${observations[k]} seen again`,
      `${recorded[k]}, as it was recorded: the same world and physics`,
    );
  }
}

/** Keeps the corrections of a block of worlds, so that an interrupted turn has them. */
export async function saveCorrections(
  file: string,
  source: string,
  { watched: episodes, shown, demonstrations }: Corrections,
  sizes: Improvable['sizes'],
): Promise<void> {
  await saveDemonstrations(file, source, demonstrations, sizes);
  await writeFile(`${file}.json.next`, `${JSON.stringify({ watched: episodes, shown })}\n`);
  await rename(`${file}.json.next`, `${file}.json`);
}

/** Null where there are none yet. Throws InputError if they are of another source or damaged. */
export async function loadCorrections(file: string, source: string): Promise<Corrections | null> {
  const text = await readFile(`${file}.json`, 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = block.safeParse(JSON.parse(text));
  if (!parsed.success) throw new InputError(`${file}.json`, parsed.error.issues[0].message);
  return { ...parsed.data, demonstrations: (await loadDemonstrations(file, source)).demonstrations };
}
