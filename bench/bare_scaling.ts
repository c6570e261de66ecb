import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const ROUNDS = 200_000_000;
const TRIES = 3;

/** How much more two threads of bare arithmetic do than one, 2 where cores share nothing; the best of a few tries. */
export async function bareScaling(): Promise<number> {
  const workers = [0, 1].map(() => new Worker(new URL('./busy_worker.js', import.meta.url)));
  const time = async (used: readonly Worker[]) => {
    const started = performance.now();
    const done = used.map((worker) => once(worker, 'message'));
    for (const worker of used) worker.postMessage(ROUNDS);
    await Promise.all(done);
    return performance.now() - started;
  };
  try {
    await time(workers);
    let best = 0;
    for (let i = 0; i < TRIES; i++) best = Math.max(best, (2 * (await time([workers[0]]))) / (await time(workers)));
    return best;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
