import { Worker } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import type { Demonstration, EyeFrames } from '../../learning/index.ts';
import type { EpisodeOrder, FromPlayer, PictureOrder, PlayerSetup, ToPlayer } from './thread_messages.ts';
import type { TrainedPolicy } from './trained_policy.ts';

const WORKER = new URL('./player_worker.js', import.meta.url);

/** Threads that play episodes side by side. What they give back is in the order it was asked for, whatever their number. */
export class Players {
  private readonly threads: readonly Worker[];

  private constructor(threads: readonly Worker[]) {
    this.threads = threads;
  }

  /** @param program  of the threads; beside this file, as built, by default */
  static async start(setup: PlayerSetup, count: number, program: URL | string = WORKER): Promise<Players> {
    const threads = Array.from({ length: count }, () => new Worker(program, { workerData: setup }));
    const players = new Players(threads);
    try {
      await Promise.all(threads.map((thread) => answer(thread)));
    } catch (error) {
      await players.close();
      throw error;
    }
    return players;
  }

  /** What drives from now on where a policy is to. */
  async use(policy: TrainedPolicy): Promise<void> {
    await Promise.all(this.threads.map((thread) => ask(thread, { kind: 'policy', policy })));
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
    return this.share(orders, stopped, onEpisode, async (thread, order) => {
      const message = await ask(thread, { kind: 'play', order });
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
    return this.share(orders, stopped, onEpisode, async (thread, order) => {
      const message = await ask(thread, { kind: 'pictures', order });
      if (message.kind !== 'pictured') throw new Error(`a player answered ${message.kind} to pictures`);
      return message.frames;
    });
  }

  private async share<Order, Result>(
    orders: readonly Order[],
    stopped: () => boolean,
    onEpisode: (done: number) => void,
    give: (thread: Worker, order: Order) => Promise<Result>,
  ): Promise<readonly Result[] | null> {
    const results = new Array<Result>(orders.length);
    let next = 0;
    let done = 0;
    const feed = async (thread: Worker): Promise<void> => {
      while (next < orders.length && !stopped()) {
        const k = next++;
        results[k] = await give(thread, orders[k]);
        onEpisode(++done);
      }
    };
    await Promise.all(this.threads.map(feed));
    return done === orders.length ? results : null;
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }
}

function ask(thread: Worker, message: ToPlayer): Promise<FromPlayer> {
  const answered = answer(thread);
  thread.postMessage(message);
  return answered;
}

/** The next message of a thread; rejects if it fails or ends instead. */
function answer(thread: Worker): Promise<FromPlayer> {
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
