import { workerData } from 'node:worker_threads';
import { Deadlines } from './deadlines.ts';
import { BEATS, HEARTBEAT_PERIOD_S, type HeartbeatSetup, HeartbeatWriter } from './heartbeat.ts';
import { MACHINE_CLOCK } from './monotonic_clock.ts';
import { REALTIME, tryRealtime } from './realtime.ts';
import { Sleeper } from './sleeper.ts';

/** Body of the thread that beats: it does nothing else, and never returns to its event loop. */
function main({ channel, beats }: HeartbeatSetup): void {
  tryRealtime(REALTIME.heartbeat);
  const shared = new Int32Array(beats);
  const writer = new HeartbeatWriter(channel);
  const sleeper = new Sleeper(MACHINE_CLOCK);
  const deadlines = new Deadlines(HEARTBEAT_PERIOD_S);
  deadlines.start(MACHINE_CLOCK.now_s());
  for (let runs = true; runs; ) {
    runs = Atomics.load(shared, BEATS.end) === 0;
    writer.beat(Atomics.load(shared, BEATS.main), runs);
    if (runs) deadlines.begin(sleeper.until(deadlines.next_s));
  }
}

main(workerData as HeartbeatSetup);
