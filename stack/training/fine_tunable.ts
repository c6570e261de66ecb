import { existsSync } from 'node:fs';
import { InputError } from '../../contracts/index.ts';
import type { TaskPolicyManifest } from '../../control/index.ts';
import {
  type DemonstrationLayout,
  type DemonstrationSet,
  readDemonstrations,
  readPolicyParameters,
} from '../../learning/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { type FittingPolicy, fitTaskPolicy, readTaskPolicy } from '../policies/task_policy_file.ts';
import { dataFileIn, dataFolderOf } from './data_folder.ts';
import type { TrainedPolicy } from './trained_policy.ts';

const ROBOT = 'panda';

/** A policy with its parameters and with what it was trained on. */
export interface FineTunable {
  readonly manifest: TaskPolicyManifest;
  readonly environment: FittingPolicy['environment'];
  readonly policy: TrainedPolicy;
  readonly theta: Float32Array;
  readonly sets: readonly DemonstrationSet[];
  readonly sizes: DemonstrationLayout;
}

/** Reads a policy and its data. Throws InputError naming what keeps it from being fine-tuned. */
export async function readFineTunable(file: string): Promise<FineTunable> {
  const model = readTaskPolicy(file);
  const { manifest, bytes } = model;
  const { environment } = fitTaskPolicy(model, loadRobot(ROBOT));
  if (manifest.images !== undefined)
    throw new InputError(`${file}: a policy with pictures`, 'one that is told features');
  if (manifest.confidence !== undefined)
    throw new InputError(`${file}: a policy that states its confidence`, 'one that does not: it would be lost');
  if (manifest.history !== 1) throw new InputError(`${file}: a history of ${manifest.history}`, '1');
  const size = { chunk: manifest.chunk, action: manifest.action.names.length };
  const { shape, theta } = readPolicyParameters(bytes, size, file);
  const observation = { mean: manifest.observation_mean, scale: manifest.observation_scale };
  const action = { mean: manifest.action_mean, scale: manifest.action_scale };
  const { ensembling_decay } = manifest;
  return {
    ...{ manifest, environment, theta, sets: await readSets(file, manifest) },
    policy: { model: bytes, network: shape, observation, action, ensembling_decay },
    sizes: {
      ...{ observation: shape.inputs, action: size.action },
      features: manifest.observation.map(({ name }) => name),
    },
  };
}

/** What a policy was trained on, from the folder beside it; of one that came without its data, nothing. */
async function readSets(file: string, manifest: TaskPolicyManifest): Promise<readonly DemonstrationSet[]> {
  const folder = dataFolderOf(file);
  if (!existsSync(folder)) return [];
  return Promise.all(manifest.training.data.map(({ sha256 }) => readDemonstrations(dataFileIn(folder, sha256))));
}
