import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { stoppingShare, timeLeft } from './stopping_share.ts';

describe('share of the speed at which there is still time to stop', () => {
  it('reacting and then slowing evenly uses up just the time there is, for random motions', () => {
    for (let seed = 0; seed < 500; seed++) {
      const rng = createRng(seed, 'stopping share');
      const slowing = rng.range(0.5, 50);
      const reaction = rng.range(0, 0.1);
      const time = rng.range(1e-6, 0.5);
      const share = stoppingShare(time, slowing, reaction);
      const used = share * reaction + (share * share) / (2 * slowing);
      expect(used, `seed ${seed}`).toBeLessThanOrEqual(time * (1 + 1e-9));
      if (share < 1 && Math.abs(used - time) > 1e-9) expect.fail(`seed ${seed}: ${used} of ${time} s used`);
    }
  });

  it('more room never means less speed, and more speed never a greater share', () => {
    for (let seed = 0; seed < 50; seed++) {
      const rng = createRng(seed, 'stopping share');
      const slowing = rng.range(1, 40);
      let last = 0;
      for (let room = 0; room < 0.2; room += 0.005) {
        const share = stoppingShare(timeLeft(room, 0.3), slowing, 0.02);
        const faster = stoppingShare(timeLeft(room, 0.4), slowing, 0.02);
        if (share < last || faster > share) expect.fail(`seed ${seed}, room ${room}: ${last}, ${share}, ${faster}`);
        last = share;
      }
    }
  });

  it('does not slow what leaves, and stops what has no room or none that is known', () => {
    const share = (room: number, rate: number) => stoppingShare(timeLeft(room, rate), 10, 0.02);
    expect(share(0, -0.1)).toBe(1);
    expect(share(-1, 0)).toBe(1);
    expect(share(0, 0.1)).toBe(0);
    expect(share(-0.01, 0.1)).toBe(0);
    expect(share(Number.NaN, 0.1)).toBe(0);
    expect(share(Number.POSITIVE_INFINITY, 0.1)).toBe(1);
  });
});
