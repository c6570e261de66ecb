import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { RecorderDisk } from '../../test/support/recorder_disk.ts';
import { SYSTEM_DISK } from './disk.ts';
import { DISK_LEVELS, DiskSpace } from './disk_space.ts';

const LIMITS = { start_bytes: 600e6, warn_bytes: 500e6, picture_bytes: 200e6, end_bytes: 50e6 };

it('refuses to begin with too little, naming how much there is, where, how much is needed, and what helps', async () => {
  const disk = new RecorderDisk();
  const space = new DiskSpace(disk, '/data/runs/a.mcap', LIMITS);
  disk.free_bytes = 600e6;
  await space.requireStart();
  disk.free_bytes = 599e6;
  await expect(space.requireStart()).rejects.toThrow(
    /a\.mcap: 599 MB are free on the disk of \/data\/runs, at least 600 MB are needed; free some space or choose/,
  );
});

it('goes down as space does and up only well above the limit, and an end is for good', async () => {
  const disk = new RecorderDisk();
  for (let seed = 0; seed < 100; seed++) {
    const rng = createRng(seed, 'space');
    const space = new DiskSpace(disk, '/data/a.mcap', LIMITS);
    for (let k = 0; k < 40; k++) {
      const before = space.level;
      disk.free_bytes = rng.range(k < 35 ? 50e6 : 0, 800e6);
      const changed = await space.look();
      const what = `seed ${seed}: ${disk.free_bytes} after ${before}`;
      expect(changed, what).toBe(space.level !== before);
      const rank = DISK_LEVELS.indexOf(space.level);
      if (before === 'ended') expect(space.level, what).toBe('ended');
      else {
        const least =
          [Number.POSITIVE_INFINITY, 500e6, 200e6, 50e6].filter((limit) => disk.free_bytes < limit).length - 1;
        expect(rank, what).toBeGreaterThanOrEqual(least);
        const back =
          [Number.POSITIVE_INFINITY, 625e6, 250e6, 50e6].filter((limit) => disk.free_bytes < limit).length - 1;
        expect(rank, what).toBeLessThanOrEqual(Math.max(least, back));
      }
    }
  }
});

it('takes limits that fall only, and a disk that does not tell for one that has room', async () => {
  expect(() => new DiskSpace(SYSTEM_DISK, '/a', { picture_bytes: 1e12 })).toThrow(/must fall/);
  const silent = { ...SYSTEM_DISK, freeBytes: () => Promise.reject(new Error('ENOSYS')) };
  const space = new DiskSpace(silent, '/data/a.mcap');
  await space.requireStart();
  expect(await space.look()).toBe(false);
  expect(await SYSTEM_DISK.freeBytes('/tmp')).toBeGreaterThan(0);
});
