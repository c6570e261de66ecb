import { say } from './common.ts';

/** Runs `work` with a signal that Ctrl-C (or SIGTERM) aborts; a second Ctrl-C ends the process at once. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    say('interrupted: ending what is under way and keeping what was done (again to quit at once)');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** As untilInterrupted, for what has processes to bring down: the second Ctrl-C asks to hurry, the third ends at once. */
export async function untilStopped<T>(work: (stop: AbortSignal, hurry: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const hurry = new AbortController();
  const onSignal = () => {
    if (hurry.signal.aborted) process.exit(130);
    if (stop.signal.aborted) hurry.abort();
    else say('interrupted: stopping the arm, then ending the nodes (again to hurry)');
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  try {
    return await work(stop.signal, hurry.signal);
  } finally {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, onSignal);
  }
}
