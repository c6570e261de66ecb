import type { MessagePort } from 'node:worker_threads';
import type { Port } from './port.ts';

/** An end of a MessageChannel between threads: structured clones of the messages. */
export function messagePort(port: MessagePort): Port {
  let closed = '';
  return {
    send: (message) => {
      if (closed === '') port.postMessage(message);
    },
    onMessage: (handler) => {
      port.on('message', (message: unknown) => {
        if (closed === '') handler(message);
      });
    },
    onClose: (handler) => {
      port.once('close', () => handler(closed === '' ? 'the other end has closed it' : closed));
    },
    close: (reason = 'it was closed') => {
      if (closed !== '') return;
      closed = reason;
      port.close();
    },
  };
}
