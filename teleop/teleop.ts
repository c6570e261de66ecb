import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError } from '../contracts/index.ts';
import { atNiceness, CellProcess, formatLogLine, NICENESS, OPERATED_THREADS } from '../launch/index.ts';
import type { LogLevel } from '../stack/index.ts';
import { PolicyChild } from './policy_child.ts';
import type { Place } from './protocol/index.ts';
import { type ServerOrder, type ServerSetup, serverWord } from './server/server_words.ts';

export interface TeleopOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Under which browsers reach it. */
  readonly names: readonly string[];
  readonly login: 'code' | 'users';
  /** Of the users. */
  readonly config_dir: string;
  /** A graph file whose cell is simulated here, or the ROS graph that is there already. */
  readonly robot:
    | {
        readonly kind: 'simulated';
        readonly graph: string;
        /** Files of learned policies that can be started. */
        readonly policies?: readonly string[];
      }
    | {
        readonly kind: 'ros';
        readonly namespace: string;
        readonly domain_id: number | null;
        /** Of a process that uses ROS 2. */
        readonly env: Readonly<Record<string, string>>;
        /** Files of learned policies that can be started. */
        readonly policies: readonly string[];
      };
  readonly places: readonly Place[];
  readonly foxglove: boolean;
  /** Recorded runs that can be opened. */
  readonly runs_dir: string;
  /** Where approvals that were signed elsewhere are taken in; null for nowhere. */
  readonly approvals: { readonly folder: string; readonly approvers: string } | null;
  readonly state_dir: string;
  readonly out_dir: string;
  readonly log_level: LogLevel;
}

export interface TeleopEvents {
  /** The address that opens the first session; once. */
  readonly onUrl: (url: string) => void;
  /** A line for whoever watches the terminal. */
  readonly onNote: (line: string) => void;
}

/** Ends that are made good within this time; beyond it teleop gives up. */
const RESTARTS = { most: 5, within_ms: 60_000 };
const BACKOFF_MS = 300;

/**
 * The parent of the simulated cell, or of the process of policies on a ROS graph, and of the operators' server. Whichever ends
 * is started again, and the operator is told why; the server keeps its port.
 */
export class Teleop {
  private readonly options: TeleopOptions;
  private readonly events: TeleopEvents;
  private cell: CellProcess | null = null;
  private server: ChildProcess | null = null;
  private policies: PolicyChild | null = null;
  private port: number;
  private readonly started_ms = Date.now();
  private told_url = false;
  private ended = false;
  private news: string[] = [];
  private readonly restarts: number[] = [];
  private fail: (error: Error) => void = () => {};

  constructor(options: TeleopOptions, events: TeleopEvents) {
    this.options = options;
    this.events = events;
    this.port = options.port;
  }

