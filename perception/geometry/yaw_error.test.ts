import { describe, expect, it } from 'vitest';
import { createRng, type Shape } from '../../contracts/index.ts';
import { longSideYaw, poseYawError, yawError, yawPeriod } from './yaw_error.ts';

const LONG: Shape = { type: 'box', size: [0.05, 0.03, 0.04] };
const SQUARE: Shape = { type: 'box', size: [0.04, 0.0405, 0.04] };
const ROUND: Shape = { type: 'cylinder', radius: 0.02, length: 0.05 };

describe('an error of yaw', () => {
  it('is the same for all yaws under which a shape looks alike, and never more than half its period', () => {
    const seed = 11;
    const rng = createRng(seed).stream('yaw');
    for (let trial = 0; trial < 300; trial++) {
      const [a, b] = [rng.range(-7, 7), rng.range(-7, 7)];
      for (const shape of [LONG, SQUARE]) {
        const period = yawPeriod(shape);
        const error = yawError(a, b, shape);
        const name = `seed ${seed} trial ${trial}`;
        expect(Math.abs(error), name).toBeLessThanOrEqual(period / 2 + 1e-12);
        expect(Math.abs(Math.sin((yawError(a + period, b, shape) - error) * (Math.PI / period))), name).toBeLessThan(
          1e-9,
        );
        expect(Math.abs(Math.sin((b + error - a) * (Math.PI / period))), name).toBeLessThan(1e-9);
      }
    }
  });

  it('counts a quarter of a turn for a box of unequal sides, not for a square one or a round shape', () => {
    expect(Math.abs(yawError(Math.PI / 2, 0, LONG))).toBeCloseTo(Math.PI / 2, 12);
    expect(yawError(Math.PI / 2, 0, SQUARE)).toBeCloseTo(0, 12);
    expect(yawError(1.234, 0, ROUND)).toBe(0);
  });

  it('does not depend on which side is called the first', () => {
    const seed = 12;
    const rng = createRng(seed).stream('sides');
    for (let trial = 0; trial < 200; trial++) {
      const [yaw, off] = [rng.range(-4, 4), rng.range(-0.3, 0.3)];
      const truth = { yaw, shape: LONG };
      const named = { yaw: yaw + off, shape: LONG };
      const swapped = { yaw: yaw + off + Math.PI / 2, shape: { type: 'box', size: [0.03, 0.05, 0.04] } as const };
      for (const estimate of [named, swapped]) {
        expect(poseYawError(estimate, truth), `seed ${seed} trial ${trial}`).toBeCloseTo(off, 9);
        expect(Math.abs(longSideYaw(estimate.yaw, estimate.shape))).toBeLessThanOrEqual(Math.PI / 2);
      }
    }
  });
});
