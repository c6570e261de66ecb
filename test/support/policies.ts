import type { AwaitedInference, PolicyManifest } from '../../control/index.ts';
import { actionSize, observationSize, parsePolicyManifest } from '../../control/index.ts';

/** A manifest for the Panda with nothing normalised. */
export function plainManifest(changes: Partial<PolicyManifest> = {}): PolicyManifest {
  const observation = changes.observation ?? (['joint_position', 'gripper_width'] as const);
  const action = changes.action ?? (['joint_position', 'gripper_width'] as const);
  const inputs = observationSize(observation, 7);
  const outputs = actionSize(action, 7);
  const plain = {
    ...{ schema: 'surepick.policy', version: 1, name: 'plain', model: 'plain.onnx', sha256: '0'.repeat(64) },
    ...{ robot: 'panda', rate_hz: 20, input: 'observation', output: 'actions', observation, action },
    ...{ chunk: 10, ensembling_decay: 0.01 },
    observation_mean: new Array(inputs).fill(0),
    observation_scale: new Array(inputs).fill(1),
    action_mean: new Array(outputs).fill(0),
    action_scale: new Array(outputs).fill(1),
  };
  return parsePolicyManifest({ ...plain, ...changes }, 'manifest', 7);
}

/** A policy that answers at once, by a function of step and observation. */
export class DirectInference implements AwaitedInference {
  failure = '';
  /** Answers nothing more. */
  silent = false;
  asked = 0;
  private readonly policy: (step: number, observation: Float32Array) => ArrayLike<number>;
  private open = -1;
  private answer: ArrayLike<number> = [];

  constructor(policy: (step: number, observation: Float32Array) => ArrayLike<number>) {
    this.policy = policy;
  }

  submit(step: number, observation: Float32Array): boolean {
    if (this.open >= 0) return false;
    this.asked++;
    this.open = step;
    this.answer = this.policy(step, observation);
    return true;
  }

  take(chunk: Float32Array): number {
    if (this.open < 0 || this.silent) return -1;
    const step = this.open;
    this.open = -1;
    chunk.set(this.answer);
    return step;
  }

  async answered(): Promise<void> {}
}
