import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import type { Capsule } from './capsule_fit.ts';
import { CoverShare } from './cover_share.ts';

const volume = ({ a, b, radius: r }: Capsule) =>
  Math.PI * r * r * (Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) + (4 / 3) * r);

function randomCapsule(rng: Rng): Capsule {
  const point = () => [rng.range(-0.1, 0.1), rng.range(-0.1, 0.1), rng.range(-0.1, 0.1)];
  return { a: point(), b: point(), radius: rng.range(0.03, 0.08) };
}

describe('the share that a cover takes up', () => {
  it('is that of the volumes, for a capsule within the box about it', () => {
    const rng = createRng(4, 'covers');
    for (let trial = 0; trial < 30; trial++) {
      const capsule = randomCapsule(rng);
      const { a, b, radius } = capsule;
      const box = [0, 1, 2].reduce((product, k) => product * (Math.abs(a[k] - b[k]) + 2 * radius), 1);
      expect(new CoverShare(capsule).of([capsule]), `trial ${trial}`).toBeCloseTo(volume(capsule) / box, 1);
    }
  });

  it('is the same with a part of the cover measured before, and never less with one more', () => {
    const rng = createRng(5, 'covers');
    for (let trial = 0; trial < 30; trial++) {
      const [frame, first, second, third] = Array.from({ length: 4 }, () => randomCapsule(rng));
      const shares = new CoverShare(frame);
      const held = shares.inside([first]);
      const before = held.slice();
      const whole = shares.of([first, second, third]);
      expect(shares.beside(held, [second, third])).toBe(whole);
      expect(held).toEqual(before);
      expect(shares.of([first, second])).toBeLessThanOrEqual(whole);
      expect(shares.of([])).toBe(0);
    }
  });
});
