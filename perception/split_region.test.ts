import { describe, expect, test } from 'vitest';
import { depthOf, splitRegion } from './split_region.ts';

const WIDTH = 60;

/** Pixels of a union of discs and rectangles, ascending. */
function pixelsOf(inside: (u: number, v: number) => boolean): Int32Array {
  return Int32Array.from({ length: WIDTH * 40 }, (_, i) => i).filter((i) => inside(i % WIDTH, Math.floor(i / WIDTH)));
}

const disc = (cu: number, cv: number, r: number) => (u: number, v: number) => Math.hypot(u - cu, v - cv) <= r;

describe('splitting a region at its necks', () => {
  test('parts two discs that overlap a little, each pixel to its own', () => {
    const [a, b] = [disc(18, 20, 9), disc(34, 20, 9)];
    const whole = pixelsOf((u, v) => a(u, v) || b(u, v));
    const parts = splitRegion(whole, WIDTH);
    expect(parts.length).toBe(2);
    expect(parts[0].length + parts[1].length).toBe(whole.length);
    for (const part of parts) {
      const left = part.filter((i) => i % WIDTH < 26).length;
      expect(Math.min(left, part.length - left)).toBeLessThan(0.06 * part.length);
    }
  });

  test('parts three in a row', () => {
    const discs = [disc(12, 20, 7), disc(25, 20, 7), disc(38, 20, 7)];
    expect(
      splitRegion(
        pixelsOf((u, v) => discs.some((d) => d(u, v))),
        WIDTH,
      ).length,
    ).toBe(3);
  });

  test('leaves what is convex whole, down to a single pixel', () => {
    for (const whole of [
      pixelsOf(disc(20, 20, 10)),
      pixelsOf((u, v) => u >= 5 && u < 40 && v >= 10 && v < 22),
      Int32Array.of(777),
    ]) {
      expect(splitRegion(whole, WIDTH)).toEqual([whole]);
    }
  });

  test('knows how deep a region is, and that a ring is as thin as its line', () => {
    expect(
      depthOf(
        pixelsOf((u, v) => u >= 5 && u < 40 && v >= 10 && v < 21),
        WIDTH,
      ),
    ).toBe(6);
    const ring = pixelsOf((u, v) => Math.max(Math.abs(u - 20), Math.abs(v - 20)) === 10);
    expect(depthOf(ring, WIDTH)).toBe(1);
  });
});
