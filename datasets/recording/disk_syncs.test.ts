import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { DiskSyncs } from './disk_syncs.ts';

const rng = createRng(5, 'syncs');

it('begins a sync after every request, never two at once, and far fewer than are asked for', async () => {
  for (let trial = 0; trial < 20; trial++) {
    let [written, synced, under_way, count, requests] = [0, 0, 0, 0, 0];
    const syncs = new DiskSyncs(async () => {
      expect(++under_way).toBe(1);
      const covers = written;
      count++;
      for (let turn = rng.int(6); turn > 0; turn--) await null;
      synced = covers;
      under_way--;
    });
    for (let k = 0; k < 200; k++) {
      written++;
      syncs.request();
      requests++;
      if (rng.int(3) === 0) await null;
    }
    await syncs.settled();
    expect(synced, `trial ${trial}`).toBe(written);
    expect(count).toBeLessThanOrEqual(requests);
  }
});

it('keeps the first failure and asks for nothing more', async () => {
  let count = 0;
  const syncs = new DiskSyncs(async () => {
    count++;
    throw new Error(`failure ${count}`);
  });
  for (let k = 0; k < 5; k++) {
    syncs.request();
    await expect(syncs.settled()).rejects.toThrow('failure 1');
  }
  expect(count).toBe(1);
});
