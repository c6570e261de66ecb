import { type ChildProcess, spawn } from 'node:child_process';

/** Wakes frozen processes, also when this one dies: a stopped process cannot notice that its parent is gone. */
export class Thaw {
  private readonly shell: ChildProcess;
  private readonly frozen = new Set<number>();

  constructor() {
    const script =
      'trap "" INT TERM; while read -r pid; do pids="$pids $pid"; done; kill -CONT $pids 2>/dev/null; exit 0';
    this.shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'inherit'] });
  }

  /** Call before a process is frozen. */
  later(pid: number): void {
    this.frozen.add(pid);
    this.shell.stdin?.write(`${pid}\n`);
  }

  now(): void {
    for (const pid of this.frozen) {
      try {
        process.kill(pid, 'SIGCONT');
      } catch {
        // Whoever watched it has ended it meanwhile.
      }
    }
    this.frozen.clear();
  }

  end(): void {
    this.shell.stdin?.end();
  }
}
