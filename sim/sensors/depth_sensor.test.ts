import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { axialSigma_m, type DepthSensor, STEREO, STRUCTURED_LIGHT, senseDepth } from './depth_sensor.ts';
import { type CameraNoise, RGBD_NOISE } from './noise.ts';

const WIDTH = 320;
const HEIGHT = 240;
const FOCAL = 343;

function sense(clean: Float32Array, sensor: DepthSensor, change: Partial<CameraNoise> = {}, seed = 1): Float32Array {
  const out = new Float32Array(clean.length);
  senseDepth(clean, WIDTH, FOCAL, { ...RGBD_NOISE, dropout: 0, depth_sensor: sensor, ...change }, createRng(seed), out);
  return out;
}

function wall(z: number): Float32Array {
  return new Float32Array(WIDTH * HEIGHT).fill(z);
}

/** A wall turned about the vertical by `angle`, at depth z in the middle of the picture. */
function turned(z: number, angle: number): Float32Array {
  return Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const x = ((i % WIDTH) - WIDTH / 2) / FOCAL;
    return z / (1 - x * Math.tan(angle));
  });
}

/** A near board over the middle columns before a wall. */
function board(near: number, far: number): Float32Array {
  return Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH >= 120 && i % WIDTH < 200 ? near : far));
}

function deviation(out: Float32Array, z: number): number {
  let [sum, count] = [0, 0];
  for (const value of out) {
    if (value === 0) continue;
    sum += (value - z) ** 2;
    count++;
  }
  expect(count).toBeGreaterThan(out.length / 2);
  return Math.sqrt(sum / count);
}

function empty(out: Float32Array, first: number, last: number): number {
  let count = 0;
  for (let i = 0; i < out.length; i++) if (out[i] === 0 && i % WIDTH >= first && i % WIDTH < last) count++;
  return count / (HEIGHT * (last - first));
}

/** Deviation of a value rounded to steps of `step`, added to one of `sigma`. */
const rounded = (sigma: number, step: number): number => Math.sqrt(sigma ** 2 + step ** 2 / 12);

describe.each([STRUCTURED_LIGHT, STEREO])('depth by $model', (sensor) => {
  const focal_baseline = sensor.focal_px * sensor.baseline_m;

  test.each([0.4, 0.8, 1.6])('has the deviation its source states on a wall at %f m, within 6 %%', (z) => {
    const step = z ** 2 / (sensor.steps_per_pixel * focal_baseline);
    const sigma = sensor.model === 'stereo' ? (sensor.disparity_sigma_px * z * z) / focal_baseline : axialSigma_m(z, 0);
    expect(deviation(sense(wall(z), sensor), z) / rounded(sigma, step)).toBeCloseTo(1, 1);
  });

  test('comes in steps of disparity', () => {
    for (const z of sense(wall(1.2), sensor)) {
      const steps = (sensor.steps_per_pixel * focal_baseline) / z;
      if (z > 0 && Math.abs(steps - Math.round(steps)) > 1e-3) expect.fail(`${z}`);
    }
  });

  test('leaves a band empty on one side of what is near, as wide as the disparities differ', () => {
    const out = sense(board(0.5, 1), sensor);
    const band = FOCAL * sensor.baseline_m * (1 / 0.5 - 1);
    expect(band).toBeGreaterThan(10);
    expect(empty(out, Math.ceil(120 - band + 2), 118)).toBeGreaterThan(0.95);
    expect(empty(out, 40, Math.floor(120 - band - 3))).toBe(0);
    expect(empty(out, 206, WIDTH)).toBe(0);
    expect(empty(out, 126, 194)).toBe(0);
  });

  test('is lost at grazing angles only', () => {
    const limit = (sensor.grazing_rad * 180) / Math.PI;
    const at = (degrees: number): number =>
      empty(sense(turned(0.6, (degrees * Math.PI) / 180), sensor), WIDTH / 2 - 4, WIDTH / 2 + 4);
    expect(at(limit - 6)).toBeLessThan(0.2);
    expect(at(limit + 4)).toBeGreaterThan(0.9);
  });

  test('the same stream gives the same bytes, and its deviation scales', () => {
    const clean = board(0.6, 0.9);
    const bytes = (seed: number): Buffer => Buffer.from(sense(clean, sensor, {}, seed).buffer);
    expect(bytes(1).equals(bytes(1))).toBe(true);
    expect(bytes(1).equals(bytes(2))).toBe(false);
    const wide = deviation(sense(wall(1.6), sensor, { depth_sensor_scale: 3 }), 1.6);
    expect(wide / deviation(sense(wall(1.6), sensor), 1.6)).toBeGreaterThan(1.7);
  });
});

test('structured light is noisier at an angle, and frays edges', () => {
  const steep = axialSigma_m(1, (75 * Math.PI) / 180);
  expect(steep).toBeGreaterThan(2 * axialSigma_m(1, 0));
  const out = sense(board(0.8, 0.83), STRUCTURED_LIGHT);
  let far = 0;
  for (let i = 0; i < out.length; i++) if (i % WIDTH === 199 && out[i] > 0.815) far++;
  expect(far / HEIGHT).toBeGreaterThan(0.05);
  expect(far / HEIGHT).toBeLessThan(0.5);
});

test('stereo gives what is beside something near its depth, and never the other way', () => {
  const out = sense(board(0.5, 1), STEREO);
  let [near, lost] = [0, 0];
  for (let i = 0; i < out.length; i++) {
    if (i % WIDTH === 200 && out[i] > 0 && out[i] < 0.6) near++;
    if (i % WIDTH === 199 && out[i] > 0.6) lost++;
  }
  expect(near / HEIGHT).toBeGreaterThan(0.2);
  expect(lost).toBe(0);
});
