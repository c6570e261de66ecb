import { basename } from 'node:path';
import { parseTaskPolicyManifest, type TaskPolicyManifest } from '../../control/index.ts';
import { type DemonstrationSet, POLICY_INPUT, POLICY_OUTPUT } from '../../learning/index.ts';
import { hashOf } from '../../perception/index.ts';
import { loadRobot } from '../../robots/index.ts';
import type { PolicyScore } from '../learned/index.ts';
import { envelopeSha256, manifestFileOf } from '../policies/task_policy_file.ts';
import type { TrainedPolicy } from '../training/trained_policy.ts';
import { type ImproveRecipe, worldsOf } from './recipe.ts';

export interface CandidateFacts {
  readonly turn: number;
  readonly recipe: ImproveRecipe;
  readonly command: string;
  readonly data: readonly DemonstrationSet[];
  /** Of the optimiser. */
  readonly steps: number;
}

/** The manifest of a policy that a turn made of its parent; `score` is of worlds that nothing before has seen. */
export function candidateManifest(
  file: string,
  parent: TaskPolicyManifest,
  policy: TrainedPolicy,
  { turn, recipe, command, data, steps }: CandidateFacts,
  score: PolicyScore | null,
): TaskPolicyManifest {
  const { network, observation, action } = policy;
  const { version_of_policy, sha256 } = parent;
  const { seed, randomize } = recipe;
  const seedOf = (purpose: 'watched' | 'judged' | 'canary') => worldsOf(purpose, recipe, turn).seed;
  return parseTaskPolicyManifest(
    {
      ...parent,
      ...{ version_of_policy: nextVersion(version_of_policy), model: basename(file), sha256: hashOf(policy.model) },
      input: { name: POLICY_INPUT, shape: ['batch', network.inputs] },
      output: { name: POLICY_OUTPUT, shape: ['batch', network.chunk, network.action] },
      ...{ observation_mean: observation.mean, observation_scale: observation.scale },
      ...{ action_mean: action.mean, action_scale: action.scale },
      envelope_sha256: envelopeSha256(loadRobot(parent.robot)),
      training: {
        ...{ method: 'improve', seed, steps, randomize, command },
        episodes: data.reduce((sum, { demonstrations }) => sum + demonstrations.length, 0),
        data: data.map((set) => ({ source: set.source, sha256: set.sha256, episodes: set.demonstrations.length })),
      },
      lineage: {
        turn,
        parents: [{ version_of_policy, sha256 }, ...(parent.lineage?.parents ?? [])],
        seeds: { training: seed, watched: seedOf('watched'), judged: seedOf('judged'), canary: seedOf('canary') },
      },
      metrics: score === null ? {} : { success: { value: score.success_rate, interval: score.wilson95 } },
    },
    manifestFileOf(file),
  );
}

/** 1.3.0 of 1.2.0; of what is no version of three numbers, one with a mark at its end. */
function nextVersion(version: string): string {
  const found = /^(\d+)\.(\d+)\.\d+$/.exec(version);
  return found === null ? `${version}+1` : `${found[1]}.${Number(found[2]) + 1}.0`;
}
