import { getPriority, platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import { type ReplayAnswer, ReplayDesk } from './replay_desk.ts';
import type { FromReplays, ReplaySetup, ToReplays } from './replay_thread.ts';

/** Reading can wait for whoever steers a robot: on Linux niceness is the thread's own. */
const NICENESS = 10;

/** Body of the thread that reads recorded runs; answers questions one after the other. */
function main({ root }: ReplaySetup): void {
  const port = parentPort;
  if (port === null) throw new Error('replay_worker.ts runs in a worker thread only');
  if (platform() === 'linux' && getPriority() < NICENESS) setPriority(0, NICENESS);
  const desk = new ReplayDesk(root);
  let last = Promise.resolve();
  const take = async ({ id, question }: ToReplays): Promise<void> => {
    try {
      const answer = await desk.answer(question);
      port.postMessage({ id, answer } satisfies FromReplays, buffersOf(answer));
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      port.postMessage({ id, failure, input: error instanceof InputError } satisfies FromReplays);
    }
  };
  port.on('message', (message: ToReplays) => {
    last = last.then(() => take(message));
  });
}

/** Text is handed over; pictures stay. */
function buffersOf(answer: ReplayAnswer): ArrayBuffer[] {
  if (answer.kind !== 'text') return [];
  return answer.pieces.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}

main(workerData as ReplaySetup);
