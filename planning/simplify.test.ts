import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../contracts/index.ts';
import { type ConfigurationSpace, distance, EdgeChecker } from './configuration_space.ts';
import { RrtConnect } from './rrt_connect.ts';
import { pathLength, simplifyPath } from './simplify.ts';

/** A box of n joints with balls that may not be entered. */
function ballSpace(rng: Rng, n: number): ConfigurationSpace {
  const balls = Array.from({ length: 12 }, () => Float64Array.from({ length: n }, () => rng.range(-1, 1)));
  const radius = n < 4 ? 0.3 : 0.8;
  return {
    n,
    lower: new Float64Array(n).fill(-1.5),
    upper: new Float64Array(n).fill(1.5),
    collides: (q, offset = 0) => balls.some((ball) => distance(ball, 0, q, offset, n) < radius),
  };
}

function freePosition(space: ConfigurationSpace, rng: Rng): Float64Array {
  for (;;) {
    const q = Float64Array.from({ length: space.n }, (_, j) => rng.range(space.lower[j], space.upper[j]));
    if (!space.collides(q)) return q;
  }
}

describe('simplification', () => {
  test('keeps ends and freedom, never lengthens, leaves its input as it was, and answers the same again', () => {
    let shorter = 0;
    for (let seed = 0; seed < 60; seed++) {
      const rng = createRng(seed, 'simplify');
      const space = ballSpace(rng, 2 + rng.int(5));
      const checker = new EdgeChecker(space);
      const found = new RrtConnect(checker).plan(freePosition(space, rng), freePosition(space, rng), rng);
      if (!found.ok) continue;
      const before = found.path.map((q) => [...q]);
      const short = simplifyPath(found.path, checker);
      expect(
        found.path.map((q) => [...q]),
        `seed ${seed}`,
      ).toEqual(before);
      expect([...short[0]], `seed ${seed}`).toEqual(before[0]);
      expect([...short[short.length - 1]], `seed ${seed}`).toEqual(before[before.length - 1]);
      expect(pathLength(short), `seed ${seed}`).toBeLessThanOrEqual(pathLength(found.path) * (1 + 1e-12));
      expect(checker.pathFree(short), `seed ${seed}`).toBe(true);
      expect(simplifyPath(found.path, checker), `seed ${seed}`).toEqual(short);
      if (pathLength(short) < 0.98 * pathLength(found.path)) shorter++;
    }
    expect(shorter).toBeGreaterThan(20);
  });

  test('straightens a zigzag in free space, and rounds a corner as closely as the corner allows', () => {
    const empty: ConfigurationSpace = {
      n: 2,
      lower: Float64Array.of(-1, -1),
      upper: Float64Array.of(1, 1),
      collides: () => false,
    };
    const zigzag = Array.from({ length: 9 }, (_, i) => Float64Array.of(i / 10, i % 2));
    expect(simplifyPath(zigzag, new EdgeChecker(empty))).toEqual([zigzag[0], zigzag[8]]);
    const block: ConfigurationSpace = { ...empty, collides: (q, o = 0) => q[o] > -0.3 && q[o] < 0.3 && q[o + 1] < 0.5 };
    const over = [
      Float64Array.of(-0.8, 0),
      Float64Array.of(-0.7, 0.9),
      Float64Array.of(0.7, 0.9),
      Float64Array.of(0.8, 0),
    ];
    const shortest = 2 * Math.hypot(0.5, 0.5) + 0.6;
    const lengths = [0, 1, 2, 4, 20].map((rounds) =>
      pathLength(simplifyPath(over, new EdgeChecker(block), { rounds })),
    );
    for (let i = 1; i < lengths.length; i++) expect(lengths[i]).toBeLessThanOrEqual(lengths[i - 1]);
    expect(lengths[4]).toBeGreaterThan(shortest - 0.02);
    expect(lengths[4] / shortest).toBeLessThan(1.05);
  });
});
