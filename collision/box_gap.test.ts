import { describe, expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { quaternionToMatrix } from '../dynamics/index.ts';
import { hullOfShape } from '../test/support/mesh_robot.ts';
import { randomShape } from '../test/support/random_shape.ts';
import { boxGap } from './box_gap.ts';
import { ConvexSet } from './convex.ts';
import { SignedDistance } from './signed_distance.ts';

describe('gap of the boxes about two bodies', () => {
  test('is never above their signed distance, and often near it', () => {
    const rng = createRng(131);
    const signed = new SignedDistance();
    const gap = new Float64Array(1);
    const short: number[] = [];
    for (let trial = 0; trial < 500; trial++) {
      const set = new ConvexSet(2);
      for (let i = 0; i < 2; i++) {
        const shape = randomShape(rng, 0.02, 0.3);
        set.add(rng.int(3) === 0 ? hullOfShape(shape) : shape, rng.int(2) * 0.01);
        const q = [0, 1, 2, 3].map(() => rng.normal());
        const norm = Math.hypot(...q);
        quaternionToMatrix([q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm], 0, set.pose, 12 * i);
        for (let c = 0; c < 3; c++) set.pose[12 * i + 9 + c] = rng.range(-0.3, 0.3);
      }
      signed.measure(set, 0, set, 1);
      boxGap(set, 0, set, 1, gap);
      expect(gap[0], `trial ${trial}`).toBeLessThanOrEqual(signed.distance_m + 2e-6);
      short.push(signed.distance_m - gap[0]);
    }
    expect(short.sort((a, b) => a - b)[short.length >> 1]).toBeLessThan(0.06);
  });
});
