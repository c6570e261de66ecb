import { createRng } from '../../contracts/index.ts';
import { compareWorlds, type PolicyOutcomes, type Transfer } from '../../learning/index.ts';
import type { Play } from './play.ts';
import { describeWorld, type PlayedWorld } from './worlds.ts';

export interface GapOptions {
  readonly policies: readonly string[];
  readonly from: PlayedWorld;
  readonly to: PlayedWorld;
  /** Number of the first episode, and how many are played in pairs. */
  readonly first: number;
  readonly episodes: number;
  readonly seed: number;
}

export interface Gap {
  readonly outcomes: readonly PolicyOutcomes[];
  readonly transfer: Transfer;
  /** The first world against itself, on as many episodes more: what no other world can beat. */
  readonly ceiling: Transfer;
}

export interface GapEvents {
  /** A policy has been played in a world. */
  readonly onPlayed?: (policy: string, world: string, successes: number, episodes: number) => void;
}

/** Plays every policy in both worlds on the same episodes, and in the first on others, and compares. */
export async function measureGap(
  { policies, from, to, first, episodes, seed }: GapOptions,
  play: Play,
  { onPlayed }: GapEvents = {},
  signal?: AbortSignal,
): Promise<Gap> {
  const played = async (policy: string, world: PlayedWorld, start: number) => {
    const outcomes = await play(policy, world, start, episodes, signal);
    onPlayed?.(policy, describeWorld(world), outcomes.filter(Boolean).length, episodes);
    return outcomes;
  };
  const outcomes: PolicyOutcomes[] = [];
  const again: PolicyOutcomes[] = [];
  for (const policy of policies) {
    const here = await played(policy, from, first);
    outcomes.push({ policy, from: here, to: await played(policy, to, first) });
    again.push({ policy, from: here, to: await played(policy, from, first + episodes) });
  }
  const rng = createRng(seed).stream('gap');
  return {
    outcomes,
    transfer: compareWorlds(outcomes, rng.stream('worlds')),
    ceiling: compareWorlds(again, rng.stream('ceiling')),
  };
}