  /** Runs until the signal; rejects where it cannot start or does not stay up. */
  async run(signal: AbortSignal): Promise<void> {
    const failed = new Promise<never>((_, reject) => {
      this.fail = reject;
    });
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await Promise.race([this.startCell(), failed, stopped]);
      if (!signal.aborted) await Promise.race([failed, stopped]);
    } finally {
      await this.end();
    }
  }

  /** Prints another address that opens a session. */
  issueCode(): void {
    this.order({ kind: 'code' });
  }

  private async startCell(): Promise<void> {
    const { robot, log_level, out_dir } = this.options;
    if (robot.kind === 'ros') {
      this.startServer({ kind: 'ros', namespace: robot.namespace, domain_id: robot.domain_id }, robot.env);
      if (robot.policies.length > 0) this.startPolicies(robot);
      return;
    }
    const cell = await CellProcess.start({
      setup: {
        ...{ file: robot.graph, set: [], namespace: '', log_level, out_dir, pace: 1 },
        threads: [...OPERATED_THREADS],
        policies: [...(robot.policies ?? [])],
      },
      onLine: (line) => this.events.onNote(formatLogLine(line, this.started_ms, false)),
      onError: (where, message) => this.events.onNote(`${where}: ${message}`),
    });
    this.cell = cell;
    if (this.ended) return;
    cell.onExit((reason) => {
      if (this.ended || this.cell !== cell) return;
      this.note(`the robot's process ended: ${reason}`);
      this.again(async () => {
        this.endServer();
        await this.startCell();
      });
    });
    this.startServer({ kind: 'cell', socket: cell.socket }, {});
  }

  private startPolicies(robot: Extract<TeleopOptions['robot'], { kind: 'ros' }>): void {
    const { namespace, domain_id, env, policies } = robot;
    const { out_dir, log_level } = this.options;
    this.policies = new PolicyChild({
      ...{ setup: { namespace, domain_id, files: [...policies], out_dir, log_level }, env },
      onRefused: (reason) => this.fail(new InputError('--policy', reason)),
      onExit: (how) => {
        if (this.ended) return;
        this.note(`the process of policies ended: ${how}`);
        this.again(async () => this.startPolicies(robot));
      },
    });
  }

  private startServer(robot: ServerSetup['robot'], env: Readonly<Record<string, string>>): void {
    const script = fileURLToPath(new URL('./server/server_process.js', import.meta.url));
    const { NODE_OPTIONS: _options, ...own } = process.env;
    // A press of Stop goes through it: before other work, after the arm's control.
    const server = atNiceness(NICENESS.operator, () =>
      fork(script, [], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: { ...own, ...env },
      }),
    );
    this.server = server;
    const { host, tls, names, login, places, ...rest } = this.options;
    const files = tls === null ? null : { cert: tls.cert, key: tls.key };
    const listening = { host, port: this.port, tls: files, names: [...names], login };
    const { config_dir, state_dir, out_dir, runs_dir, approvals, foxglove, log_level } = rest;
    const folders = { config_dir, state_dir, out_dir, runs_dir };
    const settings = { ...listening, ...folders, places: [...places], approvals, foxglove, log_level };
    this.order({ kind: 'setup', robot, ...settings, news: this.news });
    server.on('message', (message) => this.hear(message));
    server.on('exit', (code, signal) => {
      if (this.ended || this.server !== server) return;
      this.note(`the operators' server ended: ${signal ?? `code ${code}`}`);
      this.again(async () => this.startServer(robot, env));
    });
  }

  private hear(message: unknown): void {
    const word = serverWord.parse(message);
    switch (word.kind) {
      case 'ready':
        // A restart keeps the port, so that pages find it again.
        this.port = word.port;
        if (this.told_url) this.events.onNote(`serving again at ${word.base}`);
        else this.events.onUrl(word.url);
        this.told_url = true;
        return;
      case 'code':
        this.events.onNote(word.url);
        return;
      case 'refused':
        this.fail(new InputError('teleop', word.reason));
    }
  }

  private again(start: () => Promise<void>): void {
    const now_ms = performance.now();
    this.restarts.push(now_ms);
    const recent = this.restarts.filter((at_ms) => now_ms - at_ms < RESTARTS.within_ms).length;
    if (recent > RESTARTS.most) {
      this.fail(new Error(`${recent} ends within ${RESTARTS.within_ms / 1000} s: ${this.news.slice(-3).join('; ')}`));
      return;
    }
    setTimeout(() => {
      if (!this.ended)
        start().catch((error: unknown) => this.fail(error instanceof Error ? error : new Error(String(error))));
    }, BACKOFF_MS);
  }

  private note(line: string): void {
    this.news = [...this.news, line].slice(-20);
    this.events.onNote(line);
  }

  private order(order: ServerOrder): void {
    if (this.server?.connected === true) this.server.send(order);
  }

  private endServer(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server === null || server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      server.once('exit', () => resolve());
      server.kill('SIGTERM');
      setTimeout(() => server.kill('SIGKILL'), 3000).unref();
    });
  }

  private async end(): Promise<void> {
    this.ended = true;
    await this.policies?.end();
    await this.endServer();
    await this.cell?.stop();
  }
}
