import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';

/** As sched_setscheduler(2) counts under SCHED_FIFO: the higher goes first. All are above every ordinary thread. */
export const REALTIME = { control: 50, supervisor: 50, heartbeat: 45, arm: 40 } as const;

/**
 * Has the calling thread scheduled before all ordinary ones, by util-linux's chrt(1); threads that it makes are ordinary
 * again. For threads that mostly wait: one that runs on and on holds everything else up.
 *
 * @returns whether the system allows it: to root, with CAP_SYS_NICE, or within the limit `rtprio`
 */
export function tryRealtime(priority: number): boolean {
  try {
    const thread = readlinkSync('/proc/thread-self').split('/').at(-1) ?? '';
    const args = ['--fifo', '--reset-on-fork', '--pid', String(priority), thread];
    return spawnSync('chrt', args, { stdio: 'ignore' }).status === 0;
  } catch {
    return false;
  }
}
