import { describe, expect, it } from 'vitest';
import { COLOURS, createRng } from '../contracts/index.ts';
import { colourOfHue, colourOfLinear, hueOf, LINEAR, saturationOf } from './colour.ts';

/** sRGB of a hue at a saturation and value. */
function fromHsv(hue: number, s: number, v: number): [number, number, number] {
  const channel = (n: number): number => {
    const k = (n + hue / 60) % 6;
    return v - v * s * Math.max(0, Math.min(k, 4 - k, 1));
  };
  return [channel(5), channel(3), channel(1)];
}

describe('colour names', () => {
  it('survive shading by any light of one colour, from the hues of common paints', () => {
    const rng = createRng(1).stream('paint');
    const hues = [0, 27, 52, 126, 222, 280];
    for (let trial = 0; trial < 600; trial++) {
      const i = trial % 6;
      const rgb = fromHsv((hues[i] + rng.range(-8, 8) + 360) % 360, rng.range(0.7, 1), rng.range(0.5, 1));
      const light = rng.range(0.2, 1.2);
      const linear = rgb.map((c) => light * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      expect(colourOfLinear(linear[0], linear[1], linear[2]), `${rgb} light ${light}`).toBe(COLOURS[i]);
    }
  });

  it('cover every hue once, red on both ends', () => {
    const names = Array.from({ length: 360 }, (_, hue) => colourOfHue(hue));
    expect(names[0]).toBe('red');
    expect(names[359]).toBe('red');
    expect(new Set(names).size).toBe(COLOURS.length);
    expect(names.filter((name, i) => i > 0 && name !== names[i - 1])).toHaveLength(COLOURS.length);
  });

  it('come with hue and saturation that invert the HSV construction', () => {
    const rng = createRng(2).stream('hsv');
    for (let trial = 0; trial < 300; trial++) {
      const [hue, s, v] = [rng.range(0, 360), rng.range(0.05, 1), rng.range(0.05, 1)];
      const [r, g, b] = fromHsv(hue, s, v);
      expect(Math.abs(hueOf(r, g, b) - hue)).toBeLessThan(1e-6);
      expect(saturationOf(r, g, b)).toBeCloseTo(s, 9);
    }
    expect(hueOf(0.4, 0.4, 0.4)).toBe(0);
    expect([LINEAR[0], LINEAR[255]]).toEqual([0, 1]);
  });
});
