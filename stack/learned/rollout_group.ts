import { type EpisodeStage, quantile } from '../../contracts/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type DisturbanceHappened, prepareEngine } from '../../sim/index.ts';
import { Environment } from '../env/environment.ts';
import { DEFAULT_ENVIRONMENT_OPTIONS, type EnvironmentOptions } from '../env/options.ts';
import { type FittingPolicy, fitTaskPolicy, type TaskPolicyModel } from '../policies/task_policy_file.ts';
import { PolicyNetwork } from './policy_network.ts';
import { PolicySeat } from './policy_seat.ts';

/** Which world is played: the same as `surepick sim --seed` plays under this number. */
export interface RolloutOrder {
  readonly seed: number;
  readonly episode: number;
}

/** Worlds that a policy is played in; what else an environment has the policy's manifest says. */
export type RolloutWorld = Pick<EnvironmentOptions, 'engine' | 'randomize' | 'objects' | 'second_world'> &
  Partial<Pick<EnvironmentOptions, 'limits' | 'disturb' | 'around'>>;

/** What was seen and done in every step, a row each. */
export interface RolloutTrajectory {
  readonly steps: number;
  /** As the features say, not normalised. */
  readonly observations: Float32Array;
  readonly actions: Float32Array;
  /** What the expert would have done there. */
  readonly expert_actions: Float32Array;
}

/** How an episode of a policy went. */
export interface RolloutEpisode extends RolloutOrder {
  readonly success: boolean;
  /** Where it failed, and why; empty on success. */
  readonly stage: EpisodeStage | '';
  readonly reason: string;
  readonly steps: number;
  readonly time_s: number;
  /** Root mean square change of the action from step to step; 1 is a full action. */
  readonly roughness: number;
  /** Events in which the gate limited or stopped a command. */
  readonly interventions: number;
  /** How sure the policy was: median of the steps, and the least; null where it does not say. */
  readonly confidence: { readonly median: number; readonly least: number } | null;
  /** Whether it ended because the policy asked for help. */
  readonly asked: boolean;
  /** Which pushes and slips came about. */
  readonly disturbed: readonly DisturbanceHappened[];
  readonly trajectory: RolloutTrajectory | null;
  /** Colour of the overview camera at the end of a failed episode, RGB; null where none was asked for. */
  readonly picture: Uint8Array<ArrayBuffer> | null;
}

export interface RolloutKeeping {
  readonly trajectories: boolean;
  /** Size of the pictures of failed episodes (px); null for none. */
  readonly pictures: { readonly width: number; readonly height: number } | null;
}

export const NOTHING_KEPT: RolloutKeeping = { trajectories: false, pictures: null };

/** Plays one policy in several worlds in lock-step, so that one run of its network serves them all. */
export class RolloutGroup {
  private readonly policy: FittingPolicy;
  private readonly network: PolicyNetwork;
  private readonly robot: Robot;
  private readonly options: EnvironmentOptions;
  private readonly keeping: RolloutKeeping;

  private constructor(
    policy: FittingPolicy,
    network: PolicyNetwork,
    robot: Robot,
    world: RolloutWorld,
    keeping: RolloutKeeping,
  ) {
    this.policy = policy;
    this.network = network;
    this.robot = robot;
    this.keeping = keeping;
    this.options = {
      ...DEFAULT_ENVIRONMENT_OPTIONS,
      ...policy.environment,
      ...world,
      reward: 'sparse',
      expert: keeping.trajectories,
      ...(keeping.pictures === null
        ? {}
        : { render_width: keeping.pictures.width, render_height: keeping.pictures.height }),
    };
  }

  /** Throws InputError where the policy does not fit the robot or its network is not what its manifest says. */
  static async open(
    model: TaskPolicyModel,
    robot: Robot,
    world: RolloutWorld,
    keeping: RolloutKeeping = NOTHING_KEPT,
  ): Promise<RolloutGroup> {
    const policy = fitTaskPolicy(model, robot);
    await prepareEngine(world.engine);
    return new RolloutGroup(policy, await PolicyNetwork.open(model), robot, world, keeping);
  }

