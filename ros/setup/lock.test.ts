import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { isHeld, tryTake, withFileLock } from './lock.ts';

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

  it.skipIf(process.platform !== 'linux')('is taken over when another process has the number of its holder', () => {
    writeFileSync(path, `${process.pid} 1`);
    expect([isHeld(path), tryTake(path), isHeld(path), tryTake(path)]).toEqual([false, true, true, false]);
    rmSync(path);
  });

  it('of a dead holder goes to exactly one of several processes that want it', async () => {
    const program = join(folder, 'taker.mjs');
    writeFileSync(program, TAKER);
    for (let round = 0; round < 3; round++) {
      writeFileSync(path, '999999999');
      const takers = Array.from({ length: 4 }, () => spawn(process.execPath, [program, LOCK, path]));
      const answers = takers.map(async ({ stdout }) => {
        const [first] = await once(stdout, 'data');
        if (String(first) !== 'ready') throw new Error(String(first));
        return String((await once(stdout, 'data'))[0]);
      });
      await Promise.all(takers.map(({ stdout }) => once(stdout, 'data')));
      for (const { stdin } of takers) stdin.write('go');
      expect((await Promise.all(answers)).sort(), `round ${round}`).toEqual(['false', 'false', 'false', 'true']);
      for (const { stdin } of takers) stdin.end();
      await Promise.all(takers.map((taker) => once(taker, 'exit')));
    }
  });
});

/** As it was built; a process of its own cannot read TypeScript. */
const LOCK = join(PACKAGE_ROOT, 'dist', 'ros', 'setup', 'lock.js');

/** Takes the lock when it is told to, says whether it got it, and keeps it until its input ends. */
const TAKER = `
const { tryTake } = await import(process.argv[2]);
process.stdin.once('data', () => process.stdout.write(String(tryTake(process.argv[3]))));
process.stdin.on('end', () => process.exit());
process.stdout.write('ready');
`;
