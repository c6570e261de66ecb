import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphProgram } from './graph.ts';
import { parseLogLine } from './log_line.ts';
import type { ProcessEvents } from './managed_process.ts';
import { RestartBudget } from './restart_budget.ts';

export interface ProgramOptions {
  readonly program: GraphProgram;
  /** With its namespace. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Ends the program when its standard input closes, as it does when whoever started it has gone. */
const GUARD =
  '"$@" </dev/null & pid=$!; (cat >/dev/null; kill -INT $pid; sleep 2; kill -KILL $pid) 2>/dev/null & wait $pid';
const END_WAIT_MS = 4000;
const QUICK_END_WAIT_MS = 1000;

/** A program that is none of our nodes: started, its output taken, started again by its policy, ended with the graph. */
export class ProgramProcess {
  private readonly options: ProgramOptions;
  private readonly events: ProcessEvents;
  private readonly budget: RestartBudget;
  private process: ChildProcess | null = null;
  private ended: Promise<void> = Promise.resolve();
  private ending = false;

  constructor(options: ProgramOptions, events: ProcessEvents) {
    this.options = options;
    this.events = events;
    this.budget = new RestartBudget(options.program.restart);
  }

  start(): void {
    const { program, name, env } = this.options;
    const child = spawn('/bin/sh', ['-c', GUARD, 'sh', ...program.command], {
      ...{ env, cwd: program.cwd, detached: true },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.process = child;
    // It may end before it has read that it should.
    child.stdin.on('error', () => {});
    for (const [stream, on_error] of [[child.stdout, false] as const, [child.stderr, true] as const]) {
      createInterface({ input: stream }).on('line', (line) =>
        this.events.onLine(parseLogLine(line, name, Date.now(), on_error)),
      );
    }
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        resolve();
        this.onEnd(how);
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code) => end(code === null ? 'was killed' : `ended with exit code ${code}`));
    });
  }

  async end(quick: boolean): Promise<void> {
    this.ending = true;
    this.process?.stdin?.end();
    const wait_ms = quick ? QUICK_END_WAIT_MS : END_WAIT_MS;
    if (!(await Promise.race([this.ended.then(() => true), sleep(wait_ms, false)]))) this.kill();
    await this.ended;
  }

  /** Ends it and whatever it has started. */
  kill(): void {
    this.ending = true;
    const { process: child } = this;
    if (child?.pid === undefined || child.exitCode !== null) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  }

  private onEnd(how: string): void {
    if (this.ending) return;
    const { name } = this.options;
    const decision = this.budget.onEnd(performance.now() / 1000, `${name} ${how}`);
    if (!decision.again) {
      this.events.onLost(name, decision.reason);
      return;
    }
    this.events.onTrouble(`${name} ${how}; started again in ${decision.after_s.toFixed(1)} s`);
    setTimeout(() => {
      if (!this.ending) this.start();
    }, 1000 * decision.after_s);
  }
}
