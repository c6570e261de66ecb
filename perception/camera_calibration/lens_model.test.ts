import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { drawIntrinsics } from '../../test/support/camera_geometry.ts';
import { cameraMatrix, createProjection, intrinsicsOf, projectPoint, rayOfPixel } from './lens_model.ts';

describe('lens model', () => {
  it('has the derivatives that differences have', () => {
    const rng = createRng(1, 'lens');
    const out = createProjection();
    const pixel = (f: Float64Array, p: Float64Array) => {
      projectPoint(f, p[0], p[1], p[2], out);
      return [out.u, out.v];
    };
    for (let round = 0; round < 200; round++) {
      const f = drawIntrinsics(rng);
      const p = Float64Array.of(rng.range(-0.3, 0.3), rng.range(-0.3, 0.3), rng.range(0.5, 1.5));
      projectPoint(f, p[0], p[1], p[2], out);
      const [by_point, by_intrinsics] = [out.by_point.slice(), out.by_intrinsics.slice()];
      const check = (x: Float64Array, k: number, slopes: Float64Array, stride: number) => {
        const h = 1e-6 * Math.max(1, Math.abs(x[k]));
        const [up, down] = [x.slice(), x.slice()];
        up[k] += h;
        down[k] -= h;
        const [a, b] = x === f ? [pixel(up, p), pixel(down, p)] : [pixel(f, up), pixel(f, down)];
        for (const c of [0, 1]) {
          const slope = (a[c] - b[c]) / (2 * h);
          expect(Math.abs(slope - slopes[stride * c + k]), `round ${round}, ${k}`).toBeLessThan(
            1e-4 * (1 + Math.abs(slope)),
          );
        }
      };
      for (let k = 0; k < 3; k++) check(p, k, by_point, 3);
      for (let k = 0; k < 9; k++) check(f, k, by_intrinsics, 9);
    }
  });

  it('gives pixels their rays back', () => {
    const rng = createRng(2, 'rays');
    const out = createProjection();
    const ray = new Float64Array(2);
    for (let round = 0; round < 500; round++) {
      const f = drawIntrinsics(rng);
      const [x, y] = [rng.range(-0.4, 0.4), rng.range(-0.3, 0.3)];
      projectPoint(f, x, y, 1, out);
      rayOfPixel(f, out.u, out.v, ray);
      expect(Math.hypot(ray[0] - x, ray[1] - y), `round ${round}`).toBeLessThan(1e-7);
      const { K, D } = cameraMatrix(f);
      expect(intrinsicsOf(K, D)).toEqual(f);
    }
  });
});
