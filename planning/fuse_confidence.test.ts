import { describe, expect, test } from 'vitest';
import { type Confidence, createRng, VERDICTS, type Verdict } from '../contracts/index.ts';
import { fuseConfidence } from './fuse_confidence.ts';

const said = (verdict: Verdict, possible: Confidence['possible'] = ['box'], visible = 1): Confidence => ({
  ...{ visible, possible, verdict, reason: verdict === 'accept' ? '' : `because ${verdict}` },
});

describe('confidence over frames', () => {
  test('is none where no frame has one', () => {
    expect(fuseConfidence([])).toBeNull();
    expect(fuseConfidence([undefined, undefined])).toBeNull();
  });

  test('rules out only what every frame rules out, the likeliest first', () => {
    const fused = fuseConfidence([
      said('escalate', ['cylinder', 'box'], 0.4),
      said('escalate', ['box'], 0.6),
      said('escalate', ['box', 'unknown'], 0.5),
    ]);
    expect(fused).toEqual({
      ...{ visible: 0.5, possible: ['box', 'cylinder', 'unknown'] },
      ...{ verdict: 'escalate', reason: 'because escalate' },
    });
  });

  test('lies between the boldest and the most cautious frame, whatever their order, and never below the half', () => {
    for (let seed = 0; seed < 500; seed++) {
      const rng = createRng(seed).stream('verdicts');
      const frames = Array.from({ length: 1 + rng.int(7) }, () =>
        rng.uniform() < 0.2 ? undefined : said(VERDICTS[rng.int(VERDICTS.length)]),
      );
      const fused = fuseConfidence(frames);
      if (fused === null) continue;
      const ranks = frames.map((frame) => VERDICTS.indexOf(frame?.verdict ?? 'accept'));
      const rank = VERDICTS.indexOf(fused.verdict);
      const bolder = ranks.filter((one) => one < rank).length;
      const braver = ranks.filter((one) => one <= rank).length;
      expect(2 * bolder, `seed ${seed}`).toBeLessThanOrEqual(ranks.length);
      expect(2 * braver, `seed ${seed}`).toBeGreaterThan(ranks.length);
      expect(fused.reason === '', `seed ${seed}`).toBe(fused.verdict === 'accept');
      expect(fuseConfidence([...frames].reverse())?.verdict, `seed ${seed}`).toBe(fused.verdict);
    }
  });
});
