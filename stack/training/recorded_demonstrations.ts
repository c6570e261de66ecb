import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../contracts/index.ts';
import { episodePath, openDataset } from '../../datasets/index.ts';
import { createTask } from '../../sim/index.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS } from '../env/index.ts';
import { readCommands } from '../replay/recorded_commands.ts';
import { readOrigin } from '../replay/recorded_origin.ts';
import type { TrainingRecipe } from './recipe.ts';
import { recordedActions } from './recorded_actions.ts';
import type { EpisodeOrder } from './thread_messages.ts';
import { trainedRobot } from './told.ts';

const RECORDING = '.mcap';
const whole = z.number().int().nonnegative();
/** Beside a recording that does not say which world it was in, as those of a cell that people drove. */
const worldBeside = z.strictObject({ seed: whole, episode: whole, from_s: z.number().nonnegative().default(0) });

/** The worlds that a training plays in, which those of its demonstrations must be. */
export type DemonstratedWorlds = Pick<TrainingRecipe, 'task' | 'randomize' | 'disturb' | 'around'>;

/** Whether a folder is of a run or a dataset, in which recordings alone are demonstrations. */
export function isIndexed(folder: string): boolean {
  return ['dataset.json', 'manifest.json'].some((name) => existsSync(join(folder, name)));
}

/** Recordings of a run, of a dataset, or that lie in a folder by themselves; none where it has none. */
export async function recordingsOf(folder: string): Promise<readonly string[]> {
  if (isIndexed(folder)) {
    const dataset = await openDataset(folder);
    return dataset.index.episodes.map((episode) => episodePath(dataset, episode));
  }
  const names = await readdir(folder);
  return names
    .filter((name) => name.endsWith(RECORDING))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * A recorded episode as actions to be played again in its world: whoever drove then, a person by jogs and picks or a policy.
 * @throws InputError naming the file, and robot, world or motion that does not fit
 */
export async function recordedOrder(file: string, worlds: DemonstratedWorlds): Promise<EpisodeOrder> {
  const robot = trainedRobot();
  const { policy_hz } = DEFAULT_ENVIRONMENT_OPTIONS;
  const world = await worldOfRecording(file, worlds);
  const commands = await readCommands(file, robot);
  const begin_s = commands.time_s[0];
  const actions = recordedActions(commands, robot, {
    ...{ period_s: 1 / policy_hz, from_s: begin_s + world.from_s, where: file },
    most_steps: Math.round(createTask(worlds.task).time_limit_s * policy_hz) - 1,
  });
  return { driver: 'repeat', seed: world.seed, episode: world.episode, actions };
}

async function worldOfRecording(
  file: string,
  worlds: DemonstratedWorlds,
): Promise<{ readonly seed: number; readonly episode: number; readonly from_s: number }> {
  const { world } = await readOrigin(file);
  if (world === null) return readBeside(file);
  const { options, index } = world;
  const { objects } = DEFAULT_ENVIRONMENT_OPTIONS;
  const wanted = { ...worlds, objects };
  for (const name of ['task', 'randomize', 'objects', 'disturb', 'around'] as const)
    if (options[name] !== wanted[name])
      throw new InputError(
        `${file}: recorded with --${name} ${options[name] ?? 'nothing'}`,
        `the training has ${wanted[name] ?? 'nothing'}`,
      );
  return { seed: options.seed, episode: index, from_s: 0 };
}

async function readBeside(file: string): Promise<z.infer<typeof worldBeside>> {
  const beside = file.replace(/\.mcap$/, '.world.json');
  const text = await readFile(beside, 'utf8').catch((cause: unknown) => {
    const allowed = `${beside} beside it with {"seed": …, "episode": …}, of the cell in which it was recorded`;
    throw new InputError(`${file} does not say which world it was recorded in`, allowed, { cause });
  });
  const parsed = worldBeside.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${beside}: ${issue.path.join('.') || 'content'}`, issue.message);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
