import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import type { FromPlayer, PlayerAnswer, PlayerOrder, PlayerSetup } from './thread_messages.ts';
import { TrainingPlayer } from './training_player.ts';

/** Body of a thread that plays episodes for a training, until it is ended. */
async function main(setup: PlayerSetup): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('player_worker.ts runs in a worker thread only');
  const send = (message: FromPlayer, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, [...transfer]);
  const player = await TrainingPlayer.open(setup);
  port.on('message', (order: PlayerOrder) => {
    player.ask(order).then(
      (answer) => send(answer, buffersOf(answer)),
      (error: unknown) => {
        const input = error instanceof InputError;
        const text = error instanceof Error ? (input ? error.message : (error.stack ?? error.message)) : String(error);
        send({ kind: 'failed', input, message: text });
      },
    );
  });
  send({ kind: 'ready' });
}

/** What goes over without being copied. */
function buffersOf(answer: PlayerAnswer): readonly ArrayBuffer[] {
  switch (answer.kind) {
    case 'ready':
      return [];
    case 'pictured': {
      const { rgb, heights, labels } = answer.frames;
      return [rgb, heights, labels].map(bufferOf);
    }
    case 'played': {
      const { observations, actions, followed } = answer.demonstration;
      return [observations, actions, followed].map(bufferOf);
    }
  }
}

function bufferOf({ buffer }: Float32Array | Uint8Array): ArrayBuffer {
  if (!(buffer instanceof ArrayBuffer)) throw new Error('demonstrations lie in memory of their own');
  return buffer;
}

void main(workerData);
