import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { stoppingShare } from './stopping_share.ts';

describe('share of the speed at which there is still time to stop', () => {
  it('reacting and then slowing evenly uses up just the room there is, for random motions', () => {
    for (let seed = 0; seed < 500; seed++) {
      const rng = createRng(seed, 'stopping share');
      const rate = rng.range(1e-3, 5);
      const slowing = rng.range(0.5, 50);
      const reaction = rng.range(0, 0.1);
      const room = rng.range(1e-6, 0.5);
      const share = stoppingShare(room, rate, slowing, reaction);
      const used = rate * (share * reaction + (share * share) / (2 * slowing));
      expect(used, `seed ${seed}`).toBeLessThanOrEqual(room * (1 + 1e-9));
      if (share < 1) expect(used, `seed ${seed}`).toBeCloseTo(room, 9);
    }
  });

  it('more room never means less speed', () => {
    const rng = createRng(7, 'stopping share');
    for (let k = 0; k < 200; k++) {
      const rate = rng.range(0.01, 2);
      const slowing = rng.range(1, 40);
      let last = 0;
      for (let room = 0; room < 0.2; room += 0.005) {
        const share = stoppingShare(room, rate, slowing, 0.02);
        expect(share).toBeGreaterThanOrEqual(last);
        last = share;
      }
    }
  });

  it('does not slow what leaves, and stops what has no room; a NaN of either stops or leaves as it must', () => {
    expect(stoppingShare(0, -0.1, 10, 0.02)).toBe(1);
    expect(stoppingShare(-1, 0, 10, 0.02)).toBe(1);
    expect(stoppingShare(0, 0.1, 10, 0.02)).toBe(0);
    expect(stoppingShare(-0.01, 0.1, 10, 0.02)).toBe(0);
    expect(stoppingShare(Number.NaN, 0.1, 10, 0.02)).toBe(0);
    expect(stoppingShare(Number.POSITIVE_INFINITY, 0.1, 10, 0.02)).toBe(1);
  });
});
