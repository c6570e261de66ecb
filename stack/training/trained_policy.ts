import { type MlpShape, type Normalisation, POLICY_INPUT, POLICY_OUTPUT } from '../../learning/index.ts';
import { type Inference, openSession } from '../../perception/index.ts';
import type { ChunkPolicy } from './player.ts';

/** A trained network with its normalisation, as threads hand it to each other. */
export interface TrainedPolicy {
  readonly model: Uint8Array;
  readonly network: MlpShape;
  readonly observation: Normalisation;
  readonly action: Normalisation;
  readonly ensembling_decay: number;
}

/** Runs a trained network on one observation after the other. */
export class NetworkPolicy implements ChunkPolicy {
  readonly chunk: number;
  readonly ensembling_decay: number;
  private readonly policy: TrainedPolicy;
  private readonly session: Inference;
  private readonly x: Float32Array;

  private constructor(policy: TrainedPolicy, session: Inference) {
    this.policy = policy;
    this.session = session;
    this.chunk = policy.network.chunk;
    this.ensembling_decay = policy.ensembling_decay;
    this.x = new Float32Array(policy.network.inputs);
  }

  static async open(policy: TrainedPolicy): Promise<NetworkPolicy> {
    const { inputs, chunk, action } = policy.network;
    const spec = {
      inputs: [{ name: POLICY_INPUT, type: 'float32', shape: ['N', inputs] }],
      outputs: [{ name: POLICY_OUTPUT, type: 'float32', shape: ['N', chunk, action] }],
    } as const;
    return new NetworkPolicy(policy, await openSession(policy.model, spec, 'the policy in training'));
  }

  async act(observation: Float32Array, chunk: Float32Array): Promise<void> {
    const { policy, x } = this;
    const { mean, scale } = policy.observation;
    for (let k = 0; k < x.length; k++) x[k] = (observation[k] - mean[k]) / scale[k];
    const answer = (await this.session.run({ [POLICY_INPUT]: x }))[POLICY_OUTPUT];
    const { mean: centre, scale: span } = policy.action;
    for (let k = 0; k < chunk.length; k++) chunk[k] = answer[k] * span[k % span.length] + centre[k % centre.length];
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
