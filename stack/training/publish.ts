import { rename, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { wilson95 } from '../../contracts/index.ts';
import { type ObservedFeature, parseTaskPolicyManifest, type TaskPolicyManifest } from '../../control/index.ts';
import { type DemonstrationSet, POLICY_INPUT, POLICY_OUTPUT } from '../../learning/index.ts';
import { hashOf } from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { envelopeSha256, manifestFileOf } from '../policies/task_policy_file.ts';
import type { TrainingRecipe } from './recipe.ts';
import type { TrainedPolicy } from './trained_policy.ts';

export interface PolicyFacts {
  readonly recipe: Pick<TrainingRecipe, 'task' | 'seed' | 'randomize'> & { readonly method: string };
  /** That makes the same file again. */
  readonly command: string;
  readonly robot: Robot;
  readonly features: readonly ObservedFeature[];
  readonly action_names: readonly string[];
  readonly rate_hz: number;
  /** Steps of the optimiser that were done. */
  readonly steps: number;
  /** What it sees and remembers; left out where it sees nothing. */
  readonly seeing?: Required<Pick<TaskPolicyManifest, 'images' | 'memory'>>;
  readonly sets: readonly DemonstrationSet[];
  readonly lineage?: TaskPolicyManifest['lineage'];
  /** On worlds that nothing before has seen. */
  readonly tried: { readonly successes: number; readonly episodes: number };
}

/** The manifest of a trained policy, held to the rules of all manifests. */
export function manifestOf(file: string, policy: TrainedPolicy, facts: PolicyFacts): TaskPolicyManifest {
  const { recipe, robot, sets, tried, action_names, seeing } = facts;
  const rows = seeing === undefined ? 'batch' : 1;
  const { inputs, chunk } = policy.network;
  const { successes, episodes } = tried;
  return parseTaskPolicyManifest(
    {
      ...{ schema: 'surepick.task_policy', version: 1, name: basename(file, '.onnx'), version_of_policy: '1.0.0' },
      ...{ model: basename(file), sha256: hashOf(policy.model), licence: 'Apache-2.0' },
      ...{ robot: robot.name, task: recipe.task, rate_hz: facts.rate_hz },
      input: { name: POLICY_INPUT, shape: [rows, inputs] },
      ...(seeing ?? {}),
      output: { name: POLICY_OUTPUT, shape: [rows, chunk, action_names.length] },
      observation: facts.features.map(({ name, size, unit }) => ({ name, size, unit })),
      history: 1,
      action: { kind: 'ee_delta', names: action_names },
      ...{ chunk, ensembling_decay: policy.ensembling_decay },
      ...{ observation_mean: policy.observation.mean, observation_scale: policy.observation.scale },
      ...{ action_mean: policy.action.mean, action_scale: policy.action.scale },
      envelope_sha256: envelopeSha256(robot),
      training: {
        ...{ method: recipe.method, seed: recipe.seed, steps: facts.steps, randomize: recipe.randomize },
        episodes: sets.reduce((sum, { demonstrations }) => sum + demonstrations.length, 0),
        data: sets.map(({ source, sha256, demonstrations }) => ({ source, sha256, episodes: demonstrations.length })),
        command: facts.command,
      },
      ...(facts.lineage === undefined ? {} : { lineage: facts.lineage }),
      metrics: {
        success: { value: episodes === 0 ? 0 : successes / episodes, interval: wilson95(successes, episodes) },
      },
    },
    manifestFileOf(file),
  );
}

/** Writes network and manifest; what lay there before stays until both are whole. */
export async function publishPolicy(file: string, policy: TrainedPolicy, manifest: TaskPolicyManifest): Promise<void> {
  const beside = manifestFileOf(file);
  await writeFile(`${file}.next`, policy.model);
  await writeFile(`${beside}.next`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${file}.next`, file);
  await rename(`${beside}.next`, beside);
}
