import { describe, expect, it } from 'vitest';
import { cutPower } from '../../test/support/power_cuts.ts';
import { withFolder } from '../../test/support/recording.ts';
import { sweep } from '../../test/support/sweep.ts';

const MOMENTS = sweep(100, 200);

describe('a recording when the power is cut', () => {
  it('is repaired from what was synced and any pages beyond, at many moments, and has lost a second at most', async () => {
    await withFolder(async (folder) => {
      const cuts = await cutPower(folder, MOMENTS, 12);
      const most_s = Math.max(...cuts.map(({ lost_s }) => lost_s));
      process.stdout.write(`${cuts.length} power cuts, most lost ${most_s.toFixed(3)} s\n`);
      expect(cuts.filter(({ lost_s }) => lost_s > 1)).toEqual([]);
      expect(cuts.filter(({ report }) => report?.state === 'repaired').length).toBeGreaterThan(MOMENTS / 2);
      expect(cuts.some(({ report }) => (report?.lost.damages.length ?? 0) > 0)).toBe(true);
    });
  });
});
