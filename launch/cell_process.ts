import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { InputError } from '../contracts/index.ts';
import { type CellProcessSetup, type CellWord, cellWord } from './cell_process_messages.ts';
import { type LogLine, parseLogLine } from './log_line.ts';
import { atNiceness, NICENESS } from './priority.ts';

export interface CellProcessEvents {
  readonly onState?: (node: string, state: string) => void;
  readonly onLine?: (line: LogLine) => void;
  readonly onReport?: (node: string, fields: object) => void;
  /** Something went wrong in a node; the cell goes on. */
  readonly onError?: (where: string, message: string) => void;
}

export interface CellProcessOptions extends CellProcessEvents {
  readonly setup: CellProcessSetup;
  /** The compiled cell_process_program.js. */
  readonly script?: string;
}

const END_WAIT_MS = 8000;
const NAME = 'cell';
/** Pictures count as its heap's: without room from the start its collector stops the loop twice a second to mark it all (MB). */
const HEAP = '--initial-old-space-size=512';

/**
 * A simulated cell that runs a graph in a process of its own, its bus at a Unix socket. It ends when it is told to, and
 * when this process has gone: its arm is stopped first.
 */
export class CellProcess {
  readonly pid: number;
  /** Resolves when it has ended, with how. */
  readonly ended: Promise<string>;
  private readonly process: ChildProcess;
  private readonly events: CellProcessEvents;
  private readonly ready: Promise<void>;
  private word: (CellWord & { kind: 'ready' }) | null = null;
  private refusal = '';
  private stopping = false;

  private constructor({ setup, script, ...events }: CellProcessOptions) {
    this.events = events;
    const program = script ?? fileURLToPath(new URL('./cell_process_program.js', import.meta.url));
    // A group of its own: the interrupt key is the parent's matter. Before other work, where the system allows that.
    const child = atNiceness(NICENESS.realtime, () =>
      spawn(process.execPath, [HEAP, program, JSON.stringify(setup)], {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      }),
    );
    this.process = child;
    this.pid = child.pid ?? -1;
    for (const [stream, on_error] of [[child.stdout, false] as const, [child.stderr, true] as const]) {
      if (stream === null) continue;
      const line = (text: string) => events.onLine?.(parseLogLine(text, NAME, Date.now(), on_error));
      createInterface({ input: stream }).on('line', line);
    }
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
      );
    });
    this.ready = new Promise((resolve, reject) => {
      child.on('message', (message) => {
        this.hear(cellWord.parse(message));
        if (this.word !== null) resolve();
      });
      void this.ended.then((how) =>
        reject(this.refusal === '' ? new Error(`the cell ${how} before it was up`) : InputError.restore(this.refusal)),
      );
    });
  }

  /** Resolves once the cell is up. Throws InputError for what it refuses, Error when it ends before. */
  static async start(options: CellProcessOptions): Promise<CellProcess> {
    const cell = new CellProcess(options);
    await cell.ready;
    return cell;
  }

  /** Path of the socket that its bus is at. */
  get socket(): string {
    return this.said.socket;
  }

  /** As its graph names it. */
  get robot(): string {
    return this.said.robot;
  }

  get namespace(): string {
    return this.said.namespace;
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Told how it has ended, unless it was told to. */
  onExit(handler: (reason: string) => void): void {
    void this.ended.then((how) => {
      if (!this.stopping) handler(`the cell ${how}`);
    });
  }

  /** Stops the arm and ends the cell; resolves when it has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (this.running) this.process.kill(signal);
      if (await Promise.race([this.ended.then(() => true), sleep(END_WAIT_MS, false, { ref: false })])) return;
    }
  }

  /** Ends it at once, as a fault would. */
  kill(): void {
    this.process.kill('SIGKILL');
  }

  private get said(): CellWord & { kind: 'ready' } {
    if (this.word === null) throw new Error('the cell is not up');
    return this.word;
  }

  private hear(word: CellWord): void {
    const { events } = this;
    switch (word.kind) {
      case 'ready':
        this.word = word;
        return;
      case 'refused':
        this.refusal = word.reason;
        return;
      case 'state':
        events.onState?.(word.node, word.state);
        return;
      case 'line':
        events.onLine?.(word.line);
        return;
      case 'report':
        events.onReport?.(word.node, word.fields);
        return;
      case 'error':
        events.onError?.(word.where, word.message);
        return;
    }
  }
}
