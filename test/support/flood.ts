import { parentPort, workerData } from 'node:worker_threads';
import { type Channel, ChannelWriter } from '../../runtime/channel.ts';
import { MailboxWriter } from '../../runtime/mailbox.ts';

/** Where to write and how; see the tests that start this as a thread. */
export interface FloodSetup {
  /** Not 0 once it is to end. */
  readonly stop: SharedArrayBuffer;
  readonly mailbox: { readonly buffer: SharedArrayBuffer; readonly bytes: number } | null;
  readonly channel: Channel | null;
  /** Doubles that are written without any protection. */
  readonly bare: SharedArrayBuffer | null;
}

/** Writes messages as fast as it can; the values of each are all the message's number. */
function main({ stop, mailbox, channel, bare }: FloodSetup): void {
  const ended = new Int32Array(stop);
  const box = mailbox === null ? null : new MailboxWriter(mailbox.buffer, mailbox.bytes);
  const writer = channel === null ? null : new ChannelWriter(channel);
  const plain = bare === null ? null : new Float64Array(bare);
  parentPort?.postMessage('ready');
  for (let number = 1; Atomics.load(ended, 0) === 0; number++) {
    if (box !== null) {
      box.slot.f64.fill(number);
      box.send();
    }
    if (writer !== null) {
      writer.payload.fill(number);
      writer.send();
    }
    plain?.fill(number);
  }
}

main(workerData as FloodSetup);
