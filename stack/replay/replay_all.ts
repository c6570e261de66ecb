import { Worker } from 'node:worker_threads';
import type { EpisodeReplay } from './replay_episode.ts';
import type { FromReplayWorker, ReplayWorkerSetup, ToReplayWorker } from './replay_messages.ts';
import type { ReplaySource } from './sources.ts';

export interface ReplayTally {
  /** In the order of the sources, whatever order they finished in. */
  readonly replays: readonly EpisodeReplay[];
  readonly same: number;
  readonly asked: number;
  readonly interrupted: boolean;
  readonly wall_seconds: number;
}

/**
 * Replays recordings in worker threads. On `signal` what is under way is broken off, and the tally is of what was done.
 * @param onReplay  after each, in the order they finish
 */
export async function replayAll(
  sources: readonly ReplaySource[],
  workers: number,
  onReplay: (replay: EpisodeReplay) => void = () => {},
  signal?: AbortSignal,
): Promise<ReplayTally> {
  const started = performance.now();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const onAbort = () => Atomics.store(stop, 0, 1);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  const found = new Map<string, EpisodeReplay>();
  let next = 0;
  const take = () => (next < sources.length && Atomics.load(stop, 0) === 0 ? sources[next++] : null);
  const receive = (replay: EpisodeReplay) => {
    found.set(replay.file, replay);
    onReplay(replay);
  };
  try {
    const count = Math.min(workers, sources.length);
    await Promise.all(Array.from({ length: count }, () => runWorker({ stop: stop.buffer }, take, receive)));
  } finally {
    onAbort();
    signal?.removeEventListener('abort', onAbort);
  }
  const replays = sources.map(({ file }) => found.get(file)).filter((replay) => replay !== undefined);
  return {
    replays,
    same: replays.filter(({ result }) => result === 'same').length,
    asked: sources.length,
    interrupted: signal?.aborted ?? false,
    wall_seconds: (performance.now() - started) / 1000,
  };
}

function runWorker(
  setup: ReplayWorkerSetup,
  take: () => ReplaySource | null,
  receive: (replay: EpisodeReplay) => void,
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
      if (message.kind === 'replayed' && message.replay !== null) receive(message.replay);
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
