import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { concat, DIRECTIONS, OuterBalls, outermost, outermostOf, QUICK_DIRECTIONS } from './outermost.ts';

function randomBalls(count: number, rng: Rng): Float64Array {
  return Float64Array.from({ length: 4 * count }, (_, i) => (i % 4 === 3 ? rng.range(0, 0.02) : rng.range(-0.1, 0.1)));
}

function reach(balls: Float64Array, [x, y, z]: readonly number[]): number {
  let most = -Infinity;
  for (let i = 0; i < balls.length; i += 4) {
    most = Math.max(most, x * balls[i] + y * balls[i + 1] + z * balls[i + 2] + balls[i + 3]);
  }
  return most;
}

describe('outermost balls', () => {
  it('are some of the given, each once, and reach nearly as far as all in every direction', () => {
    const rng = createRng(2, 'balls');
    for (let trial = 0; trial < 20; trial++) {
      const balls = randomBalls(200, rng);
      const outer = outermost(balls, DIRECTIONS);
      const given = new Set(Array.from({ length: 200 }, (_, i) => balls.subarray(4 * i, 4 * i + 4).join()));
      const kept = Array.from({ length: outer.length / 4 }, (_, i) => outer.subarray(4 * i, 4 * i + 4).join());
      expect(new Set(kept).size).toBe(kept.length);
      expect(kept.every((ball) => given.has(ball))).toBe(true);
      for (let k = 0; k < 50; k++) {
        const u = [rng.normal(), rng.normal(), rng.normal()];
        const length = Math.hypot(...u);
        const unit = u.map((x) => x / length);
        expect(reach(balls, unit) - reach(outer, unit), `trial ${trial}`).toBeLessThan(0.012);
      }
    }
  });

  it('of groups together are those of one list of all', () => {
    const rng = createRng(3, 'groups');
    for (let trial = 0; trial < 40; trial++) {
      const groups = Array.from({ length: 1 + rng.int(6) }, () => randomBalls(1 + rng.int(30), rng));
      // Twins in different groups: the first one counts.
      groups.push(groups[0].slice());
      const known = groups.map((balls) => new OuterBalls(balls, QUICK_DIRECTIONS));
      expect(outermostOf(known), `trial ${trial}`).toEqual(outermost(concat(groups), QUICK_DIRECTIONS));
    }
  });
});
