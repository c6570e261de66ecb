import { Worker } from 'node:worker_threads';
import type { OpenLoopEngine } from './open_loop_episode.ts';
import type { FromReplayWorker, ReplayWorkerSetup, ToReplayWorker } from './replay_messages.ts';
import type { ReplaySource } from './sources.ts';

/**
 * Gives recordings to worker threads, one at a time each, until there are no more or `signal` breaks it off.
 * @param receive  what each came to, in the order they finish
 * @returns seconds it took
 */
export async function runReplayPool(
  sources: readonly ReplaySource[],
  { workers, open_loop }: { readonly workers: number; readonly open_loop: OpenLoopEngine | null },
  receive: (message: FromReplayWorker) => void,
  signal?: AbortSignal,
): Promise<number> {
  const started = performance.now();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const onAbort = () => Atomics.store(stop, 0, 1);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  let next = 0;
  const take = () => (next < sources.length && Atomics.load(stop, 0) === 0 ? sources[next++] : null);
  try {
    const count = Math.min(workers, sources.length);
    await Promise.all(Array.from({ length: count }, () => runWorker({ stop: stop.buffer, open_loop }, take, receive)));
  } finally {
    onAbort();
    signal?.removeEventListener('abort', onAbort);
  }
  return (performance.now() - started) / 1000;
}

function runWorker(
  setup: ReplayWorkerSetup,
  take: () => ReplaySource | null,
  receive: (message: FromReplayWorker) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./replay_worker.js', import.meta.url), { workerData: setup });
    const post = (message: ToReplayWorker) => worker.postMessage(message);
    worker.on('message', (message: FromReplayWorker) => {
      if (message.kind === 'failed') {
        reject(new Error(message.message));
        void worker.terminate();
        return;
      }
      receive(message);
      const source = take();
      post(source === null ? { kind: 'end' } : { kind: 'replay', source });
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a replay worker ended with code ${code}`));
    });
  });
}
