import { beforeAll, describe, expect, it } from 'vitest';
import { engineAgreement } from '../test/support/engine_agreement.ts';
import { apart, drawCase, playCase } from '../test/support/manipulation_cases.ts';
import { sweep } from '../test/support/sweep.ts';
import { prepareEngine } from './engines.ts';

beforeAll(() => prepareEngine('mujoco'));

describe('cannon against MuJoCo, the same commands', () => {
  it('pushes, grasps and placements end in the same place', () => {
    const result = engineAgreement(['cannon', 'mujoco'], 3, sweep(6, 12));
    expect(result.counted, JSON.stringify(result)).toBeGreaterThanOrEqual(sweep(4, 8));
    expect(result.differing).toEqual([]);
    expect(Math.max(result.median_mm.grasp, result.median_mm.place)).toBeLessThan(1);
  });

  it('would show a push that goes 10 mm farther', () => {
    const item = drawCase(3, 0);
    expect(item.kind).toBe('push');
    const end = playCase('cannon', item);
    const farther = playCase('mujoco', { ...item, distance_m: item.distance_m + 0.01 });
    expect(apart(item.shape, end, farther).m).toBeGreaterThan(5e-3);
  });
});
