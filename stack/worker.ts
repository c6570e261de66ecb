import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../contracts/index.ts';
import { type EpisodeHooks, EpisodeRunner } from './episode.ts';
import { QuestionFolder } from './escalation/question_folder.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './worker_messages.ts';

/** Body of an episode worker: runs the episodes it is given, one after the other. */
async function main(setup: WorkerSetup): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('worker.ts runs in a worker thread only');
  const stop = new Int32Array(setup.stop);
  const send = (message: FromWorker, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, [...transfer]);
  try {
    const { ask } = setup;
    const runner = await EpisodeRunner.create(setup.episode, setup.log_level, {}, setup.calibration);
    const { model_sha256, degraded_reason, policy_hz } = runner;
    send({ kind: 'ready', model_sha256, degraded_reason, policy_hz });
    port.on('message', async (message: ToWorker) => {
      if (message.kind === 'end') {
        await runner.close();
        port.close();
        return;
      }
      try {
        const world = setup.worlds.find(({ index }) => index === message.episode);
        const hooks: EpisodeHooks = {
          pace: setup.pace,
          recording: setup.recording,
          trace_file: setup.trace_file,
          stopped: () => Atomics.load(stop, 0) !== 0,
          ...(ask === null ? {} : { company: [new QuestionFolder(ask.folder)], answer_within_s: ask.answer_within_s }),
          onStage: (stage) => send({ kind: 'stage', episode: message.episode, stage }),
        };
        const playing = world === undefined ? runner.run(message.episode, hooks) : runner.replay(world, hooks);
        const { result, trace, recorded } = await playing;
        send({ kind: 'episode', result, trace, recorded }, [trace.steps.buffer]);
      } catch (error) {
        send(failure(error));
      }
    });
  } catch (error) {
    send(failure(error));
  }
}

function failure(error: unknown): FromWorker {
  const input = error instanceof InputError;
  const message = error instanceof Error ? (input ? error.message : (error.stack ?? error.message)) : String(error);
  return { kind: 'failed', input, message };
}

await main(workerData as WorkerSetup);
