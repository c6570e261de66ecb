import { type EpisodeStage, InputError } from '../../contracts/index.ts';
import type { DisturbanceHappened } from '../../sim/index.ts';
import { runBatch } from '../batch.ts';
import { checkEpisodeOptions, type EpisodeOptions, POLICIES } from '../options.ts';
import { readTaskPolicy } from '../policies/task_policy_file.ts';
import { ordersOf, runRollouts } from './rollout.ts';
import type { RolloutEpisode } from './rollout_group.ts';

/** Worlds that are played, and how. */
export interface EvaluationSetting
  extends Pick<EpisodeOptions, 'task' | 'engine' | 'randomize' | 'objects' | 'seed' | 'model' | 'disturb' | 'around'> {
  readonly second_world: string | null;
  /** See EnvironmentOptions; of learned policies alone, 1 by default. */
  readonly limits?: number;
  readonly workers: number;
  /** Size of the pictures of failed episodes of learned policies (px); null for none. */
  readonly pictures: { readonly width: number; readonly height: number } | null;
}

/** How an episode went, whoever played. */
export interface PlayedEpisode {
  readonly episode: number;
  readonly success: boolean;
  readonly stage: EpisodeStage | '';
  readonly reason: string;
  readonly time_s: number;
  readonly interventions: number;
  /** See RolloutEpisode; null of a policy that is not learned. */
  readonly roughness: number | null;
  readonly confidence: RolloutEpisode['confidence'];
  readonly asked: boolean;
  /** Which pushes and slips came about. */
  readonly disturbed: readonly DisturbanceHappened[];
  readonly picture: Uint8Array<ArrayBuffer> | null;
}

/** A policy that can be played by numbers. */
export interface PlayedPolicy {
  readonly name: string;
  readonly model_sha256: string | null;
  /** Plays so many episodes from `first` on; fewer if the signal ends it. */
  play(first: number, episodes: number, signal?: AbortSignal): Promise<readonly PlayedEpisode[]>;
}

/** Opens `onnx:FILE`, or one that `surepick sim` has by name. Throws InputError for a policy there is not. */
export function openPolicy(
  name: string,
  setting: EvaluationSetting,
  onEpisode: (success: boolean) => void,
): PlayedPolicy {
  if (name.startsWith('onnx:')) return openLearned(name, setting, onEpisode);
  const policy = POLICIES.find((known) => known === name);
  if (policy === undefined) throw new InputError(`policy ${name}`, `${POLICIES.join(', ')} or onnx:FILE`);
  const { workers, pictures: _, limits: __, second_world, ...worlds } = setting;
  const episode = checkEpisodeOptions({
    ...{ ...worlds, policy, observation: policy === 'stack' ? 'rgbd' : 'state' },
    ...(second_world === null ? {} : { second_world }),
  });
  return {
    ...{ name, model_sha256: null },
    play: async (first, episodes, signal) => {
      const batch = { episode, first, episodes, workers, pace: Number.POSITIVE_INFINITY } as const;
      const { results } = await runBatch(
        { ...batch, recording: null, trace_file: null, log_level: 'silent' },
        { onEpisode: ({ outcome }) => onEpisode(outcome.success) },
        signal,
      );
      return results
        .filter(({ interrupted }) => !interrupted)
        .map(({ index, outcome: { success, stage, reason, interventions, disturbed = [] }, sim_seconds }) => ({
          ...{ episode: index, success, stage, reason, time_s: sim_seconds, interventions },
          ...{ roughness: null, confidence: null, asked: false, disturbed, picture: null },
        }));
    },
  };
}

function openLearned(name: string, setting: EvaluationSetting, onEpisode: (success: boolean) => void): PlayedPolicy {
  const {
    task,
    engine,
    randomize,
    objects,
    second_world,
    limits = 1,
    disturb = null,
    around = null,
    seed,
    workers,
    pictures,
  } = setting;
  const model = readTaskPolicy(name.slice('onnx:'.length));
  const { manifest } = model;
  if (manifest.task !== task) throw new InputError(`--task ${task}`, `${name} does ${manifest.task}`);
  const options = { model, world: { engine, randomize, objects, second_world, limits, disturb, around }, workers };
  const keeping = { trajectories: false, pictures };
  return {
    ...{ name, model_sha256: manifest.sha256 },
    play: (first, episodes, signal) =>
      runRollouts(
        { ...options, orders: ordersOf(seed, episodes, first), keeping },
        ({ success }) => onEpisode(success),
        signal,
      ),
  };
}
