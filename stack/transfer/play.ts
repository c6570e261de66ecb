import { InputError } from '../../contracts/index.ts';
import { runBatch } from '../batch.ts';
import { ordersOf, runRollouts } from '../learned/index.ts';
import { checkEpisodeOptions, type EpisodeOptions, POLICIES, policyFileOf } from '../options.ts';
import { readTaskPolicy, type TaskPolicyModel } from '../policies/task_policy_file.ts';
import { effectsName, type PlayedWorld } from './worlds.ts';

const LEARNED = 'onnx:';

/** What all policies and worlds of a comparison have in common. */
export interface PlaySetting extends Pick<EpisodeOptions, 'task' | 'objects' | 'randomize' | 'seed' | 'model'> {
  readonly workers: number;
}

/** Plays numbered episodes of a policy in a world: whether each succeeded. Equal numbers are equal worlds. */
export type Play = (
  policy: string,
  world: PlayedWorld,
  first: number,
  episodes: number,
  signal?: AbortSignal,
) => Promise<readonly boolean[]>;

/** Whether a policy looks at pictures; effects on pictures are nothing to the others. */
export function seesPictures(policy: string): boolean {
  if (!policy.startsWith(LEARNED)) return policy === 'stack';
  return readTaskPolicy(policy.slice(LEARNED.length)).manifest.images !== undefined;
}

/** Plays policies as `surepick sim` does. Throws InputError for a policy there is not. */
export function createPlay(setting: PlaySetting): Play {
  return async (policy, world, first, episodes, signal) => {
    const { workers, ...common } = setting;
    const effects = effectsName(world);
    const file = policyFileOf(policyNamed(policy));
    if (file !== null) return playLearned(file, setting, world, first, episodes, signal);
    const episode = checkEpisodeOptions({
      ...{ ...common, policy: policyNamed(policy), engine: world.engine },
      observation: seesPictures(policy) ? 'rgbd' : 'state',
      ...(effects === null ? {} : { second_world: effects }),
      ...(world.around === null ? {} : { around: world.around }),
    });
    const batch = { episode, first, episodes, workers, pace: Number.POSITIVE_INFINITY } as const;
    const { results, interrupted } = await runBatch(
      { ...batch, recording: null, trace_file: null, log_level: 'silent' },
      {},
      signal,
    );
    if (interrupted) throw new InterruptedError();
    return results.map(({ outcome }) => outcome.success);
  };
}

async function playLearned(
  file: string,
  { task, objects, randomize, seed, workers }: PlaySetting,
  world: PlayedWorld,
  first: number,
  episodes: number,
  signal?: AbortSignal,
): Promise<readonly boolean[]> {
  const model = taskPolicy(file, task);
  const { engine, around } = world;
  const place = { engine, randomize, objects, second_world: effectsName(world), around };
  const orders = ordersOf(seed, episodes, first);
  const played = await runRollouts({ model, world: place, orders, workers }, () => {}, signal);
  if (played.length < episodes) throw new InterruptedError();
  return played.map(({ success }) => success);
}

/** A comparison was ended from outside. */
export class InterruptedError extends Error {}

function taskPolicy(file: string, task: string): TaskPolicyModel {
  const model = readTaskPolicy(file);
  if (model.manifest.task === task) return model;
  throw new InputError(`policy onnx:${file} for task ${model.manifest.task}`, `one for --task ${task}`);
}

/** Throws InputError unless every policy can be played and is for the task. */
export function checkPolicies(policies: readonly string[], task: string): readonly string[] {
  if (policies.length === 0) throw new InputError('--policies of no policy', 'at least one');
  const twice = policies.find((policy, i) => policies.indexOf(policy) !== i);
  if (twice !== undefined) throw new InputError(`policy ${twice} twice`, 'each once');
  for (const policy of policies) {
    const file = policyFileOf(policyNamed(policy));
    if (file !== null) taskPolicy(file, task);
  }
  return policies;
}

export function policyNamed(policy: string): EpisodeOptions['policy'] {
  if (policy.startsWith(LEARNED) && policy.length > LEARNED.length) return `${LEARNED}${policy.slice(LEARNED.length)}`;
  const known = POLICIES.find((name) => name === policy);
  if (known === undefined) throw new InputError(`policy "${policy}"`, `${POLICIES.join(', ')} or onnx:FILE`);
  return known;
}
