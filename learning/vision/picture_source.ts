import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { loadRobot } from '../../robots/index.ts';
import {
  PICTURE_BYTES,
  PICTURES_PER_WORLD,
  pictureAt,
  type TrainingPicture,
  WorldPainter,
} from './training_picture.ts';

const WORLD_BYTES = PICTURES_PER_WORLD * PICTURE_BYTES;
/** Worlds a piece of memory holds. */
const PIECE_WORLDS = 128;

export interface PictureOptions {
  readonly seed: number;
  readonly worlds: number;
  /** Name of the arm in the pictures. */
  readonly robot: string;
  /** Threads that draw; 0 draws here, when asked. What they draw is the same for any number. */
  readonly threads: number;
  /** Where the threads' program is; by default beside this file, as built. */
  readonly program?: string;
}

/** What a drawing thread shares with the others. */
export interface PictureWork {
  readonly seed: number;
  readonly worlds: number;
  readonly robot: string;
  readonly memory: readonly SharedArrayBuffer[];
  /** Int32: the next world to draw, then 1 for every world that is drawn. */
  readonly state: SharedArrayBuffer;
}

/** Draws worlds until none is left. */
export function drawWorlds({ seed, worlds, robot, memory, state }: PictureWork): void {
  const painter = new WorldPainter(loadRobot(robot));
  const flags = new Int32Array(state);
  for (let w = Atomics.add(flags, 0, 1); w < worlds; w = Atomics.add(flags, 0, 1)) {
    painter.draw(seed, w, memory[Math.floor(w / PIECE_WORLDS)], (w % PIECE_WORLDS) * WORLD_BYTES);
    Atomics.store(flags, 1 + w, 1);
    Atomics.notify(flags, 1 + w);
  }
}

/** The pictures of a training, drawn beside it by threads; they depend on the seed alone. */
export class PictureSource {
  readonly worlds: number;
  private readonly work: PictureWork;
  private readonly flags: Int32Array;
  private readonly workers: readonly Worker[];
  private readonly ready: TrainingPicture[] = [];
  private readonly painter: WorldPainter | null;
  private failure: Error | null = null;

  constructor({ seed, worlds, robot, threads, program }: PictureOptions) {
    this.worlds = worlds;
    const pieces = Math.ceil(worlds / PIECE_WORLDS);
    const memory = Array.from({ length: pieces }, (_, k) => {
      return new SharedArrayBuffer(Math.min(PIECE_WORLDS, worlds - k * PIECE_WORLDS) * WORLD_BYTES);
    });
    const state = new SharedArrayBuffer(4 * (worlds + 1));
    this.work = { seed, worlds, robot, memory, state };
    this.flags = new Int32Array(state);
    this.painter = threads === 0 ? new WorldPainter(loadRobot(robot)) : null;
    const file = program ?? fileURLToPath(new URL('./picture_worker.js', import.meta.url));
    this.workers = Array.from({ length: threads }, () => {
      const worker = new Worker(file, { workerData: this.work });
      worker.on('error', (error) => {
        this.failure = error instanceof Error ? error : new Error(String(error));
      });
      return worker;
    });
  }

  /** The pictures of the first `worlds` worlds, in their order; waits until they are drawn. */
  async first(worlds: number): Promise<readonly TrainingPicture[]> {
    const { work, ready, flags } = this;
    for (let w = ready.length / PICTURES_PER_WORLD; w < Math.min(worlds, this.worlds); w++) {
      const memory = work.memory[Math.floor(w / PIECE_WORLDS)];
      const offset = (w % PIECE_WORLDS) * WORLD_BYTES;
      this.painter?.draw(work.seed, w, memory, offset);
      while (this.painter === null && Atomics.load(flags, 1 + w) === 0) {
        if (this.failure !== null) throw new Error(`drawing pictures failed: ${this.failure.message}`);
        // So that a thread that ends with an error is heard of.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      for (let i = 0; i < PICTURES_PER_WORLD; i++) ready.push(pictureAt(memory, offset + i * PICTURE_BYTES));
    }
    return ready.slice(0, worlds * PICTURES_PER_WORLD);
  }

  /** SHA-256 over all pictures. */
  async hash(): Promise<string> {
    await this.first(this.worlds);
    const hash = createHash('sha256');
    for (const piece of this.work.memory) hash.update(new Uint8Array(piece));
    return hash.digest('hex');
  }

  async close(): Promise<void> {
    Atomics.store(this.flags, 0, this.worlds);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
