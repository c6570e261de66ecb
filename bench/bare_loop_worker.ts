import { workerData } from 'node:worker_threads';
import { Deadlines, LatenessHistogram, MACHINE_CLOCK, Sleeper } from '../runtime/index.ts';

/** What the empty loop is told. */
export interface BareLoopSetup {
  readonly hz: number;
  readonly seconds: number;
  readonly lateness: SharedArrayBuffer;
}

/** A thread that waits for the deadlines of the control thread and does nothing at them. */
function main({ hz, seconds, lateness }: BareLoopSetup): void {
  const histogram = new LatenessHistogram(lateness);
  const sleeper = new Sleeper(MACHINE_CLOCK);
  const deadlines = new Deadlines(1 / hz);
  deadlines.start(MACHINE_CLOCK.now_s());
  for (const end_s = deadlines.next_s + seconds; deadlines.next_s < end_s; ) {
    deadlines.begin(sleeper.until(deadlines.next_s));
    histogram.add(deadlines.lateness_s);
  }
}

main(workerData as BareLoopSetup);
