import { Worker } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import type { Demonstration, EyeFrames } from '../../learning/index.ts';
import type {
  EpisodeOrder,
  FromPlayer,
  PictureOrder,
  PlayerAnswer,
  PlayerOrder,
  PlayerSetup,
} from './thread_messages.ts';
import type { TrainedPolicy } from './trained_policy.ts';
import { TrainingPlayer } from './training_player.ts';

const WORKER = new URL('./player_worker.js', import.meta.url);

type Player = Pick<TrainingPlayer, 'ask' | 'close'>;

/** They play episodes side by side. What they give back is in the order it was asked for, whatever their number. */
export class Players {
  private readonly players: readonly Player[];

  private constructor(players: readonly Player[]) {
    this.players = players;
  }

  /**
   * @param threads  0 for one player, in this thread
   * @param program  of the threads; beside this file, as built, by default
   */
  static async start(setup: PlayerSetup, threads: number, program: URL | string = WORKER): Promise<Players> {
    if (threads === 0) return new Players([await TrainingPlayer.open(setup)]);
    const started = Array.from({ length: threads }, () => new PlayerThread(program, setup));
    const players = new Players(started);
    try {
      await Promise.all(started.map((thread) => thread.answer()));
    } catch (error) {
      await players.close();
      throw error;
    }
    return players;
  }

  /** What drives from now on where a policy is to. */
  async use(policy: TrainedPolicy): Promise<void> {
    await Promise.all(this.players.map((player) => player.ask({ kind: 'policy', policy })));
  }

  /**
   * Plays all episodes; null if `stopped` says so before all have begun.
   * @param onEpisode  after each, in whatever order they end
   */
  async play(
    orders: readonly EpisodeOrder[],
    stopped: () => boolean,
    onEpisode: (done: number) => void = () => {},
  ): Promise<readonly Demonstration[] | null> {
    return this.share(orders, stopped, onEpisode, async (player, order) => {
      const message = await player.ask({ kind: 'play', order });
      if (message.kind !== 'played') throw new Error(`a player answered ${message.kind} to an episode`);
      return message.demonstration;
    });
  }

  /** Takes pictures of all episodes; null if `stopped` says so before all have begun. */
  async frames(
    orders: readonly PictureOrder[],
    stopped: () => boolean,
    onEpisode: (done: number) => void = () => {},
  ): Promise<readonly EyeFrames[] | null> {
    return this.share(orders, stopped, onEpisode, async (player, order) => {
      const message = await player.ask({ kind: 'pictures', order });
      if (message.kind !== 'pictured') throw new Error(`a player answered ${message.kind} to pictures`);
      return message.frames;
    });
  }

  private async share<Order, Result>(
    orders: readonly Order[],
    stopped: () => boolean,
    onEpisode: (done: number) => void,
    give: (player: Player, order: Order) => Promise<Result>,
  ): Promise<readonly Result[] | null> {
    const results = new Array<Result>(orders.length);
    let next = 0;
    let done = 0;
    const feed = async (player: Player): Promise<void> => {
      while (next < orders.length && !stopped()) {
        const k = next++;
        results[k] = await give(player, orders[k]);
        onEpisode(++done);
      }
    };
    await Promise.all(this.players.map(feed));
    return done === orders.length ? results : null;
  }

  async close(): Promise<void> {
    await Promise.all(this.players.map((player) => player.close()));
  }
}

class PlayerThread implements Player {
  private readonly thread: Worker;

  constructor(program: URL | string, setup: PlayerSetup) {
    this.thread = new Worker(program, { workerData: setup });
  }

  ask(order: PlayerOrder): Promise<PlayerAnswer> {
    const answered = this.answer();
    this.thread.postMessage(order);
    return answered;
  }

  async close(): Promise<void> {
    await this.thread.terminate();
  }

  /** What it says next; rejects if it fails or ends instead. */
  answer(): Promise<PlayerAnswer> {
    const { thread } = this;
    return new Promise((resolve, reject) => {
      const onMessage = (message: FromPlayer) => {
        leave();
        if (message.kind !== 'failed') resolve(message);
        else reject(message.input ? InputError.restore(message.message) : new Error(message.message));
      };
      const onError = (error: Error) => {
        leave();
        reject(error);
      };
      const onExit = (code: number) => onError(new Error(`a player ended with code ${code}`));
      const leave = () => {
        thread.off('message', onMessage);
        thread.off('error', onError);
        thread.off('exit', onExit);
      };
      thread.on('message', onMessage);
      thread.on('error', onError);
      thread.on('exit', onExit);
    });
  }
}
