import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import type { DatasetEpisode } from '../dataset/schema.ts';
import { type EpisodeTable, readTable, type TableOptions } from './episode_table.ts';

/** What a worker is asked for. */
export interface TableJob {
  readonly path: string;
  readonly episode: DatasetEpisode;
  readonly options: TableOptions;
}
/** What it answers. */
export type TableAnswer =
  | { readonly kind: 'table'; readonly table: EpisodeTable }
  | { readonly kind: 'failed'; readonly message: string; readonly input: boolean };

/** Reads episodes as tables. */
export interface TableReader {
  read(job: TableJob): Promise<EpisodeTable>;
  close(): Promise<void>;
}

/** Readers in threads of their own where there are to be several; the tables do not depend on their number. */
export function createTableReader(threads: number): TableReader {
  const program = fileURLToPath(new URL('./table_worker.js', import.meta.url));
  // Sources that were not compiled have no program that a thread could run.
  if (threads > 1 && existsSync(program)) return new ThreadedReader(program, threads);
  return { read: ({ path, episode, options }) => readTable(path, episode, options), close: async () => {} };
}

class ThreadedReader implements TableReader {
  private readonly idle: Worker[];
  private readonly all: readonly Worker[];
  private readonly waiting: ((worker: Worker) => void)[] = [];

  constructor(program: string, threads: number) {
    this.all = Array.from({ length: threads }, () => new Worker(program));
    this.idle = [...this.all];
  }

  async read(job: TableJob): Promise<EpisodeTable> {
    const worker = this.idle.pop() ?? (await new Promise<Worker>((resolve) => this.waiting.push(resolve)));
    try {
      const answer = await asked(worker, job);
      if (answer.kind === 'table') return answer.table;
      throw answer.input ? InputError.restore(answer.message) : new Error(answer.message);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.idle.push(worker);
      else next(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((worker) => worker.terminate()));
  }
}

function asked(worker: Worker, job: TableJob): Promise<TableAnswer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number) => reject(new Error(`a reader of episodes ended with code ${code}`));
    const done = () => {
      worker.off('error', failed);
      worker.off('exit', ended);
    };
    const failed = (error: unknown) => {
      done();
      reject(error);
    };
    worker.once('message', (answer: TableAnswer) => {
      done();
      resolve(answer);
    });
    worker.once('error', failed);
    worker.once('exit', ended);
    worker.postMessage(job);
  });
}
