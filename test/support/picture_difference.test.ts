import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Picture, pictureDifference } from './picture_difference.ts';

const grey = (width: number, height: number, value = 100): Picture => ({
  ...{ width, height },
  rgb: new Uint8Array(3 * width * height).fill(value),
});

it('counts exactly the pixels that differ by more than the tolerance, and finds the one that differs most', () => {
  const side = 9;
  const marks = fc.uniqueArray(fc.record({ pixel: fc.nat(side * side - 1), by: fc.integer({ min: 1, max: 155 }) }), {
    selector: ({ pixel }) => pixel,
  });
  fc.assert(
    fc.property(marks, fc.nat(2), fc.nat(100), (marked, channel, tolerance) => {
      const after = grey(side, side);
      for (const { pixel, by } of marked) after.rgb[3 * pixel + channel] += by;
      const { share, largest, picture } = pictureDifference(grey(side, side), after, tolerance);
      const over = marked.filter(({ by }) => by > tolerance).map(({ pixel }) => pixel);
      expect(share).toBe(over.length / (side * side));
      expect(largest.by).toBe(Math.max(0, ...marked.map(({ by }) => by)));
      const found = marked.find(({ pixel }) => pixel === largest.y * side + largest.x);
      expect(found?.by ?? 0).toBe(largest.by);
      const red = [...new Array(side * side).keys()].filter((pixel) => picture.rgb[3 * pixel + 1] === 0);
      expect(red).toEqual(over.sort((a, b) => a - b));
    }),
  );
});

it('says of pictures of different sizes that all differs', () => {
  expect(pictureDifference(grey(4, 3), grey(3, 4), 255).share).toBe(1);
});
