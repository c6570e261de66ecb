import { describe, expect, test } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { addColourNoise, addDepthNoise, type CameraNoise, RGBD_NOISE } from './noise.ts';

const WIDTH = 320;
const HEIGHT = 240;
const PIXELS = WIDTH * HEIGHT;
const CALM: CameraNoise = { ...RGBD_NOISE, exposure_sigma: 0, depth_step_m: 0, edge_dropout: 0, dropout: 0 };

function deviation(values: ArrayLike<number>, mean: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - mean) ** 2;
  return Math.sqrt(sum / values.length);
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

describe('colour noise', () => {
  test.each([1, 2.5, 5])('has the standard deviation asked for, %f, within 5 %%', (colour_sigma) => {
    const clean = new Uint8Array(3 * PIXELS).fill(128);
    const out = new Uint8Array(3 * PIXELS);
    addColourNoise(clean, WIDTH, { ...CALM, colour_sigma }, createRng(1), out);
    // Rounding to whole values adds a twelfth to the variance.
    const expected = Math.sqrt(colour_sigma ** 2 + 1 / 12);
    expect(Math.abs(meanOf(out) - 128)).toBeLessThan(0.05);
    expect(Math.abs(deviation(out, 128) / expected - 1)).toBeLessThan(0.05);
  });

  test('exposure changes a whole frame alike, by the deviation asked for over many', () => {
    const clean = new Uint8Array(3 * 64).fill(200);
    const out = new Uint8Array(3 * 64);
    const rng = createRng(5);
    const means = Array.from({ length: 4000 }, (_, frame) => {
      addColourNoise(clean, 64, { ...CALM, colour_sigma: 0, exposure_sigma: 0.03 }, rng.stream(`${frame}`), out);
      expect(Math.max(...out)).toBe(Math.min(...out));
      return out[0] / 200;
    });
    expect(Math.abs(deviation(means, 1) / 0.03 - 1)).toBeLessThan(0.05);
  });

  test('black and white stay within 0 and 255', () => {
    const clean = Uint8Array.from({ length: 3 * PIXELS }, (_, i) => (i % 2) * 255);
    const out = new Uint8Array(3 * PIXELS);
    addColourNoise(clean, WIDTH, { ...CALM, colour_sigma: 4 }, createRng(2), out);
    for (let i = 0; i < out.length; i++)
      if (Math.abs(out[i] - clean[i]) > 40) expect.fail(`${clean[i]} became ${out[i]}`);
  });
});

describe('depth noise', () => {
  test.each([0.3, 0.8, 1.6])('grows with the square of depth: at %f m within 5 %%', (z) => {
    const out = new Float32Array(PIXELS);
    addDepthNoise(new Float32Array(PIXELS).fill(z), WIDTH, CALM, createRng(1), out);
    const expected = CALM.depth_sigma_at_1m * z * z;
    expect(Math.abs(deviation(out, z) / expected - 1)).toBeLessThan(0.05);
    expect(Math.abs(meanOf(out) - z)).toBeLessThan(0.05 * expected);
  });

  test('comes in steps of a millimetre', () => {
    const out = new Float32Array(PIXELS);
    addDepthNoise(new Float32Array(PIXELS).fill(0.8), WIDTH, RGBD_NOISE, createRng(1), out);
    for (const z of out) if (Math.abs(z * 1000 - Math.round(z * 1000)) > 1e-3) expect.fail(`${z}`);
  });

  test('gaps appear beside jumps and seldom elsewhere; what has no depth gets none', () => {
    const clean = Float32Array.from({ length: PIXELS }, (_, i) => (i % WIDTH < 100 ? 0.8 : i % WIDTH < 200 ? 0.75 : 0));
    const out = new Float32Array(PIXELS);
    addDepthNoise(clean, WIDTH, RGBD_NOISE, createRng(3), out);
    const gaps = (low: number, high: number): number => {
      let count = 0;
      for (let i = 0; i < PIXELS; i++) if (i % WIDTH >= low && i % WIDTH < high && out[i] === 0) count++;
      return count / (HEIGHT * (high - low));
    };
    expect(gaps(99, 101)).toBeCloseTo(RGBD_NOISE.edge_dropout, 1);
    expect(gaps(0, 98)).toBeCloseTo(RGBD_NOISE.dropout, 2);
    expect(gaps(200, WIDTH)).toBe(1);
  });

  test('neighbouring rows and frames are not correlated', () => {
    const clean = new Float32Array(PIXELS).fill(1);
    const frames = [0, 1].map((frame) => {
      const out = new Float32Array(PIXELS);
      addDepthNoise(clean, WIDTH, CALM, createRng(1).stream(`${frame}`), out);
      return out.map((z) => (z - 1) / CALM.depth_sigma_at_1m);
    });
    const correlation = (a: Float32Array, b: Float32Array): number => meanOf(a.map((value, i) => value * b[i]));
    expect(Math.abs(correlation(frames[0], frames[1]))).toBeLessThan(0.02);
    expect(Math.abs(correlation(frames[0].subarray(0, PIXELS - WIDTH), frames[0].subarray(WIDTH)))).toBeLessThan(0.02);
    expect(Math.abs(correlation(frames[0].subarray(1), frames[0].subarray(0, PIXELS - 1)))).toBeLessThan(0.02);
  });
});
