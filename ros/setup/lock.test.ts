import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isHeld, withFileLock } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'surepick-lock-'));
const path = join(folder, 'lock');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a file lock', () => {
  it('lets one work at a time, and the next after a failure too', async () => {
    let inside = 0;
    let most = 0;
    let waits = 0;
    const work = async (k: number) => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside--;
      if (k === 0) throw new Error('first fails');
      return k;
    };
    const all = await Promise.allSettled(
      [0, 1, 2].map((k) =>
        withFileLock(
          path,
          () => work(k),
          () => waits++,
        ),
      ),
    );
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect({ most, waits, left: existsSync(path) }).toEqual({ most: 1, waits: 2, left: false });
  });

  it('is taken over from a process that died with it', async () => {
    const { pid } = spawnSync('/bin/true');
    writeFileSync(path, String(pid));
    expect(isHeld(path)).toBe(false);
    expect(await withFileLock(path, async () => 'mine')).toBe('mine');
  });
});
