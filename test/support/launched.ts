import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type Running, startCli } from './cli.ts';
import type { RosTestbed } from './ros.ts';

/** A graph launched on ROS 2 by the command line, seen from outside: its lines and its processes. */
export class Launched {
  readonly running: Running;
  private readonly mark: string;

  /** @param mark  a text that the command line of every process of this graph holds */
  constructor(running: Running, mark: string) {
    this.running = running;
    this.mark = mark;
  }

  /** Writes `graph` (or takes a file's name) and launches it in `folder`, which no other launch uses. */
  static start(
    ros: RosTestbed,
    folder: string,
    domain: number,
    graph: object | string,
    args: readonly string[] = [],
  ): Launched {
    const file = typeof graph === 'string' ? graph : join(folder, 'graph.yaml');
    if (typeof graph !== 'string') {
      writeFileSync(file, stringify({ schema: 'surepick/graph', version: 1, ...graph }));
    }
    const out = join(folder, 'out');
    const all = ['launch', file, '--bus', 'ros', '--domain-id', String(domain), '--out', out, ...args];
    return new Launched(startCli(all, folder, ros.env), out);
  }

  /** Processes of the graph that run now, by how their command line ends; the launcher is none of them. */
  processes(ending = ''): number[] {
    return readdirSync('/proc').flatMap((entry) => {
      if (!/^\d+$/.test(entry) || Number(entry) === this.running.pid) return [];
      const command = commandOf(entry);
      return command.includes(this.mark) && command.endsWith(ending) ? [Number(entry)] : [];
    });
  }

  /** The process of this full name. */
  pidOf(process: string): number {
    const [pid] = this.processes(`\0${process}\0`);
    if (pid === undefined) throw new Error(`no process ${process}`);
    return pid;
  }

  /** Waits until none is left; rejects with those that are. */
  async untilNoneIsLeft(within_ms: number): Promise<void> {
    for (const end = performance.now() + within_ms; performance.now() < end; await sleep(50))
      if (this.processes().length === 0) return;
    throw new Error(`still there: ${this.processes().map((pid) => `${pid} ${commandOf(String(pid)).slice(0, 80)}`)}`);
  }

  /** For the end of a test, whatever became of it. */
  killAll(): void {
    for (const pid of [this.running.pid, ...this.processes()]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }
}

function commandOf(pid: string): string {
  try {
    // A zombie has no command line any more.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
