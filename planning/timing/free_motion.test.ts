import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { loadRobot } from '../../robots/index.ts';
import { blendCorners, type SegmentTest } from './corners.ts';
import { timeFreePath } from './free_motion.ts';
import type { MotionLimits } from './limits.ts';
import { reportMotion } from './motion_report.ts';
import { timePath } from './time_path.ts';

const N = 7;
const PANDA_MOTION = loadRobot('panda').limits;
const SLUGGISH: MotionLimits = {
  velocity: new Float64Array(N).fill(3),
  acceleration: new Float64Array(N).fill(6),
  jerk: new Float64Array(N).fill(120),
};
const polyline = (rng: Rng, corners: number): Float64Array[] =>
  Array.from({ length: corners }, () => Float64Array.from({ length: N }, () => rng.range(-1, 1)));
const samePoints = (a: readonly Float64Array[], b: readonly Float64Array[]) =>
  a.length === b.length && a.every((q, i) => q === b[i]);

describe('motions with their own path', () => {
  test('are shorter where the jerk limits are low, hold every limit and stay on the path they come with', () => {
    for (let seed = 0; seed < 10; seed++) {
      const path = blendCorners(polyline(createRng(seed, 'sluggish'), 3 + (seed % 3)), N, () => true);
      const { motion, path: taken } = timeFreePath(path, SLUGGISH, () => true);
      expect(motion.duration_s, `seed ${seed}`).toBeLessThan(0.75 * timePath(path, SLUGGISH).duration_s);
      const report = reportMotion(motion.samples(), SLUGGISH, taken);
      const held = [report.velocity, report.acceleration, report.jerk].every((share) => share <= 1 + 1e-6);
      expect(held && report.integration_rad < 1e-9 && report.off_path_rad < 2e-4, JSON.stringify(report)).toBe(true);
      expect([...taken[0]]).toEqual([...path[0]]);
      expect([...taken[taken.length - 1]]).toEqual([...path[path.length - 1]]);
    }
  });

  test('keep the given path where another would not be free, and where the jerk limits hardly matter', () => {
    const path = blendCorners(polyline(createRng(1), 4), N, () => true);
    let asked = 0;
    const occupied: SegmentTest = () => {
      asked++;
      return false;
    };
    const kept = timeFreePath(path, SLUGGISH, occupied);
    expect(asked).toBeGreaterThan(0);
    expect(samePoints(kept.path, path)).toBe(true);
    expect(kept.motion.samples()).toEqual(timePath(path, SLUGGISH).samples());
    expect(samePoints(timeFreePath(path, PANDA_MOTION, () => true).path, path)).toBe(true);
  });
});
