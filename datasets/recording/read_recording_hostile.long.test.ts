import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostileBench } from '../../test/support/hostile_recordings.ts';

describe('hostile recordings', () => {
  let bench: HostileBench;
  beforeAll(async () => {
    bench = await HostileBench.create();
  });
  afterAll(() => bench.close());

  it('are told from whole ones at every byte that is flipped, and hold no message that was not recorded', () =>
    bench.flipEvery(1));

  it('are told from whole ones when they are cut off at any byte', () => bench.cutEvery(1));

  it('take no more memory than a chunk may, whatever they claim', async () => {
    expect(await bench.mutate(1000)).toBeLessThan(400e6);
  });

  it('may not let an index lead anywhere else', async () => {
    const { refused } = await bench.misleadEvery(3);
    expect(refused).toBeGreaterThan(100);
  }, 1_200_000);
});
