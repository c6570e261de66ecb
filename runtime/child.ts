import { type ChildProcess, spawn } from 'node:child_process';
import type { Channel } from './channel.ts';

/** The first descriptor after standard streams and the message channel. */
const FIRST_FD = 4;

/** A process started for one purpose, which ends by itself when this one does. */
export class Child {
  readonly pid: number;
  /** Resolves when it has ended, with its exit code, null if a signal ended it. */
  readonly ended: Promise<number | null>;
  private readonly process: ChildProcess;
  private readonly listeners = new Set<(message: unknown) => void>();

  /**
   * Messages are structured clones: typed arrays arrive as such.
   *
   * @param script  compiled JavaScript
   * @param config  what it is told as JSON; its channels are told with the descriptors they have over there
   * @param variables  of its environment, beside and in place of this process's own
   */
  constructor(
    script: string,
    config: object,
    channels: Readonly<Record<string, Channel>>,
    variables: Readonly<Record<string, string>> = {},
  ) {
    const inherited = Object.entries(channels);
    const told = inherited.map(([name, channel], i) => [name, { ...channel, fd: FIRST_FD + i }]);
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const argument = JSON.stringify({ ...config, ...Object.fromEntries(told) });
    this.process = spawn(process.execPath, [script, argument, String(process.pid)], {
      env: { ...env, ...variables },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', ...inherited.map(([, { fd }]) => fd)],
    });
    this.ended = new Promise((resolve, reject) => {
      this.process.on('error', reject);
      this.process.on('exit', resolve);
    });
    this.process.on('message', (message) => {
      for (const listener of this.listeners) listener(message);
    });
    this.pid = this.process.pid ?? -1;
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** The next message for which `parse` gives something; rejects if the process ends before, or after `within_ms`. */
  next<T>(parse: (message: unknown) => T | undefined, within_ms = 10_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.listeners.delete(listener);
      };
      const fail = (why: string) => {
        end();
        reject(new Error(`process ${this.pid} ${why}`));
      };
      const timer = setTimeout(() => fail(`said nothing for ${within_ms} ms`), within_ms);
      const listener = (message: unknown) => {
        const value = parse(message);
        if (value === undefined) return;
        end();
        resolve(value);
      };
      this.listeners.add(listener);
      this.ended.then((code) => fail(`ended early, with code ${code}`), reject);
    });
  }

  send(message: object): void {
    // A process that ends while it is told something tells so by its end.
    if (this.process.connected) this.process.send(message, () => {});
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }
}
