import type { TrainingEvents } from '../stack/index.ts';
import { say } from './common.ts';
import { untilInterrupted } from './interrupt.ts';
import { type Bar, createBar } from './progress.ts';

/**
 * Runs what takes minutes, with a bar, until it is done or Ctrl-C.
 *
 * @param left  what is said where it was interrupted; the exit code is 130 then
 * @returns null then
 */
export async function withBar<T>(
  work: (bar: Bar, signal: AbortSignal) => Promise<T | null>,
  left = 'interrupted: go on with --resume',
): Promise<T | null> {
  const bar = createBar('');
  const done = await untilInterrupted((signal) => work(bar, signal)).finally(() => bar.stop());
  if (done === null) {
    say(left);
    process.exitCode = 130;
  }
  return done;
}

/** Shows how far a training is in what it does at the moment: pictures, the eye, episodes, or steps. */
export function trainingProgress(bar: Bar): TrainingEvents {
  return {
    onPictures: (done, of) => bar.update(done, of, 'episodes pictured'),
    onEye: (step, of, loss) => bar.update(step, of, `eye: loss ${loss.toFixed(3)}`),
    onPlayed: ({ name, orders }, done) => bar.update(done, orders.length, `${name}: episodes`),
    onLoss: ({ name, steps }, { step, training, held_out }) =>
      bar.update(step, steps, `${name}: loss ${training.toFixed(4)}, held out ${held_out.toFixed(4)}`),
  };
}
