import { z } from 'zod';
import { InputError } from '../contracts/index.ts';
import {
  ENGINE_NAMES,
  OBJECT_SETS,
  parseDisturbances,
  RANDOMIZATION_LEVELS as RANDOMIZATIONS,
  TASK_NAMES as TASKS,
} from '../sim/index.ts';

export { OBJECT_SETS, RANDOMIZATIONS, TASKS };
export const ENGINES = ENGINE_NAMES;
export const POLICIES = ['stack', 'expert', 'random'] as const;
export const OBSERVATIONS = ['rgbd', 'state'] as const;

/** What fixes an episode: equal options and index give equal bytes. */
export const episodeOptions = z.object({
  task: z.enum(TASKS),
  engine: z.enum(ENGINES),
  policy: z.union([z.enum(POLICIES), z.templateLiteral(['onnx:', z.string().min(1)])]),
  /** Hash of the network of a policy `onnx:FILE`. */
  policy_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .exactOptional(),
  observation: z.enum(OBSERVATIONS),
  randomize: z.enum(RANDOMIZATIONS),
  /** Kinds of objects worlds are drawn from: all, or one of two sets that have none in common. */
  objects: z.enum(OBJECT_SETS),
  seed: z.number().int().nonnegative(),
  /** Vision model as NAME[@VERSION] of the repository, a file, or `classical` for the colour-and-depth detector. */
  model: z.string(),
  /** Second world, pinned, whose effects engine mujoco has; absent where it has none. */
  second_world: z.string().exactOptional(),
  /** What befalls every episode, as NAME[:STRENGTH] with commas between; nothing by default. */
  disturb: z.string().exactOptional(),
  /** What is known of the arm, as `aroundOf` tells it: worlds are drawn around it. */
  around: z.string().exactOptional(),
});
export type EpisodeOptions = Readonly<z.infer<typeof episodeOptions>>;

export const DEFAULT_EPISODE_OPTIONS: EpisodeOptions = {
  task: 'pick-place',
  engine: 'cannon',
  policy: 'stack',
  observation: 'rgbd',
  randomize: 'none',
  objects: 'all',
  seed: 0,
  model: 'vision',
};

/** The file of a policy `onnx:FILE`; null for the others. */
export function policyFileOf(policy: EpisodeOptions['policy']): string | null {
  return policy.startsWith('onnx:') ? policy.slice('onnx:'.length) : null;
}

/** Options that contradict each other are refused with the pair named. */
export function checkEpisodeOptions(options: EpisodeOptions): EpisodeOptions {
  if (options.policy === 'stack' && options.observation === 'state') {
    throw new InputError(
      '--observation state',
      'the stack policy sees only cameras; use --observation rgbd or --policy expert',
    );
  }
  if (options.disturb !== undefined) parseDisturbances(options.disturb);
  if (options.second_world !== undefined && options.engine !== 'mujoco')
    throw new InputError(`--engine ${options.engine} --second-world`, '--engine mujoco, which alone has its effects');
  return options;
}