  /** Plays what `take` gives until it gives null, in as many worlds at once; what ends is told at once. */
  async play(
    take: () => RolloutOrder | null,
    told: (episode: RolloutEpisode) => void,
    worlds = this.network.rows,
  ): Promise<void> {
    const { network, policy, robot, options } = this;
    const tables = Array.from({ length: Math.min(worlds, network.rows) }, () => new Environment(options, robot));
    const playing: (Playing | null)[] = tables.map((environment) => begin(environment, policy, take()));
    while (playing.some((one) => one !== null)) {
      for (const [row, one] of playing.entries()) one?.ask(network, row);
      await network.run();
      playing.forEach((one, row) => {
        if (one?.step(network, row) !== true) return;
        told(one.finish(this.keeping));
        playing[row] = begin(tables[row], policy, take());
      });
    }
    for (const environment of tables) environment.close();
  }

  async close(): Promise<void> {
    await this.network.close();
  }
}

function begin(environment: Environment, policy: FittingPolicy, order: RolloutOrder | null): Playing | null {
  return order === null ? null : new Playing(environment, policy, order);
}

/** One episode on its way. */
class Playing {
  private readonly environment: Environment;
  private readonly seat: PolicySeat;
  private readonly order: RolloutOrder;
  private readonly pictures: boolean;
  private readonly sure: number[] = [];
  private readonly seen: Float32Array[] = [];
  private readonly done: Float32Array[] = [];
  private readonly shown: Float32Array[] = [];
  private readonly last: Float32Array;
  private change = 0;
  private steps = 0;
  private asks = '';

  constructor(environment: Environment, { manifest, features }: FittingPolicy, order: RolloutOrder) {
    environment.reset(order.seed, order.episode);
    this.environment = environment;
    this.order = order;
    this.seat = new PolicySeat(manifest, environment.features(features));
    this.pictures = manifest.images !== undefined;
    this.last = new Float32Array(environment.sizes.action);
  }

  ask(network: PolicyNetwork, row: number): void {
    const { output } = this.environment;
    this.seat.ask(output.vector, network, row, this.pictures ? output : null);
  }

  /** Whether the episode is over. */
  step(network: PolicyNetwork, row: number): boolean {
    const { seat, environment, last } = this;
    seat.answer(network, row);
    if (!Number.isNaN(seat.confidence)) this.sure.push(seat.confidence);
    this.asks = seat.asks;
    if (this.asks !== '') return true;
    for (let k = 0; k < last.length; k++) {
      if (this.steps > 0) this.change += (seat.action[k] - last[k]) ** 2 / last.length;
      last[k] = seat.action[k];
    }
    if (environment.has_expert) {
      this.seen.push(seat.observation.slice());
      this.done.push(seat.action.slice());
      this.shown.push(environment.output.expert_action.slice());
    }
    environment.step(seat.action);
    this.steps++;
    return environment.status.terminated || environment.status.truncated;
  }

  finish({ trajectories, pictures }: RolloutKeeping): RolloutEpisode {
    const { environment, steps, sure } = this;
    const { success, failed_stage, reason } = environment.status;
    const asked = this.asks !== '';
    return {
      ...this.order,
      success: success && !asked,
      stage: asked ? environment.furthest_stage : failed_stage,
      reason: asked ? this.asks : reason,
      steps,
      time_s: environment.time_s,
      roughness: steps > 1 ? Math.sqrt(this.change / (steps - 1)) : 0,
      interventions: environment.interventions,
      confidence: sure.length === 0 ? null : { median: quantile(sure, 0.5), least: Math.min(...sure) },
      asked,
      disturbed: environment.disturbed,
      trajectory: trajectories
        ? { steps, observations: flat(this.seen), actions: flat(this.done), expert_actions: flat(this.shown) }
        : null,
      picture: pictures !== null && (asked || !success) ? environment.render().slice() : null,
    };
  }
}

function flat(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0;
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, k) => {
    out.set(row, k * width);
  });
  return out;
}
