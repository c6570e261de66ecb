import type { Rng } from '../../contracts/index.ts';
import { ActionChunks } from '../../control/index.ts';
import type { Demonstration } from '../../learning/index.ts';
import type { Environment, Feature, FeatureObserver } from '../env/index.ts';
import { ExplorationNoise } from './exploration_noise.ts';
import type { Handover } from './thread_messages.ts';
import { type Seeing, seenSize } from './vision_seeing.ts';

/** A policy as it is trained: asked with one observation, it writes a chunk of actions. */
export interface ChunkPolicy {
  readonly chunk: number;
  readonly ensembling_decay: number;
  /** @param observation  as the features have it, SI units */
  act(observation: Float32Array, chunk: Float32Array): Promise<void>;
}

/** Steps of the policy and of the expert at a turn, at least and how many more at most. */
const POLICY_TURN = { least: 5, more: 40 };
const EXPERT_TURN = { least: 20, more: 40 };
const FIRST_TURN = { least: 10, more: 50 };

/** Plays episodes in an environment and notes what was seen, what the expert said and whether it was done. */
export class DemonstrationPlayer {
  private readonly environment: Environment;
  private readonly features: readonly Feature[];
  private readonly size: number;
  private readonly seeing: Seeing | null;
  private readonly told: Float32Array;
  private readonly observations: Float32Array;
  private readonly actions: Float32Array;
  private readonly followed: Uint8Array;

  /**
   * @param environment  with the expert, and the whole state or pictures
   * @param seeing  what makes observations of pictures; null without
   */
  constructor(environment: Environment, features: readonly Feature[], seeing: Seeing | null = null) {
    this.environment = environment;
    this.features = features;
    this.seeing = seeing;
    this.told = new Float32Array(features.reduce((sum, { size }) => sum + size, 0));
    this.size = seeing === null ? this.told.length : seenSize(this.told.length);
    const most = environment.step_limit + 1;
    this.observations = new Float32Array(most * this.size);
    this.actions = new Float32Array(most * environment.sizes.action);
    this.followed = new Uint8Array(most);
  }

  /** The expert drives. */
  async expert(seed: number, episode: number): Promise<Demonstration> {
    return this.play(seed, episode, null, () => false);
  }

  /**
   * Policy and expert take turns, the policy first: the expert shows the ways back from where the policy leads (after Kelly
   * et al., HG-DAgger, 2019). Only the expert's turns have actions that may be learned as motions.
   */
  async mixed(seed: number, episode: number, policy: ChunkPolicy, rng: Rng): Promise<Demonstration> {
    let lead = true;
    let left = FIRST_TURN.least + rng.int(FIRST_TURN.more);
    return this.play(seed, episode, policy, () => {
      if (left === 0) {
        lead = !lead;
        const { least, more } = lead ? POLICY_TURN : EXPERT_TURN;
        left = least + rng.int(more);
      }
      left--;
      return lead;
    });
  }

  /** The policy drives. */
  async policy(seed: number, episode: number, policy: ChunkPolicy): Promise<Demonstration> {
    return this.play(seed, episode, policy, () => true);
  }

  /** The policy drives, with noise over its actions; what was done is recorded in the place of what the expert says. */
  async explored(
    seed: number,
    episode: number,
    policy: ChunkPolicy,
    deviation: number,
    rng: Rng,
  ): Promise<Demonstration> {
    const noise = new ExplorationNoise(this.environment.sizes.action - 1, deviation, rng);
    return this.play(seed, episode, policy, () => true, { noise });
  }

  /** What was recorded is done again up to a step, and the expert goes on from the state that it led to. */
  async retraced(seed: number, episode: number, { actions, step }: Handover): Promise<Demonstration> {
    let next = 0;
    return this.play(seed, episode, this.recorded(actions), () => next++ < step);
  }

  /** What somebody did is done again, to the end of the episode: after the last action the arm rests. */
  async repeated(seed: number, episode: number, actions: Float32Array): Promise<Demonstration> {
    return this.play(seed, episode, this.recorded(actions), () => true, { noise: null });
  }

  /** Gives one action after the other; after the last one none but the last of the gripper. */
  private recorded(actions: Float32Array): ChunkPolicy {
    const width = this.environment.sizes.action;
    let at = 0;
    return {
      ...{ chunk: 1, ensembling_decay: 0 },
      act: async (_, chunk) => {
        if (at < actions.length) chunk.set(actions.subarray(at, at + width));
        else chunk.fill(0, 0, width - 1);
        at += width;
      },
    };
  }

  /** @param own  whether what was done is recorded, in the place of what the expert says */
  private async play(
    seed: number,
    episode: number,
    policy: ChunkPolicy | null,
    leads: () => boolean,
    own: { readonly noise: ExplorationNoise | null } | null = null,
  ): Promise<Demonstration> {
    const { environment, size } = this;
    const { action: width } = environment.sizes;
    environment.reset(seed, episode);
    this.seeing?.forget();
    const features = environment.features(this.features);
    const length = policy?.chunk ?? 1;
    const chunks = new ActionChunks({ size: width, length, decay: policy?.ensembling_decay ?? 0 });
    const chunk = new Float32Array(length * width);
    const meant = new Float64Array(width);
    let led = false;
    let step = 0;
    for (; !environment.status.terminated && !environment.status.truncated; step++) {
      const observation = this.observations.subarray(step * size, (step + 1) * size);
      await this.observe(features, observation);
      this.actions.set(environment.output.expert_action, step * width);
      const lead = leads();
      // What it meant before somebody else drove leads nowhere now.
      if (lead && !led) chunks.clear();
      led = lead;
      this.followed[step] = lead ? 0 : 1;
      if (policy === null || !lead) meant.set(environment.output.expert_action);
      else {
        await policy.act(observation, chunk);
        chunks.add(step, chunk);
        chunks.at(step, meant);
        own?.noise?.add(meant);
        for (let k = 0; k < width; k++) meant[k] = Math.min(1, Math.max(-1, meant[k]));
      }
      if (own !== null) {
        this.actions.set(meant, step * width);
        this.followed[step] = 1;
      }
      features.acted(meant);
      environment.step(meant);
    }
    return {
      length: step,
      observations: this.observations.slice(0, step * size),
      actions: this.actions.slice(0, step * width),
      followed: this.followed.slice(0, step),
      success: environment.status.success,
    };
  }

  private async observe(features: FeatureObserver, out: Float32Array): Promise<void> {
    const { seeing, told, environment } = this;
    features.write(environment.output.vector, seeing === null ? out : told, 0);
    if (seeing !== null) await seeing.look(environment.output, told, out);
  }
}
