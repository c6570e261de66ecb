import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { CameraModel } from './camera_model.ts';

const POSE = [0.36, 0.48, -0.8, 0.9, -0.8, 0.6, 0, 0.1, 0.48, 0.64, 0.6, -0.7, 0, 0, 0, 1];

function camera(D: number[]): CameraModel {
  return new CameraModel({ K: [300, 0, 150, 0, 310, 110, 0, 0, 1], D, T_world_camera_optical: POSE });
}

describe('CameraModel', () => {
  it('undoes the plumb-bob distortion of OpenCV', () => {
    const rng = createRng(1).stream('distortion');
    const D = [-0.21, 0.06, 0.001, -0.002, 0.01];
    const [k1, k2, p1, p2, k3] = D;
    const out = new Float64Array(2);
    for (let i = 0; i < 200; i++) {
      const [x, y] = [rng.range(-0.5, 0.5), rng.range(-0.4, 0.4)];
      const r2 = x * x + y * y;
      const radial = 1 + k1 * r2 + k2 * r2 * r2 + k3 * r2 * r2 * r2;
      const u = 150 + 300 * (x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x));
      const v = 110 + 310 * (y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y);
      camera(D).normalise(u, v, out);
      expect(Math.hypot(out[0] - x, out[1] - y), `${x} ${y}`).toBeLessThan(1e-5);
    }
  });

  it('projects what a ray meets on a plane back onto the ray, with slopes equal to finite differences', () => {
    const rng = createRng(2).stream('project');
    const c = camera([0, 0, 0, 0, 0]);
    const at = new Float64Array(2);
    const up = new Float64Array(2);
    const down = new Float64Array(2);
    const slopes = new Float64Array(6);
    const ignored = new Float64Array(6);
    for (let i = 0; i < 100; i++) {
      const [x, y, height] = [rng.range(-0.3, 0.3), rng.range(-0.3, 0.3), rng.range(-0.1, 0.1)];
      c.onPlane(x, y, height, at);
      const point = [at[0], at[1], height];
      const pixel = new Float64Array(2);
      c.projectWithSlopes(point[0], point[1], point[2], pixel, 0, slopes);
      expect(pixel[0]).toBeCloseTo(300 * x, 8);
      expect(pixel[1]).toBeCloseTo(310 * y, 8);
      for (let k = 0; k < 3; k++) {
        const h = 1e-6;
        const moved = (d: number) => point.map((value, j) => (j === k ? value + d : value));
        const [a, b] = [moved(h), moved(-h)];
        c.projectWithSlopes(a[0], a[1], a[2], up, 0, ignored);
        c.projectWithSlopes(b[0], b[1], b[2], down, 0, ignored);
        for (let row = 0; row < 2; row++) {
          const numeric = (up[row] - down[row]) / (2 * h);
          expect(Math.abs(slopes[3 * row + k] - numeric)).toBeLessThan(1e-5 * (1 + Math.abs(numeric)));
        }
      }
    }
  });
});
