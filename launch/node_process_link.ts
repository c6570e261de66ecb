import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Channel } from '../runtime/index.ts';
import { fullName } from './graph.ts';
import { type Order, type ProcessSetup, type Request, type Word, wordSchema } from './messages.ts';
import { atNiceness, NICENESS } from './priority.ts';

/** The first descriptor after standard streams and the message channel. */
const FIRST_FD = 4;

export interface LinkEvents {
  onLine(text: string, on_error: boolean): void;
  onWord(word: Word): void;
  /** It has ended; `how` is in words. */
  onEnd(how: string, ok: boolean): void;
}

export interface LinkOptions {
  /** The compiled node_process.js. */
  readonly script: string;
  readonly setup: Omit<ProcessSetup, 'channels'>;
  /** Descriptors as this process has them. */
  readonly channels: Readonly<Record<string, Channel>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** It goes first on a busy machine, where the system allows that. */
  readonly realtime: boolean;
}

export interface Answer {
  readonly ok: boolean;
  readonly reason: string;
}

/** The launcher's side of one node process. */
export class NodeProcessLink {
  readonly pid: number;
  readonly ended: Promise<void>;
  private readonly process: ChildProcess;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private asked = 0;

  constructor({ script, setup, channels, env, realtime }: LinkOptions, events: LinkEvents) {
    const inherited = Object.entries(channels);
    const told = inherited.map(([name, channel], i) => [name, { ...channel, fd: FIRST_FD + i }]);
    const argument = JSON.stringify({ ...setup, channels: Object.fromEntries(told) });
    // A group of its own: the interrupt key is the launcher's matter, which stops the arm before anything ends.
    const start = () =>
      spawn(process.execPath, [script, argument, fullName(setup.cell, { name: setup.process })], {
        ...{ env, detached: true },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc', ...inherited.map(([, { fd }]) => fd)],
      });
    // Every thread of it, also those that collect garbage for the one with deadlines.
    this.process = realtime ? atNiceness(NICENESS.realtime, start) : start();
    this.pid = this.process.pid ?? -1;
    for (const [stream, on_error] of [[this.process.stdout, false] as const, [this.process.stderr, true] as const]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => events.onLine(line, on_error));
    }
    this.process.on('message', (message) => this.hear(wordSchema.parse(message), events));
    this.ended = new Promise((resolve) => {
      const end = (how: string, ok: boolean) => {
        for (const answer of this.waiting.values()) answer({ ok: false, reason: how });
        this.waiting.clear();
        events.onEnd(how, ok);
        resolve();
      };
      this.process.once('error', (error) => end(error.message, false));
      this.process.once('exit', (code, signal) =>
        end(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`, code === 0),
      );
    });
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null && this.pid > 0;
  }

  /** Asks a node for a transition; resolves with why not, where it could not be made. */
  change(node: string, request: Request): Promise<Answer> {
    return this.ask((id) => ({ kind: 'change', id, node, request }));
  }

  /** Resolves once the arm is at rest, as far as the process can tell. */
  stopArm(): Promise<Answer> {
    return this.ask((id) => ({ kind: 'stop_arm', id }));
  }

  tell(node: string, fields: object): void {
    this.send({ kind: 'tell', node, fields: { ...fields } });
  }

  end(): void {
    this.send({ kind: 'end' });
  }

  signal(name: NodeJS.Signals): void {
    if (this.running) this.process.kill(name);
  }

  private ask(order: (id: number) => Order): Promise<Answer> {
    if (!this.running) return Promise.resolve({ ok: false, reason: 'does not run' });
    const id = ++this.asked;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.send(order(id));
    });
  }

  private send(order: Order): void {
    // A process that ends while it is told something tells so by its end.
    if (this.process.connected) this.process.send(order, () => {});
  }

  private hear(word: Word, events: LinkEvents): void {
    if (word.kind === 'answer') {
      this.waiting.get(word.id)?.(word);
      this.waiting.delete(word.id);
    } else events.onWord(word);
  }
}
