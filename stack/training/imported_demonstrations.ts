import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import type { ObservedFeature } from '../../control/index.ts';
import { type Demonstration, readDemonstrations } from '../../learning/index.ts';
import { hashOf } from '../../perception/index.ts';
import { readLerobotDemonstrations } from './lerobot_demonstrations.ts';
import { DEFAULT_RECIPE } from './recipe.ts';
import { type DemonstratedWorlds, isIndexed, recordedOrder, recordingsOf } from './recorded_demonstrations.ts';
import type { EpisodeOrder } from './thread_messages.ts';

const whole = z.number().int().nonnegative();
/** One episode a line: the world that the environment was reset to, and the actions of every step from there on. */
const recorded = z.strictObject({
  seed: whole,
  episode: whole,
  actions: z.array(z.array(z.number().min(-1).max(1))).min(1),
});

const ACTIONS = '.jsonl';
const DEMONSTRATIONS = '.demonstrations';
const LEROBOT = join('meta', 'info.json');
/** Of all files that anything is imported from, wherever below the folder. */
const IMPORTED = /\.(jsonl|demonstrations|mcap|parquet)$|\.world\.json$|^meta[/\\]info\.json$/;

export interface ImportedDemonstrations {
  /** Episodes of actions or recorded, to be played again: what was seen on the way is found anew. */
  readonly orders: readonly EpisodeOrder[];
  /** Episodes of earlier trainings and of LeRobot sets, as they were. */
  readonly kept: readonly Demonstration[];
}

/** SHA-256 over names and contents of the files of a folder that demonstrations can be imported from. */
export async function importedHash(folder: string): Promise<string> {
  const names = (await namesIn(folder, true)).filter((name) => IMPORTED.test(name));
  if (names.length === 0) throw nothingIn(folder);
  const parts = await Promise.all(names.map(async (name) => `${name} ${hashOf(await readFile(join(folder, name)))}`));
  return hashOf(Buffer.from(parts.join('\n')));
}

/**
 * Demonstrations of a folder: NAME.jsonl, a line an episode {seed, episode, actions}, as any program can write them that
 * drove an environment; NAME.demonstrations of trainings; recordings NAME.mcap, by themselves or of a run or a dataset; and a
 * LeRobot set.
 *
 * @param width  numbers of an action
 * @throws InputError naming file and line of what cannot be taken
 */
export async function readImported(
  folder: string,
  features: readonly ObservedFeature[],
  width: number,
  worlds: DemonstratedWorlds = DEFAULT_RECIPE,
): Promise<ImportedDemonstrations> {
  const orders: EpisodeOrder[] = [];
  const kept: Demonstration[] = [];
  const wanted = features.map(({ name }) => name).join();
  const names = isIndexed(folder) ? [] : await namesIn(folder, false);
  for (const name of names.filter((one) => one.endsWith(ACTIONS)))
    orders.push(...episodesOf(await readFile(join(folder, name), 'utf8'), join(folder, name), width));
  for (const name of names.filter((one) => one.endsWith(DEMONSTRATIONS))) {
    const file = join(folder, name);
    const set = await readDemonstrations(file);
    if (set.features?.join() !== wanted)
      throw new InputError(`${file}: features ${set.features?.join(', ') ?? 'without names'}`, wanted);
    kept.push(...set.demonstrations);
  }
  for (const file of await recordingsOf(folder)) orders.push(await recordedOrder(file, worlds));
  if (existsSync(join(folder, LEROBOT))) kept.push(...(await readLerobotDemonstrations(folder, features)));
  if (orders.length + kept.length === 0) throw nothingIn(folder);
  return { orders, kept };
}

async function namesIn(folder: string, recursive: boolean): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive }).catch((cause: unknown) => {
    throw new InputError(`--demos ${folder}`, 'a number of episodes, or a folder that can be read', { cause });
  });
  return names.sort();
}

function nothingIn(folder: string): InputError {
  const allowed = `with ${ACTIONS} (actions of episodes), ${DEMONSTRATIONS}, recordings .mcap, or a LeRobot set`;
  return new InputError(`--demos ${folder}: no file`, allowed);
}

function episodesOf(text: string, file: string, width: number): EpisodeOrder[] {
  const lines = text
    .split('\n')
    .flatMap((line, k) => (line.trim() === '' ? [] : [{ line, where: `${file}:${k + 1}` }]));
  return lines.map(({ line, where }) => {
    const parsed = recorded.safeParse(parse(line));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new InputError(`${where}: ${issue.path.join('.') || 'line'}`, issue.message);
    }
    const { seed, episode, actions } = parsed.data;
    const short = actions.findIndex(({ length }) => length !== width);
    if (short >= 0) throw new InputError(`${where}: action ${short} of ${actions[short].length} numbers`, `${width}`);
    return { driver: 'repeat', seed, episode, actions: Float32Array.from(actions.flat()) };
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
