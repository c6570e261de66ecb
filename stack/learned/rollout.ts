import { Worker } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { fitTaskPolicy, type TaskPolicyModel } from '../policies/task_policy_file.ts';
import {
  NOTHING_KEPT,
  type RolloutEpisode,
  RolloutGroup,
  type RolloutKeeping,
  type RolloutOrder,
  type RolloutWorld,
} from './rollout_group.ts';
import { type FromRolloutWorker, type RolloutSetup, takeFrom } from './rollout_messages.ts';

const WORKER = new URL('./rollout_worker.js', import.meta.url);

export const NOMINAL_WORLD: RolloutWorld = {
  engine: 'cannon',
  randomize: 'none',
  objects: 'all',
  second_world: null,
};

export interface RolloutOptions {
  /** A policy from a file (`readTaskPolicy`) or from memory. */
  readonly model: TaskPolicyModel;
  readonly world?: RolloutWorld;
  readonly orders: readonly RolloutOrder[];
  /** Threads; 0 plays in this one. */
  readonly workers: number;
  /** Worlds side by side in each thread. */
  readonly worlds?: number;
  readonly keeping?: RolloutKeeping;
  /** The threads' program, beside this file as built, by default. */
  readonly program?: URL | string;
}

/** Orders of so many episodes under one seed. */
export function ordersOf(seed: number, episodes: number, first = 0): readonly RolloutOrder[] {
  return Array.from({ length: episodes }, (_, k) => ({ seed, episode: first + k }));
}

/**
 * Plays a policy for a task; results come in the order of `orders` and are the same for any number of threads and worlds.
 * On `signal` what has ended is given back, in order, without what has not.
 * @param onEpisode  after each, in whatever order they end
 * @throws InputError where the policy does not fit the robot, or its network is not what its manifest says
 */
export async function runRollouts(
  options: RolloutOptions,
  onEpisode: (episode: RolloutEpisode) => void = () => {},
  signal?: AbortSignal,
): Promise<readonly RolloutEpisode[]> {
  const { model, world = NOMINAL_WORLD, orders, workers, worlds = 4, keeping = NOTHING_KEPT } = options;
  if (!Number.isInteger(worlds) || worlds < 1) throw new InputError(`${worlds} worlds side by side`, 'at least 1');
  const robot = loadRobot('panda');
  fitTaskPolicy(model, robot);
  const shared = new SharedArrayBuffer(8);
  const setup: RolloutSetup = { model, world, keeping, orders, worlds, shared };
  const stop = () => Atomics.store(new Int32Array(shared), 1, 1);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  const results = new Map<string, RolloutEpisode>();
  const told = (episode: RolloutEpisode) => {
    results.set(keyOf(episode), episode);
    onEpisode(episode);
  };
  try {
    if (workers === 0) {
      const group = await RolloutGroup.open(model, robot, world, keeping);
      await group.play(takeFrom(setup), told, worlds);
      await group.close();
    } else {
      const threads = Array.from({ length: Math.min(workers, orders.length) }, () =>
        runThread(options.program ?? WORKER, setup, told),
      );
      await Promise.all(threads);
    }
  } catch (error) {
    stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return orders.flatMap((order) => results.get(keyOf(order)) ?? []);
}

function keyOf({ seed, episode }: RolloutOrder): string {
  return `${seed}/${episode}`;
}

function runThread(program: URL | string, setup: RolloutSetup, told: (episode: RolloutEpisode) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, { workerData: setup });
    worker.on('message', (message: FromRolloutWorker) => {
      if (message.kind === 'episode') told(message.episode);
      else reject(message.input ? InputError.restore(message.message) : new Error(message.message));
    });
    worker.on('error', reject);
    worker.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a rollout worker ended with code ${code}`)),
    );
  });
}
