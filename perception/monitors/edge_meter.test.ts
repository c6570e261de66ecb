import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import type { RgbdFrame } from '../detector.ts';
import { EdgeMeter } from './edge_meter.ts';

const [width, height] = [160, 120];

/** Bright squares on a darker ground, blurred by a square of (2r + 1)² pixels, with noise. */
function squares(radius: number, sigma: number, seed: number): Uint8Array {
  const rng = createRng(seed, 'squares');
  const clean = Float32Array.from({ length: width * height }, (_, i) =>
    (Math.floor((i % width) / 23) + Math.floor(i / width / 19)) % 2 === 0 ? 70 : 180,
  );
  return Uint8Array.from(clean, (_, i) => {
    const [u0, v0] = [i % width, Math.floor(i / width)];
    let [sum, n] = [0, 0];
    for (let v = Math.max(0, v0 - radius); v <= Math.min(height - 1, v0 + radius); v++) {
      for (let u = Math.max(0, u0 - radius); u <= Math.min(width - 1, u0 + radius); u++, n++)
        sum += clean[v * width + u];
    }
    return sum / n + sigma * rng.normal() + 0.5;
  });
}

function frameOf(rgb: (i: number) => number, z: (i: number) => number): RgbdFrame {
  const header = { stamp_ns: 0n, frame_id: 'c', width, height };
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => rgb(Math.floor(i / 3)));
  const depth = Float32Array.from({ length: width * height }, (_, i) => z(i));
  const info = {
    ...header,
    name: 'c',
    K: [],
    D: [],
    distortion_model: 'plumb_bob' as const,
    T_world_camera_optical: [],
  };
  return { request_id: '', colour: { ...header, data }, depth: { ...header, data: depth }, info };
}

const FLAT = frameOf(
  () => 100,
  () => 0.7,
);
const measured = (luma: Uint8Array, frame = FLAT) => {
  const meter = new EdgeMeter();
  meter.measure(luma, width, height, frame);
  return meter;
};

describe('the meter of edges', () => {
  it.each([0, 1.5, 3, 5])('finds sharp edges sharp and blurred ones less, whatever the noise (%s)', (sigma) => {
    const sharpness = [0, 1, 2, 4].map((radius) => measured(squares(radius, sigma, 3)).sharpness);
    expect(sharpness[0]).toBeGreaterThan(0.9);
    for (let k = 1; k < sharpness.length; k++) expect(sharpness[k]).toBeLessThan(sharpness[k - 1]);
    // A ramp over nine pixels climbs four ninths of its step in four equal parts.
    expect(sharpness[3]).toBeGreaterThan(0.2);
    expect(sharpness[3]).toBeLessThan(0.32);
  });

  it('says nothing of a picture without edges', () => {
    const rng = createRng(2, 'plain');
    const plain = Uint8Array.from({ length: width * height }, () => 120 + 3 * rng.normal());
    expect(measured(plain)).toMatchObject({ sharpness: Number.NaN, softness: 0 });
  });

  it('finds stray light soft, and no sharp edge', () => {
    const spot = Uint8Array.from({ length: width * height }, (_, i) => {
      const [u, v] = [i % width, Math.floor(i / width)];
      return 60 + 180 * Math.exp(-((u - 80) ** 2 + (v - 60) ** 2) / (2 * 20 ** 2));
    });
    expect(measured(spot).softness).toBeGreaterThan(10 * measured(squares(0, 2, 4)).softness + 0.5);
  });

  it('misses the colours of things that only depth shows', () => {
    const inside = (i: number) => i % width > 60 && i % width < 100 && i / width > 40 && i / width < 80;
    const z = (i: number) => (inside(i) ? 0.6 : 0.7);
    const luma = Uint8Array.from({ length: width * height }, (_, i) => (inside(i) ? 180 : 100));
    const seen = frameOf((i) => (inside(i) ? 180 : 100), z);
    const covered = frameOf(() => 100, z);
    expect(measured(luma, seen).agreement).toBe(1);
    expect(measured(luma, covered).agreement).toBe(0);
    expect(measured(luma, FLAT).agreement).toBe(Number.NaN);
  });
});
