import { ActionChunks, type TaskPolicyManifest, taskObservationSize } from '../../control/index.ts';
import type { FeatureObserver } from '../env/feature_observer.ts';
import { type SeatPictures, writePictures } from './pictures.ts';
import type { PolicyNetwork } from './policy_network.ts';

/**
 * One world's seat at a policy's network: normalises what the world tells, keeps the history, ensembles the chunks it is
 * answered. No allocation after construction.
 */
export class PolicySeat {
  /** What to do now, −1..1; written by `answer`. */
  readonly action: Float32Array;
  /** The observation as it was told, not normalised; written by `ask`. */
  readonly observation: Float32Array;
  /** How sure the policy is, 0..1; NaN where it does not say. */
  confidence = Number.NaN;
  private readonly manifest: TaskPolicyManifest;
  private readonly features: FeatureObserver;
  private readonly chunks: ActionChunks;
  private readonly chunk: Float64Array;
  private readonly meant: Float64Array;
  private readonly history: Float32Array;
  private step = 0;

  constructor(manifest: TaskPolicyManifest, features: FeatureObserver) {
    const size = manifest.action.names.length;
    this.manifest = manifest;
    this.features = features;
    this.action = new Float32Array(size);
    this.observation = new Float32Array(taskObservationSize(manifest));
    this.history = new Float32Array(manifest.history * this.observation.length);
    this.chunk = new Float64Array(manifest.chunk * size);
    this.meant = new Float64Array(size);
    this.chunks = new ActionChunks({ size, length: manifest.chunk, decay: manifest.ensembling_decay });
  }

  /** Writes the question of this step into a row of the network. */
  ask(vector: Float32Array, network: PolicyNetwork, row: number, pictures: SeatPictures | null): void {
    const { observation, history, manifest } = this;
    const { observation_mean: mean, observation_scale: scale } = manifest;
    const size = observation.length;
    this.features.write(vector, observation, 0);
    history.copyWithin(0, size);
    const newest = history.length - size;
    for (let k = 0; k < size; k++) history[newest + k] = (observation[k] - mean[k]) / scale[k];
    // Before the first observation there was as good as the first.
    if (this.step === 0) for (let at = 0; at < newest; at += size) history.copyWithin(at, newest);
    network.observations.set(history, row * history.length);
    const remembered = manifest.memory?.size ?? 0;
    if (this.step === 0) network.memory.fill(0, row * remembered, (row + 1) * remembered);
    if (pictures !== null && manifest.images !== undefined) writePictures(manifest.images, pictures, network.pictures);
  }

  /** Takes the answer in a row of the network: `action` and `confidence` are of this step. */
  answer(network: PolicyNetwork, row: number): void {
    const { chunk, chunks, meant, action, manifest, features } = this;
    const { action_mean: mean, action_scale: scale, confidence } = manifest;
    const from = row * chunk.length;
    for (let at = 0; at < chunk.length; at += mean.length) {
      for (let k = 0; k < mean.length; k++) chunk[at + k] = network.actions[from + at + k] * scale[k] + mean[k];
    }
    chunks.add(this.step, chunk);
    chunks.at(this.step, meant);
    for (let k = 0; k < meant.length; k++) action[k] = Math.min(1, Math.max(-1, meant[k]));
    if (confidence !== undefined) this.confidence = 1 / (1 + Math.exp(-network.logits[row] / confidence.temperature));
    features.acted(action);
    this.step++;
  }

  /** Why the policy asks for help in place of going on; empty while it does not. */
  get asks(): string {
    const { confidence } = this.manifest;
    if (confidence === undefined || !(this.confidence < confidence.ask_below)) return '';
    return `the policy asks for help: it is sure by ${this.confidence.toFixed(2)}, below ${confidence.ask_below}`;
  }
}
