import { createRng } from '../../contracts/index.ts';
import { type Demonstration, eyeCameras } from '../../learning/index.ts';
import { loadRobot, type Robot } from '../../robots/index.ts';
import { checkFeatures, Environment, type Feature, featureCatalogue } from '../env/index.ts';
import { DemonstrationPlayer } from './player.ts';
import type { EpisodeOrder, PictureOrder, PlayerAnswer, PlayerOrder, PlayerSetup } from './thread_messages.ts';
import { NetworkPolicy } from './trained_policy.ts';
import { framesOf } from './vision_frames.ts';
import { Seeing } from './vision_seeing.ts';

const ROBOT = 'panda';

/** Plays episodes and takes pictures for a training, one after the other. */
export class TrainingPlayer {
  private readonly setup: PlayerSetup;
  private readonly robot: Robot;
  private readonly environment: Environment;
  private readonly known: readonly Feature[];
  private readonly seeing: Seeing | null;
  private readonly player: DemonstrationPlayer;
  private policy: NetworkPolicy | null = null;

  private constructor(setup: PlayerSetup, robot: Robot, seeing: Seeing | null) {
    const { environment: options, features } = setup;
    this.setup = setup;
    this.robot = robot;
    this.environment = new Environment(options, robot);
    this.known = checkFeatures(features, featureCatalogue(robot, options), 'the policy in training');
    this.seeing = seeing;
    this.player = new DemonstrationPlayer(this.environment, this.known, seeing);
  }

  static async open(setup: PlayerSetup): Promise<TrainingPlayer> {
    return new TrainingPlayer(setup, loadRobot(ROBOT), setup.eye === undefined ? null : await Seeing.open(setup.eye));
  }

  async ask(order: PlayerOrder): Promise<PlayerAnswer> {
    switch (order.kind) {
      case 'policy':
        await this.policy?.close();
        this.policy = await NetworkPolicy.open(order.policy);
        return { kind: 'ready' };
      case 'pictures':
        return { kind: 'pictured', frames: this.pictures(order.order) };
      case 'play':
        return { kind: 'played', demonstration: await this.play(order.order) };
    }
  }

  async close(): Promise<void> {
    await this.policy?.close();
    await this.seeing?.close();
  }

  private pictures(order: PictureOrder) {
    const { image_width: width, image_height: height } = this.setup.environment;
    const told = this.known.filter(({ name }) => name === 'tool_rotation' || name === 'tool_position');
    const rng = createRng(order.seed).stream(`pictures/${order.episode}`);
    return framesOf(this.environment, told, eyeCameras(this.robot, { width, height }), order, rng);
  }

  private async play(order: EpisodeOrder): Promise<Demonstration> {
    const { player, policy } = this;
    const { driver, seed, episode } = order;
    if (order.driver === 'retrace') return player.retraced(seed, episode, order.handover);
    if (order.driver === 'repeat') return player.repeated(seed, episode, order.actions);
    if (driver === 'expert') return player.expert(seed, episode);
    if (policy === null) throw new Error(`episode ${episode} for a ${driver} driver before there is a policy`);
    if (driver === 'policy') return player.policy(seed, episode, policy);
    if (order.driver === 'explore')
      return player.explored(seed, episode, policy, order.deviation, createRng(seed).stream(`noise/${episode}`));
    return player.mixed(seed, episode, policy, createRng(seed).stream(`turns/${episode}`));
  }
}
