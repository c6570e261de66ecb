import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { type BusHost, InputError, messagePort } from '../contracts/index.ts';
import type { LogLine } from './log_line.ts';
import type { Request } from './messages.ts';
import { type ThreadOrder, type ThreadSetup, threadWord } from './node_thread_messages.ts';
import type { MortalNode } from './revived_node.ts';

export interface ThreadedNodeOptions {
  readonly setup: ThreadSetup;
  readonly host: BusHost;
  readonly onLine: (line: LogLine) => void;
  readonly onReport: (fields: object) => void;
  /** Something went wrong in the thread, which goes on. */
  readonly onError: (error: unknown, where: string) => void;
  /** The thread has ended without being told to; what it served is gone from the bus. */
  readonly onLost: (error: Error) => void;
  /** The compiled node_thread.js. */
  readonly script?: string;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A node of a cell that lives in a thread of its own, so that what it reckons never delays the loop. */
export class ThreadedNode implements MortalNode {
  readonly name: string;
  private readonly options: ThreadedNodeOptions;
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly loaded: Promise<void>;
  private readonly ended: Promise<void>;
  private last: Promise<void> = Promise.resolve();
  private orders = 0;
  private ending = false;
  private fault = '';

  /** The thread starts at once, and its node is built there. */
  constructor(options: ThreadedNodeOptions) {
    const { setup, host, script = fileURLToPath(new URL('./node_thread.js', import.meta.url)) } = options;
    this.name = setup.node;
    this.options = options;
    const { port1, port2 } = new MessageChannel();
    this.worker = new Worker(script, { workerData: { setup, bus: port2 }, transferList: [port2] });
    host.attach(messagePort(port1), true);
    this.loaded = new Promise((resolve, reject) => this.waiting.set(0, { resolve, reject }));
    this.worker.on('message', (message) => this.hear(message));
    this.worker.on('error', (error) => {
      this.fault = error.message;
    });
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.end(this.fault === '' ? `its thread ended with code ${code}` : this.fault);
        resolve();
      });
    });
    // Whoever configures the node is told; nobody may.
    this.loaded.catch(() => {});
  }

  async configure(): Promise<void> {
    await this.loaded;
    await this.order('configure');
  }

  /** The node is active once `changed` resolves. */
  activate(): void {
    this.change('activate');
  }

  deactivate(): void {
    this.change('deactivate');
  }

  /** Resolves once the thread has done what it was last asked to; rejects where it could not. */
  changed(): Promise<void> {
    return this.last;
  }

  /** The node's cleanup, and the thread's end. */
  async cleanup(): Promise<void> {
    try {
      if (!this.gone) await this.order('cleanup');
    } finally {
      this.ending = true;
      await this.worker.terminate();
      await this.ended;
    }
  }

  /** Says something to a node that listens. */
  tell(fields: object): void {
    this.send({ kind: 'tell', fields: { ...fields } });
  }

  /** Ends the thread at once, as a fault would. */
  async kill(): Promise<void> {
    await this.worker.terminate();
    await this.ended;
  }

  private get gone(): boolean {
    return this.fault !== '';
  }

  private change(request: Request): void {
    this.last = this.gone ? Promise.resolve() : this.order(request);
    this.last.catch(() => {});
  }

  private order(request: Request): Promise<void> {
    if (this.gone) return Promise.reject(this.lost());
    const id = ++this.orders;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ kind: 'change', id, request });
    });
  }

  private send(order: ThreadOrder): void {
    this.worker.postMessage(order);
  }

  private hear(message: unknown): void {
    const word = threadWord.parse(message);
    switch (word.kind) {
      case 'loaded':
        this.answer(0, null);
        return;
      case 'answer':
        this.answer(word.id, word.fault === null ? null : errorOf(word.fault));
        return;
      case 'line':
        this.options.onLine(word.line);
        return;
      case 'report':
        this.options.onReport(word.fields);
        return;
      case 'error':
        this.options.onError(errorOf(word), word.where);
        return;
    }
  }

  private answer(id: number, error: Error | null): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === null) waiting?.resolve();
    else waiting?.reject(error);
  }

  private end(why: string): void {
    this.fault = why;
    for (const id of [...this.waiting.keys()]) this.answer(id, this.lost());
    if (!this.ending) this.options.onLost(this.lost());
  }

  private lost(): Error {
    return new Error(`${this.name} is gone: ${this.fault}`);
  }
}

function errorOf({ message, input }: { readonly message: string; readonly input: boolean }): Error {
  return input ? InputError.restore(message) : new Error(message);
}
