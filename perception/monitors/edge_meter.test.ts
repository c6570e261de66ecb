import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
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

const measured = (luma: Uint8Array) => {
  const meter = new EdgeMeter();
  meter.measure(luma, width, height);
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
    expect(measured(plain)).toMatchObject({ sharpness: Number.NaN });
  });
});
