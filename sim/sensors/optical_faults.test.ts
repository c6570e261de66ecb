import { describe, expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { sweep } from '../../test/support/sweep.ts';
import { drawOpticalFault, OPTICAL_FAULTS, type OpticalFault, throughFault } from './optical_faults.ts';

const [width, height] = [96, 72];
const header = { stamp_ns: 7n, frame_id: 'c', width, height };
/** A checkerboard at 0.7 m. */
const clean = {
  colour: {
    ...header,
    data: Uint8Array.from({ length: 3 * width * height }, (_, i) => {
      const [u, v] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return (Math.floor(u / 8) + Math.floor(v / 8)) % 2 === 0 ? 60 : 160;
    }),
  },
  depth: { ...header, data: new Float32Array(width * height).fill(0.7) },
};
const through = (fault: OpticalFault, sigma = 0, seed = 1) =>
  throughFault(fault, clean, sigma, createRng(seed, 'noise'));
const share = (data: ArrayLike<number>, holds: (value: number) => boolean) =>
  Array.from(data).filter(holds).length / data.length;
const energy = ({ data }: { readonly data: Uint8Array }) => {
  let sum = 0;
  for (let i = 3; i < data.length; i++) sum += (data[i] - data[i - 3]) ** 2;
  return sum;
};

describe('faults of optics', () => {
  it('keep size, stamp and the picture they are given, and are the same for the same draw', () => {
    for (let seed = 0; seed < sweep(3, 20); seed++) {
      for (const kind of OPTICAL_FAULTS) {
        const fault = drawOpticalFault(kind, createRng(seed, kind));
        expect(drawOpticalFault(kind, createRng(seed, kind)), `${kind} ${seed}`).toEqual(fault);
        const before = clean.colour.data.slice();
        const { colour, depth } = through(fault, 2);
        expect(Buffer.compare(through(fault, 2).colour.data, colour.data), `${kind} ${seed}`).toBe(0);
        expect(Buffer.compare(clean.colour.data, before), `${kind} ${seed}`).toBe(0);
        expect([colour.width, depth.height, colour.stamp_ns]).toEqual([width, height, 7n]);
        const whole = share(depth.data, (z) => z === 0 || z === Math.fround(0.7));
        expect(whole, `${kind} ${seed}`).toBe(1);
      }
    }
  });

  it('cover the share of the picture that was drawn, in any direction', () => {
    for (let seed = 0; seed < sweep(6, 30); seed++) {
      const rng = createRng(seed, 'cover');
      const [covered, angle_rad] = [rng.range(0.25, 0.85), rng.range(-Math.PI, Math.PI)];
      const cover = { kind: 'partial_cover', rgb: [5, 5, 5], angle_rad, share: covered, soft: 0.01 } as const;
      const { colour, depth } = through({ ...cover, depth_lost: true });
      expect(
        share(depth.data, (z) => z === 0),
        `seed ${seed}`,
      ).toBeCloseTo(covered, 1);
      expect(
        share(colour.data, (value) => value < 32),
        `seed ${seed}`,
      ).toBeCloseTo(covered, 1);
    }
  });

  it('blur the more the wider they are, and keep the mean', () => {
    const mean = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
    const blurred = [1, 2, 3].map((radius_px) => through({ kind: 'defocus', radius_px }).colour);
    const energies = [energy(clean.colour), ...blurred.map(energy)];
    for (let k = 1; k < energies.length; k++) expect(energies[k]).toBeLessThan(energies[k - 1]);
    for (const one of blurred) expect(Math.abs(mean(one.data) - mean(clean.colour.data))).toBeLessThan(1.5);
    const along = through({ kind: 'motion_blur', length_px: 10, angle_rad: 0 }).colour;
    const across = through({ kind: 'motion_blur', length_px: 10, angle_rad: Math.PI / 2 }).colour;
    expect(energy(along)).toBeLessThan(0.7 * energy(across));
  });

  it('only add light where they glare, and grain each picture anew', () => {
    const fault = { kind: 'glare', spots: [{ u: 0.5, v: 0.4, reach: 0.2, peak: 400 }], veil: 10, gain: 1 } as const;
    const { colour, depth } = through({ ...fault, depth_lost: true });
    expect(colour.data.every((value, i) => value >= clean.colour.data[i])).toBe(true);
    expect(colour.data[3 * (28 * width + 48)]).toBe(255);
    expect(share(depth.data, (z) => z === 0)).toBeGreaterThan(0.01);
    const cap = { kind: 'lens_cap', rgb: [8, 8, 8], depth_lost: true } as const;
    expect(Buffer.compare(through(cap, 2, 1).colour.data, through(cap, 2, 2).colour.data)).not.toBe(0);
  });
});
