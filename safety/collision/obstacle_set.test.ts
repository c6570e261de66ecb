import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { randomObstacle } from '../../test/support/tail_oracle.ts';
import { MAX_OBSTACLES, type Obstacle } from '../obstacle.ts';
import { CORE, CORE_OUT, segmentCore } from './core.ts';
import { ObstacleSet } from './obstacle_set.ts';

const WALL: Obstacle = {
  id: 'wall',
  shape: { type: 'box', size: [0.1, 1, 1] },
  pose: { position: [1, 0, 0.5], orientation: [0, 0, 0, 1] },
  velocity_m_per_s: [0, 0, 0],
};

describe('obstacle set', () => {
  it('keeps the permanent ones and replaces the others', () => {
    const set = new ObstacleSet([WALL]);
    set.replace([
      { ...WALL, id: 'a' },
      { ...WALL, id: 'b', velocity_m_per_s: [3, 4, 0] },
    ]);
    expect(set.ids).toEqual(['wall', 'a', 'b']);
    expect(set.speed[2]).toBe(5);
    set.replace([]);
    expect(set.ids).toEqual(['wall']);
    expect(set.count).toBe(1);
  });

  it('bounds every shape by a box along the base axes and a ball about its core', () => {
    const rng = createRng(4, 'extent');
    const out = new Float64Array(CORE_OUT);
    for (let i = 0; i < 400; i++) {
      const set = new ObstacleSet([randomObstacle(rng, 'thing')]);
      let farthest = 0;
      for (let k = 0; k < 100; k++) {
        const local = [0, 1, 2].map(() => rng.range(-0.3, 0.3));
        segmentCore(set.kind[0], Float64Array.from([...local, ...local]), set.size, 0, out);
        if (out[0] > set.rounding[0]) continue;
        for (let axis = 0; axis < 3; axis++) {
          const x = [0, 1, 2].reduce((sum, c) => sum + set.R[3 * axis + c] * local[c], 0);
          expect(Math.abs(x), `obstacle ${i}`).toBeLessThan(set.extent[axis] + 1e-12);
        }
        farthest = Math.max(farthest, Math.hypot(...local));
      }
      expect(farthest, `obstacle ${i}`).toBeLessThan(set.core_reach[0] + set.rounding[0] + 1e-12);
    }
    expect(Object.keys(CORE)).toHaveLength(4);
  });

  it('says what it cannot take, and then stays as it was', () => {
    const set = new ObstacleSet([WALL]);
    set.replace([{ ...WALL, id: 'a' }]);
    const many = Array.from({ length: MAX_OBSTACLES }, (_, i) => ({ ...WALL, id: `${i}` }));
    expect(() => set.replace(many)).toThrow(/128 obstacles.*at most 127 beside 1 keep-out/);
    const flawed: readonly (readonly [Partial<Obstacle>, RegExp])[] = [
      [{ shape: { type: 'box', size: [0.1, 0, 1] } }, /sizes 0.1, 0, 1 of obstacle bad/],
      [{ shape: { type: 'sphere', radius: Number.NaN } }, /sizes NaN of obstacle bad/],
      [{ velocity_m_per_s: [0, Number.POSITIVE_INFINITY, 0] }, /velocity 0, Infinity, 0 of obstacle bad/],
      [{ pose: { position: [0, 0, Number.NaN], orientation: [0, 0, 0, 1] } }, /position 0, 0, NaN/],
      [{ pose: { position: [0, 0, 0], orientation: [0, 0, 0, 0] } }, /orientation 0, 0, 0, 0/],
    ];
    for (const [part, message] of flawed) {
      expect(() => set.replace([{ ...WALL, id: 'bad', ...part }])).toThrow(message);
    }
    expect(set.ids).toEqual(['wall', 'a']);
  });
});
