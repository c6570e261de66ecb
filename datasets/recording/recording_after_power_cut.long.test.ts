import { describe, expect, it } from 'vitest';
import { cutPower } from '../../test/support/power_cuts.ts';
import { withFolder } from '../../test/support/recording.ts';

describe('recordings when the power is cut at thousands of moments', () => {
  it('are repaired from what was synced, and have lost a second at most', async () => {
    const lost_s: number[] = [];
    for (let seed = 0; seed < 10; seed++) {
      await withFolder(async (folder) => {
        const cuts = await cutPower(folder, 300, 1000 + seed);
        expect(cuts.filter((cut) => cut.lost_s > 1)).toEqual([]);
        lost_s.push(...cuts.map((cut) => cut.lost_s));
      });
    }
    lost_s.sort((a, b) => a - b);
    const [median, most] = [lost_s[lost_s.length >> 1], lost_s[lost_s.length - 1]];
    process.stdout.write(
      `${lost_s.length} power cuts: median ${median.toFixed(3)} s lost, most ${most.toFixed(3)} s\n`,
    );
  }, 1_200_000);
});
