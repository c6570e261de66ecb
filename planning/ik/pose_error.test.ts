import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { drawnPose, moved } from '../../test/support/random_pose.ts';
import { poseError } from './pose_error.ts';

describe('pose error', () => {
  test('brings the tool to the target, up to half a turn', () => {
    const rng = createRng(1);
    for (let trial = 0; trial < 1000; trial++) {
      const target = drawnPose(rng);
      const error = new Float64Array(6);
      const axis = Float64Array.from({ length: 3 }, () => rng.normal());
      const length = Math.hypot(...axis);
      const near = [1e-9, 1e-4, 1, 3, Math.PI - 1e-4, Math.PI - 1e-8, Math.PI][trial % 7];
      const away = Float64Array.of(0.1, -0.2, 0.3, ...axis.map((x) => (x / length) * near));
      const tool = moved(target, away);
      poseError(target, tool, error);
      expect(Math.hypot(error[3], error[4], error[5]), `trial ${trial}`).toBeCloseTo(near, 7);
      const back = moved(tool, error);
      for (let k = 0; k < 12; k++) expect(back[k], `trial ${trial}`).toBeCloseTo(target[k], 7);
    }
  });
});
