import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../contracts/index.ts';
import { CameraModel } from '../camera_model.ts';
import { boxSilhouette, cylinderSilhouette, fitBox, fitCylinder, polygonArea } from './silhouette.ts';

/** 320×240, 50° across, at (0.95, 0, 0.69), looking at (0.55, 0, 0). */
function overview(): CameraModel {
  const length = Math.hypot(0.4, 0.69);
  const z = [-0.4 / length, 0, -0.69 / length];
  const f = 160 / Math.tan((25 * Math.PI) / 180);
  return new CameraModel({
    K: [f, 0, 159.5, 0, f, 119.5, 0, 0, 1],
    D: [0, 0, 0, 0, 0],
    T_world_camera_optical: [0, z[2], z[0], 0.95, 1, 0, 0, 0, 0, -z[0], z[2], 0.69, 0, 0, 0, 1],
  });
}

/** Points along a polygon, each moved across by noise. */
function walk(polygon: Float64Array, rng: Rng, noise_px: number): Float64Array {
  const points: number[] = [];
  for (let i = 0; i < polygon.length; i += 2) {
    const j = (i + 2) % polygon.length;
    const dx = polygon[j] - polygon[i];
    const dy = polygon[j + 1] - polygon[i + 1];
    const length = Math.hypot(dx, dy);
    for (let s = rng.uniform(); s < length; s++) {
      const off = noise_px * rng.normal();
      points.push(polygon[i] + (dx * s + dy * off) / length, polygon[i + 1] + (dy * s - dx * off) / length);
    }
  }
  return Float64Array.from(points);
}

const NONE = { rms: 0, cofactor: new Float64Array(0) };

describe('fits to an outline', () => {
  const camera = overview();

  it('recover boxes from exact outlines, from a start that is off', () => {
    const rng = createRng(6).stream('box');
    for (let trial = 0; trial < 100; trial++) {
      const box = {
        x: rng.range(0.38, 0.66),
        y: rng.range(-0.26, 0.26),
        yaw: rng.range(-3, 3),
        a: rng.range(0.03, 0.06),
        b: rng.range(0.03, 0.06),
        height: rng.range(0.03, 0.06),
        ...NONE,
      };
      const outline = { points: walk(boxSilhouette(camera, box).whole, rng, 0), hidden: 0 };
      const start = { ...box, x: box.x + 0.003, y: box.y - 0.003, yaw: box.yaw + 0.08, a: box.a * 0.9, b: box.b * 1.1 };
      const found = fitBox(camera, outline, { height_m: box.height, sigma_m: 5e-4 }, start);
      for (const key of ['x', 'y', 'a', 'b', 'height'] as const) {
        expect(Math.abs(found[key] - box[key]), `trial ${trial} ${key}`).toBeLessThan(1e-4);
      }
      expect(Math.abs(found.yaw - box.yaw), `trial ${trial} yaw`).toBeLessThan(5e-3);
    }
  });

  it('recover cylinders from exact outlines', () => {
    const rng = createRng(7).stream('cylinder');
    for (let trial = 0; trial < 100; trial++) {
      const cylinder = {
        x: rng.range(0.38, 0.66),
        y: rng.range(-0.26, 0.26),
        radius: rng.range(0.015, 0.03),
        height: rng.range(0.03, 0.06),
        ...NONE,
      };
      const outline = { points: walk(cylinderSilhouette(camera, cylinder).whole, rng, 0), hidden: 0 };
      const start = { x: cylinder.x - 0.004, y: cylinder.y + 0.003, radius: 0.02 };
      const found = fitCylinder(camera, outline, { height_m: cylinder.height, sigma_m: 5e-4 }, start);
      for (const key of ['x', 'y', 'radius', 'height'] as const) {
        expect(Math.abs(found[key] - cylinder[key]), `trial ${trial} ${key}`).toBeLessThan(1e-4);
      }
    }
  });

  it('have errors of the size that their cofactors say, under independent noise', () => {
    const rng = createRng(8).stream('noise');
    const noise = 0.3;
    let squares = 0;
    const trials = 150;
    for (let trial = 0; trial < trials; trial++) {
      const box = { x: 0.5, y: 0.1, yaw: 0.4 + rng.uniform(), a: 0.04, b: 0.055, height: 0.045, ...NONE };
      const outline = { points: walk(boxSilhouette(camera, box).whole, rng, noise), hidden: 0 };
      const found = fitBox(camera, outline, { height_m: 0.045, sigma_m: 5e-4 }, box);
      squares +=
        ((found.y - box.y) ** 2 / (noise ** 2 * found.cofactor[7]) +
          (found.yaw - box.yaw) ** 2 / (noise ** 2 * found.cofactor[14])) /
        2;
    }
    expect(squares / trials).toBeGreaterThan(0.6);
    expect(squares / trials).toBeLessThan(1.7);
  });

  it('see a larger silhouette of a larger shape', () => {
    const box = { x: 0.5, y: 0, yaw: 0.3, a: 0.04, b: 0.05, height: 0.04, ...NONE };
    const area = (size: number) => polygonArea(boxSilhouette(camera, { ...box, a: size }).whole);
    expect(area(0.05)).toBeGreaterThan(area(0.04));
    expect(polygonArea(boxSilhouette(camera, box).top)).toBeLessThan(area(0.04));
  });
});
