import { InputError } from '../../contracts/index.ts';

const LOOK_MS = 20;
/** The graph forgets a server that restarts for a moment. */
const GONE_MS = 1_000;

/** Resolves once there is a server; rejects with an InputError when there was none for `wait_ms`. */
export async function waitForServer(available: () => boolean, wait_ms: number, what: string): Promise<void> {
  const end_ms = performance.now() + wait_ms;
  while (!available()) {
    if (performance.now() >= end_ms) throw noServer(what);
    await sleep(LOOK_MS);
  }
}

/** Rejects once the server has been gone for a second; never resolves while it is there. Ends when `done`. */
export async function serverGone(available: () => boolean, done: () => boolean, what: string): Promise<never> {
  let seen_ms = performance.now();
  while (!done()) {
    if (available()) seen_ms = performance.now();
    else if (performance.now() - seen_ms > GONE_MS) break;
    await sleep(5 * LOOK_MS);
  }
  throw noServer(what);
}

const noServer = (what: string) => new InputError(what, 'has no server; start the node that serves it');
const sleep = (time_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, time_ms).unref());
