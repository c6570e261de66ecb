import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Players } from '../training/players.ts';
import { type Corrections, gatherCorrections, loadCorrections, saveCorrections } from './corrections.ts';
import { type Improvable, type ImproveRecipe, worldsOf } from './recipe.ts';
import type { WatchFacts } from './record.ts';

/** Worlds whose corrections are kept together: what an interruption loses, at most. */
const BLOCK = 20;

export interface WatchOrder {
  readonly policy: Improvable;
  readonly recipe: ImproveRecipe;
  readonly turn: number;
  /** Folder where blocks are kept until the turn is over, and what they are of. */
  readonly working: string;
  readonly label: string;
  readonly workers: number;
}

/** The policy in its worlds, block by block; blocks that were kept are not played again. Null if `signal` ended it. */
export async function watchPolicy(
  order: WatchOrder,
  players: Players,
  onEpisode: (done: number) => void,
  signal?: AbortSignal,
): Promise<readonly Corrections[] | null> {
  const { policy, recipe, turn, working, label } = order;
  const { seed, first } = worldsOf('watched', recipe, turn);
  const blocks: Corrections[] = [];
  let done = 0;
  for (let at = 0; at < recipe.worlds; at += BLOCK) {
    const file = blockFile(working, blocks.length);
    const source = `${label} worlds ${seed}/${first + at}`;
    const episodes = Math.min(BLOCK, recipe.worlds - at);
    let block = await loadCorrections(file, source);
    if (block === null) {
      const worlds = { ...order, seed, first: first + at, episodes };
      block = await gatherCorrections(worlds, players, () => onEpisode(++done), signal);
      if (block === null) return null;
      await saveCorrections(file, source, block, policy.sizes);
    }
    blocks.push(block);
    done = at + episodes;
  }
  return blocks;
}

/** Removes what was kept of a turn's worlds. */
export async function removeBlocks(working: string): Promise<void> {
  const blocks = (await readdir(working)).filter((name) => /^block-\d+(\.json)?$/.test(name));
  for (const name of blocks) await rm(join(working, name), { force: true });
}

export function watchFacts(blocks: readonly Corrections[]): WatchFacts {
  const all = blocks.flatMap(({ watched }) => watched);
  const stages: Record<string, number> = {};
  for (const { success, stage } of all) if (!success) stages[stage] = (stages[stage] ?? 0) + 1;
  return {
    ...{ episodes: all.length, successes: all.filter(({ success }) => success).length, stages },
    with_interventions: all.filter(({ interventions }) => interventions > 0).length,
    shown: blocks.reduce((sum, { shown }) => sum + shown, 0),
  };
}

function blockFile(working: string, block: number): string {
  return join(working, `block-${block}`);
}
