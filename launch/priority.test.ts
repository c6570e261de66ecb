import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { getPriority, platform } from 'node:os';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { atNiceness, trySessionNiceness, trySetNiceness } from './priority.ts';

/** Niceness of every thread of this process (field 19 of /proc/PID/task/TID/stat, proc(5)). */
function ofThreads(): number[] {
  return readdirSync('/proc/self/task').flatMap((tid) => {
    const file = `/proc/self/task/${tid}/stat`;
    if (!existsSync(file)) return [];
    return Number(
      readFileSync(file, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[16],
    );
  });
}

describe('niceness of threads', () => {
  // To be nicer is always allowed; the way back needs a permission, which root has.
  it.runIf(platform() === 'linux' && process.getuid?.() === 0)(
    'is kept by what is made in it, and by that alone',
    async () => {
      const own = getPriority();
      const before = ofThreads();
      const worker = atNiceness(own + 3, () => new Worker('setInterval(() => {}, 1000)', { eval: true }));
      await new Promise((resolve) => worker.once('online', resolve));
      expect(getPriority()).toBe(own);
      const count = (list: number[]) => list.filter((nice) => nice === own + 3).length;
      expect(count(ofThreads())).toBeGreaterThan(count(before));
      await worker.terminate();
    },
  );

  it('says what is not allowed by its answer, and throws nothing', () => {
    expect(trySetNiceness(getPriority())).toBe(true);
  });
});

describe('niceness of a session', () => {
  it('is that of its main thread, where the system shares out between sessions and allows it', () => {
    const file = '/proc/self/autogroup';
    const allowed = trySessionNiceness();
    if (!existsSync(file)) expect(allowed).toBe(false);
    if (allowed) expect(readFileSync(file, 'utf8')).toContain(`nice ${getPriority()}`);
  });
});
