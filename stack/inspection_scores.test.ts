import { describe, expect, test } from 'vitest';
import { sweep } from '../test/support/sweep.ts';
import { inspectionScores } from './inspection_scores.ts';

describe('scores of objects shown to the camera', () => {
  test('on seeds of their own: nothing good is called defective, no clear defect is called good, few are left open', () => {
    const samples = inspectionScores(Array.from({ length: sweep(8, 16) }, (_, k) => 700_000 + k));
    const good = samples.filter(({ truth }) => truth === 'good');
    const clear = samples.filter(({ truth }) => truth === 'defective');
    expect(good.length).toBeGreaterThan(sweep(6, 12));
    expect(clear.length).toBeGreaterThan(sweep(3, 6));
    expect(good.filter(({ verdict }) => verdict === 'defective')).toEqual([]);
    expect(clear.filter(({ verdict }) => verdict === 'good')).toEqual([]);
    const open = [...good, ...clear].filter(({ verdict }) => verdict === 'unsure');
    expect(open.length / samples.length).toBeLessThan(0.1);
    const area = Math.min(...samples.map(({ area_m2 }) => area_m2));
    expect(area).toBeGreaterThan(4e-4);
  }, 60_000);

  test('more of a spot scores higher: scores order as signals do', () => {
    const spots = inspectionScores(Array.from({ length: sweep(5, 8) }, (_, k) => 710_000 + k)).filter(
      (s) => s.signal_mm2 > 0,
    );
    let [agree, pairs] = [0, 0];
    for (const a of spots) {
      for (const b of spots) {
        // a spot's score goes with contrast × √area, its signal with contrast × area: only clear ratios must agree
        if (a.signal_mm2 < 4 * b.signal_mm2) continue;
        pairs++;
        if (a.score > b.score) agree++;
      }
    }
    expect(pairs).toBeGreaterThan(sweep(3, 5));
    expect(agree / pairs).toBeGreaterThan(0.95);
  }, 60_000);
});
