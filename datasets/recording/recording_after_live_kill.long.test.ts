import { describe, expect, it } from 'vitest';
import { killLiveRecordings } from '../../test/support/live_kills.ts';
import { withFolder } from '../../test/support/recording.ts';

describe('200 live recordings that are killed', () => {
  it('are repaired and valid, and have lost a second at most', async () => {
    await withFolder(async (folder) => {
      const kills = await killLiveRecordings(folder, { processes: 200, recordings: 1, beside: 4, seed: 2027 });
      const lost_s = kills.map((kill) => kill.lost_s).sort((a, b) => a - b);
      process.stdout.write(
        `lost: median ${lost_s[100].toFixed(3)} s, 95 % ${lost_s[190].toFixed(3)} s, most ${lost_s[199].toFixed(3)} s\n`,
      );
      expect(kills).toHaveLength(200);
      expect(kills.filter((kill) => kill.lost_s > 1)).toEqual([]);
      expect(kills.filter(({ report }) => report.state === 'repaired').length).toBeGreaterThan(100);
    });
  }, 1_200_000);
});
