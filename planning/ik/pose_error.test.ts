import { describe, expect, test } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { multiplyMatrices, rotationExp } from '../../dynamics/index.ts';
import { poseError } from './pose_error.ts';

function drawnPose(rng: Rng): Float64Array {
  const T = new Float64Array(12);
  rotationExp(rng.range(-2, 2), rng.range(-2, 2), rng.range(-2, 2), T, 0);
  for (let k = 9; k < 12; k++) T[k] = rng.range(-1, 1);
  return T;
}

function moved(T: Float64Array, by: Float64Array): Float64Array {
  const out = new Float64Array(12);
  const R = new Float64Array(9);
  rotationExp(by[3], by[4], by[5], R, 0);
  multiplyMatrices(R, 0, T, 0, out, 0);
  for (let k = 0; k < 3; k++) out[9 + k] = T[9 + k] + by[k];
  return out;
}

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
