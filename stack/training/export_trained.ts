import {
  EYE_CAMERAS,
  EYE_MEMORY,
  type Eye,
  exportPolicy,
  exportSeeingPolicy,
  MEMORY_INPUT,
  MEMORY_OUTPUT,
  POLICY_PICTURES,
  toldNormalisation,
  toldSize,
} from '../../learning/index.ts';
import { checkFeatures, featureCatalogue } from '../env/index.ts';
import type { PolicyFacts } from './publish.ts';
import type { TrainingRecipe } from './recipe.ts';
import { environmentOf, featuresOf, trainedRobot } from './told.ts';
import type { TrainedPolicy } from './trained_policy.ts';
import type { TrainingSamples } from './training_samples.ts';
import { probesOf } from './vision_training.ts';

const PROBES = 64;
/** Of a policy that sees. */
const SEEING_PROBES = 8;

export interface ExportedPolicy {
  readonly policy: TrainedPolicy;
  /** Greatest difference from the trainer on probes. */
  readonly difference: number;
  readonly seeing?: NonNullable<PolicyFacts['seeing']>;
}

/** A trained policy as it is published: one network of what it is told and, where it sees, of its pictures. */
export async function exportTrained(
  recipe: TrainingRecipe,
  trained: Omit<TrainedPolicy, 'model'> & { readonly theta: Float32Array },
  eye: Eye | null,
  { held_out }: TrainingSamples,
): Promise<ExportedPolicy> {
  const { theta, ...policy } = trained;
  const { network } = policy;
  if (eye === null) {
    const probes = held_out.x.subarray(0, Math.min(PROBES, held_out.count) * network.inputs);
    const { model, difference } = await exportPolicy(network, theta, probes);
    return { policy: { ...policy, model }, difference };
  }
  const catalogue = featureCatalogue(trainedRobot(), { task: recipe.task, action: 'ee_delta' });
  const known = checkFeatures(featuresOf(recipe), catalogue, 'the policy in training');
  const probes = await probesOf(environmentOf(recipe), known, eye, SEEING_PROBES, recipe.seed);
  const seeing = { eye, network, theta, observation: policy.observation };
  const { model, difference } = await exportSeeingPolicy(seeing, probes);
  const told = { ...network, inputs: toldSize(seeing) };
  const { width, height } = eye.shape;
  return {
    policy: { ...policy, model, network: told, observation: toldNormalisation(seeing) },
    difference,
    seeing: {
      images: { name: POLICY_PICTURES, cameras: [...EYE_CAMERAS], width, height, channels: 4 },
      memory: { input: MEMORY_INPUT, output: MEMORY_OUTPUT, size: EYE_MEMORY },
    },
  };
}
