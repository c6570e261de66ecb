import { parentPort, workerData } from 'node:worker_threads';
import { loadRobot } from '../../robots/index.ts';
import { openLoopEpisode } from './open_loop_episode.ts';
import { type ReplayDuties, replayEpisode } from './replay_episode.ts';
import type { FromReplayWorker, ReplayWorkerSetup, ToReplayWorker } from './replay_messages.ts';
import { Runners } from './runners.ts';
import type { ReplaySource } from './sources.ts';

/** Body of a worker: replays the recordings it is given, one after the other. */
function main({ stop: memory, open_loop }: ReplayWorkerSetup): void {
  const port = parentPort;
  if (port === null) throw new Error('replay_worker.ts runs in a worker thread only');
  const stop = new Int32Array(memory);
  const send = (message: FromReplayWorker) => port.postMessage(message);
  const runners = new Runners();
  const robot = loadRobot('panda');
  const duties: ReplayDuties = {
    runnerFor: (options, calibration) => runners.runnerFor(options, calibration),
    stopped: () => Atomics.load(stop, 0) !== 0,
    now_s: () => performance.now() / 1000,
  };
  const replay = async (source: ReplaySource): Promise<FromReplayWorker> => {
    if (open_loop === null) {
      const replayed = await replayEpisode(source, duties);
      return replayed === null ? { kind: 'broken_off' } : { kind: 'replayed', replay: replayed };
    }
    const driven = await openLoopEpisode(source, open_loop, robot, duties);
    return driven === null ? { kind: 'broken_off' } : { kind: 'driven', driven };
  };
  port.on('message', async (message: ToReplayWorker) => {
    try {
      if (message.kind === 'replay') {
        send(await replay(message.source));
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
