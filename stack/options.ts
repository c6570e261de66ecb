import { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import { ENGINE_NAMES, TASK_NAMES as TASKS } from '../sim/index.ts';

export { TASKS };
export const ENGINES = ENGINE_NAMES;
export const POLICIES = ['stack', 'expert', 'random'] as const;
export const OBSERVATIONS = ['rgbd', 'state'] as const;
export const RANDOMIZATIONS = ['none'] as const;

/** What fixes an episode: equal options and index give equal bytes. */
export const episodeOptions = z.object({
  task: z.enum(TASKS),
  engine: z.enum(ENGINES),
  policy: z.enum(POLICIES),
  observation: z.enum(OBSERVATIONS),
  randomize: z.enum(RANDOMIZATIONS),
  seed: z.number().int().nonnegative(),
  /** Vision model as NAME[@VERSION] of the repository, a file, or `classical` for the colour-and-depth detector. */
  model: z.string(),
});
export type EpisodeOptions = Readonly<z.infer<typeof episodeOptions>>;

export const DEFAULT_EPISODE_OPTIONS: EpisodeOptions = {
  task: 'pick-place',
  engine: 'cannon',
  policy: 'stack',
  observation: 'rgbd',
  randomize: 'none',
  seed: 0,
  model: 'vision',
};

/** Options that contradict each other are refused with the pair named. */
export function checkEpisodeOptions(options: EpisodeOptions): EpisodeOptions {
  if (options.policy === 'stack' && options.observation === 'state') {
    throw new InputError(
      '--observation state',
      'the stack policy sees only cameras; use --observation rgbd or --policy expert',
    );
  }
  return options;
}
