import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { REALTIME, tryRealtime } from './realtime.ts';

const policyOf = (thread: string) => spawnSync('chrt', ['--pid', thread], { encoding: 'utf8' }).stdout;

describe('scheduling of a thread with deadlines', () => {
  it('is SCHED_FIFO for it alone where the system allows that, and left as it is where it does not', (ctx) => {
    const own = String(process.pid);
    const before = policyOf(own);
    if (!before.includes('SCHED_OTHER'))
      ctx.skip('no chrt, or another policy than SCHED_OTHER: install util-linux, and start the tests without chrt');
    expect(tryRealtime(1000)).toBe(false);
    expect(policyOf(own)).toBe(before);
    const allowed = spawnSync('chrt', ['--fifo', '1', 'true']).status === 0;
    expect(tryRealtime(REALTIME.heartbeat)).toBe(allowed);
    if (!allowed) return;
    expect(policyOf(own)).toMatch(/SCHED_FIFO/);
    expect(policyOf(own)).toContain(`priority: ${REALTIME.heartbeat}`);
    expect(spawnSync('sh', ['-c', 'chrt --pid $$'], { encoding: 'utf8' }).stdout).toContain('SCHED_OTHER');
    spawnSync('chrt', ['--other', '--pid', '0', own]);
  });
});
