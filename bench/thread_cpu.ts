import { readFileSync } from 'node:fs';

/** CPU time that a piece of work took, s. */
export interface CpuTime {
  /** Of the thread that runs JavaScript. */
  readonly loop_s: number;
  /** Of all other threads of the process: encoders, disk, garbage collector. */
  readonly others_s: number;
}

/** Begins to count; what it returns ends it. Where the system does not tell of threads, everything counts as the loop's. */
export function countCpu(): () => CpuTime {
  const [process_s, thread_s] = [processSeconds(), mainThreadSeconds()];
  return () => {
    const all_s = processSeconds() - process_s;
    const now_s = mainThreadSeconds();
    const loop_s = thread_s === null || now_s === null ? all_s : now_s - thread_s;
    return { loop_s, others_s: Math.max(0, all_s - loop_s) };
  };
}

function processSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** As Linux counts it, to the nanosecond; null elsewhere. */
function mainThreadSeconds(): number | null {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
  } catch {
    return null;
  }
}
