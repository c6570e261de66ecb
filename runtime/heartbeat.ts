import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Channel, ChannelReader, ChannelWriter } from './channel.ts';

/** Doubles of a heartbeat: this process's number, beats of its thread, beats of its main thread, 0 once it ends by itself. */
export const HEARTBEAT_VALUES = 4;
export const HEARTBEAT_PERIOD_S = 0.01;
const MAIN_PERIOD_MS = 20;
const [PROCESS, ALIVE, MAIN, RUNS] = [0, 1, 2, 3];
/** Cells shared with the thread that writes: beats of the main thread, 1 to end. */
export const BEATS = { main: 0, end: 1, count: 2 };

/** Handed to the thread that beats. */
export interface HeartbeatSetup {
  readonly channel: Channel;
  readonly beats: SharedArrayBuffer;
}

/**
 * A process tells its supervisor that it lives: a thread of its own writes every 10 ms whatever the main thread does, and
 * says with it how far the main thread's own beat has come.
 */
export class Heartbeat {
  private readonly beats: Int32Array;
  private readonly worker: Worker;
  private readonly timer: NodeJS.Timeout;

  constructor(channel: Channel) {
    const shared = new SharedArrayBuffer(4 * BEATS.count);
    this.beats = new Int32Array(shared);
    const setup: HeartbeatSetup = { channel, beats: shared };
    this.worker = new Worker(fileURLToPath(new URL('./heartbeat_worker.js', import.meta.url)), { workerData: setup });
    this.worker.unref();
    this.timer = setInterval(() => Atomics.add(this.beats, BEATS.main, 1), MAIN_PERIOD_MS);
    this.timer.unref();
  }

  /** Says that this process ends, and beats no more. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    const ended = new Promise((resolve) => this.worker.once('exit', resolve));
    Atomics.store(this.beats, BEATS.end, 1);
    Atomics.notify(this.beats, BEATS.end);
    await ended;
  }
}

/** The thread's side: one record a beat. */
export class HeartbeatWriter {
  private readonly writer: ChannelWriter;
  private alive = 0;

  constructor(channel: Channel) {
    this.writer = new ChannelWriter(channel);
    this.writer.payload.fill(0);
    this.writer.payload[PROCESS] = randomInt(1, 2 ** 47);
  }

  beat(main: number, runs: boolean): void {
    const { payload } = this.writer;
    payload[ALIVE] = ++this.alive;
    payload[MAIN] = main;
    payload[RUNS] = runs ? 1 : 0;
    this.writer.send();
  }
}

/** What is heard of one process. */
export class HeartbeatReader {
  /** Whether it was ever heard, and whether it has said that it ends. */
  started = false;
  ended = false;
  /** Processes that took the place of one before. */
  restarts = 0;
  /** For how long neither its thread nor its main thread were heard of, s. */
  silent_s = 0;
  busy_s = 0;
  private readonly reader: ChannelReader;
  private readonly seen = new Float64Array(HEARTBEAT_VALUES);

  constructor(channel: Channel) {
    this.reader = new ChannelReader(channel);
  }

  /** After `elapsed_s` of the reader's own time. */
  step(elapsed_s: number): void {
    this.silent_s += elapsed_s;
    this.busy_s += elapsed_s;
    if (!this.reader.poll()) return;
    const { seen } = this;
    const { payload } = this.reader;
    const other = payload[PROCESS] !== seen[PROCESS];
    if (other && this.started) this.restarts++;
    if (other || payload[ALIVE] !== seen[ALIVE]) this.silent_s = 0;
    if (other || payload[MAIN] !== seen[MAIN]) this.busy_s = 0;
    this.started = true;
    this.ended = payload[RUNS] !== 1;
    seen.set(payload);
  }
}
