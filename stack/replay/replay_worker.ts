import { parentPort, workerData } from 'node:worker_threads';
import { replayEpisode } from './replay_episode.ts';
import type { FromReplayWorker, ReplayWorkerSetup, ToReplayWorker } from './replay_messages.ts';
import { Runners } from './runners.ts';

/** Body of a worker: replays the recordings it is given, one after the other. */
function main(setup: ReplayWorkerSetup): void {
  const port = parentPort;
  if (port === null) throw new Error('replay_worker.ts runs in a worker thread only');
  const stop = new Int32Array(setup.stop);
  const send = (message: FromReplayWorker) => port.postMessage(message);
  const runners = new Runners();
  const duties = {
    runnerFor: (options: Parameters<Runners['runnerFor']>[0]) => runners.runnerFor(options),
    stopped: () => Atomics.load(stop, 0) !== 0,
    now_s: () => performance.now() / 1000,
  };
  port.on('message', async (message: ToReplayWorker) => {
    try {
      if (message.kind === 'replay') {
        send({ kind: 'replayed', replay: await replayEpisode(message.source, duties) });
        return;
      }
      await runners.close();
      port.close();
    } catch (error) {
      send({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  send({ kind: 'ready' });
}

main(workerData as ReplayWorkerSetup);
