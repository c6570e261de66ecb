import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { InputError } from '../../contracts/index.ts';
import { type ReplayAnswer, ReplayDesk, type ReplayQuestion } from './replay_desk.ts';

/** Handed to the thread. */
export interface ReplaySetup {
  readonly root: string;
}
export interface ToReplays {
  readonly id: number;
  readonly question: ReplayQuestion;
}
export type FromReplays =
  | { readonly id: number; readonly answer: ReplayAnswer }
  | { readonly id: number; readonly failure: string; readonly input: boolean };

interface Waiting {
  readonly resolve: (answer: ReplayAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Questions that may wait: each is small, but what they ask for is not. */
const MOST_WAITING = 16;
/** Of the thread: a recording's pictures and rows, and what reading it takes. */
const HEAP_MB = 512;

/** Who answers questions about recorded runs. */
export interface Replays {
  ask(question: ReplayQuestion): Promise<ReplayAnswer>;
  close(): Promise<void>;
}

/** Recorded runs, read in a thread of their own so that nobody waits for a file. @param root  folder of the runs */
export function openReplays(root: string): Replays {
  const program = fileURLToPath(new URL('./replay_worker.js', import.meta.url));
  // Sources that were not compiled have no program that a thread could run.
  if (existsSync(program)) return new ReplayThread(program, root);
  const desk = new ReplayDesk(root);
  return { ask: (question) => desk.answer(question), close: async () => {} };
}

class ReplayThread implements Replays {
  private readonly program: string;
  private readonly root: string;
  private readonly waiting = new Map<number, Waiting>();
  private worker: Worker | null = null;
  private asked = 0;

  constructor(program: string, root: string) {
    this.program = program;
    this.root = root;
  }

  async ask(question: ReplayQuestion): Promise<ReplayAnswer> {
    if (this.waiting.size >= MOST_WAITING)
      throw new InputError('recorded runs', `at most ${MOST_WAITING} questions at once; ask again`);
    const id = ++this.asked;
    const worker = this.started();
    return new Promise<ReplayAnswer>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      worker.postMessage({ id, question } satisfies ToReplays);
    });
  }

  async close(): Promise<void> {
    const { worker } = this;
    this.worker = null;
    await worker?.terminate();
  }

  /** The thread; it begins with the first question, and again where it has ended. */
  private started(): Worker {
    if (this.worker !== null) return this.worker;
    const setup: ReplaySetup = { root: this.root };
    const limits = { maxOldGenerationSizeMb: HEAP_MB };
    const worker = new Worker(this.program, { workerData: setup, resourceLimits: limits });
    this.worker = worker;
    worker.unref();
    worker.on('message', (message: FromReplays) => this.hear(message));
    worker.on('error', (error: Error) => this.end(worker, error));
    worker.on('exit', (code) => this.end(worker, new Error(`reading recordings ended with code ${code}`)));
    return worker;
  }

  private hear(message: FromReplays): void {
    const waiting = this.waiting.get(message.id);
    if (waiting === undefined) return;
    this.waiting.delete(message.id);
    if ('answer' in message) waiting.resolve(message.answer);
    else waiting.reject(message.input ? InputError.restore(message.failure) : new Error(message.failure));
  }

  private end(worker: Worker, error: Error): void {
    if (this.worker === worker) this.worker = null;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
