import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../contracts/index.ts';
import { PictureSource } from './picture_source.ts';

const PROGRAM = join(PACKAGE_ROOT, 'dist', 'learning', 'vision', 'picture_worker.js');

describe('pictures drawn by threads', () => {
  it('are those that are drawn without, in the same order', async () => {
    expect(existsSync(PROGRAM), `${PROGRAM}: npm run build makes it`).toBe(true);
    const work = { seed: 5, worlds: 2, robot: 'panda' };
    const alone = new PictureSource({ ...work, threads: 0 });
    const together = new PictureSource({ ...work, threads: 2, program: PROGRAM });
    try {
      expect(await together.first(1)).toHaveLength(2);
      expect(await together.hash()).toBe(await alone.hash());
      expect(await together.first(2)).toEqual(await alone.first(2));
    } finally {
      await together.close();
    }
  });

  it('that cannot be drawn are an error, not a wait without end', async () => {
    const source = new PictureSource({ seed: 5, worlds: 2, robot: 'panda', threads: 1, program: '/nowhere/worker.js' });
    await expect(source.first(1)).rejects.toThrow(/drawing pictures failed/);
    await source.close();
  });
});
