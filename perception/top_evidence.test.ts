import { describe, expect, it } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { sweep } from '../test/support/sweep.ts';
import { CameraModel } from './camera_model.ts';
import { AS_PUT_UP, cameraCovariance, EXACT_CAMERA, fitTop } from './geometry/index.ts';
import { explainedShare, type SeenTop, topCovariance } from './top_evidence.ts';

const PIXEL_M = 0.002;
const HEIGHT_M = 0.05;
const SIZE = [0.06, 0.04] as const;
/** Looks straight down from 0.35 m, 40 mm beside the thing. */
const camera = new CameraModel({
  K: [150, 0, 64, 0, 150, 64, 0, 0, 1],
  D: [0, 0, 0, 0, 0],
  T_world_camera_optical: [1, 0, 0, 0.54, 0, -1, 0, 0, 0, 0, -1, 0.35, 0, 0, 0, 1],
});

/** The outline of a rectangle about (0.5, 0) with noise that neighbours share, without sides that are not seen. */
function outline(seed: number, yaw: number, unseen: readonly number[] = []): Float64Array {
  const rng = createRng(seed, 'outline');
  const points: number[] = [];
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  for (let side = 0; side < 4; side++) {
    const [long, sign] = [side % 2, side < 2 ? 1 : -1];
    const steps = Math.round(SIZE[long] / PIXEL_M);
    let noise = 0;
    for (let k = 0; k < steps; k++) {
      if (k % 3 === 0) noise = 0.4 * PIXEL_M * rng.normal();
      if (unseen.includes(side)) continue;
      const along = ((k + 0.5) / steps - 0.5) * SIZE[long];
      const across = sign * (SIZE[1 - long] / 2 + noise);
      const [p, q] = long === 0 ? [along, across] : [across, along];
      points.push(0.5 + c * p - s * q, s * p + c * q);
    }
  }
  return Float64Array.from(points);
}

function topOf(points: Float64Array, hidden = 0): SeenTop {
  const fit = fitTop(points);
  if (fit === null) throw new Error('encloses nothing');
  const area_m2 = SIZE[0] * SIZE[1];
  return { fit, round: false, outline: points, hidden, area_m2, height_m: HEIGHT_M, pixel_m: PIXEL_M };
}

describe('the evidence of a top face', () => {
  it('gives a covariance that covers where the fit puts its middle', () => {
    const trials = sweep(150, 2000);
    const P = cameraCovariance(EXACT_CAMERA);
    let covered = 0;
    for (let seed = 0; seed < trials; seed++) {
      const top = topOf(outline(seed, createRng(seed, 'yaw').range(0.1, 1.4)));
      const C = topCovariance(top, camera, P);
      const [dx, dy] = [top.fit.rectangle.x - 0.5, top.fit.rectangle.y];
      const d2 = (C[7] * dx * dx - 2 * C[1] * dx * dy + C[0] * dy * dy) / (C[0] * C[7] - C[1] * C[6]);
      if (d2 < 5.99) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.88);
  });

  it('leaves the place open along an axis of which one side is not seen, and explains less', () => {
    const P = cameraCovariance(EXACT_CAMERA);
    const whole = topOf(outline(1, 0));
    // Side 1 is the one at larger x.
    const partly = topOf(outline(1, 0, [1]), 0.2);
    const [a, b] = [whole, partly].map((top) => topCovariance(top, camera, P));
    expect(b[0]).toBeGreaterThan(20 * a[0]);
    expect(b[7]).toBeLessThan(2 * a[7]);
    expect(explainedShare(whole)).toBeGreaterThan(0.85);
    expect(explainedShare(partly)).toBeLessThan(0.85 * explainedShare(whole));
  });

  it('grows with the camera’s errors: place by its place, turn and focal length, height by its height', () => {
    const exact = topCovariance(topOf(outline(2, 0.3)), camera, cameraCovariance(EXACT_CAMERA));
    const put_up = topCovariance(topOf(outline(2, 0.3)), camera, cameraCovariance(AS_PUT_UP));
    const p = AS_PUT_UP.position_m ** 2;
    const r = (AS_PUT_UP.rotation_rad * (0.35 - HEIGHT_M)) ** 2;
    expect(put_up[0] - exact[0]).toBeGreaterThan(p + r);
    expect(put_up[0] - exact[0]).toBeLessThan(1.5 * (p + r + (2 * PIXEL_M) ** 2));
    expect(put_up[14] - exact[14]).toBeGreaterThan(p / 4);
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 6; j++) expect(put_up[6 * i + j]).toBeCloseTo(put_up[6 * j + i], 15);
  });
});
