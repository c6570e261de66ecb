import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { tone } from './shading.ts';

const WIDTH = 40;
const HEIGHT = 30;
const grey = (value: number): Uint8Array => new Uint8Array(3 * WIDTH * HEIGHT).fill(value);

it('changes nothing with a straight curve and no fall-off', () => {
  const rng = createRng(1);
  const picture = Uint8Array.from({ length: 3 * WIDTH * HEIGHT }, () => rng.int(256));
  const toned = picture.slice();
  tone(toned, WIDTH, { gamma: 1, vignette: 0 });
  expect(toned).toEqual(picture);
});

it('keeps mid grey and the order of brightness', () => {
  for (const gamma of [0.8, 1.25]) {
    const middles = Array.from({ length: 256 }, (_, value) => {
      const picture = grey(value);
      tone(picture, WIDTH, { gamma, vignette: 0 });
      return picture[0];
    });
    expect(middles[128]).toBe(128);
    for (let v = 1; v < 256; v++) expect(middles[v]).toBeGreaterThanOrEqual(middles[v - 1]);
    // Below mid grey a larger exponent is darker.
    expect(Math.sign(middles[60] - 60)).toBe(gamma > 1 ? -1 : 1);
  }
});

it('falls off with the square of the distance from the middle, by its full share at the corners', () => {
  const picture = grey(200);
  tone(picture, WIDTH, { gamma: 1, vignette: 0.3 });
  const at = (x: number, y: number): number => picture[3 * (y * WIDTH + x)];
  for (const [x, y] of [
    [0, 0],
    [WIDTH - 1, 0],
    [0, HEIGHT - 1],
    [WIDTH - 1, HEIGHT - 1],
  ])
    expect(at(x, y)).toBe(140);
  expect(at(WIDTH / 2, HEIGHT / 2)).toBe(200);
  const corner = ((WIDTH - 1) / 2) ** 2 + ((HEIGHT - 1) / 2) ** 2;
  expect(Math.abs(at(0, HEIGHT / 2) - 200 * (1 - (0.3 * ((WIDTH - 1) / 2) ** 2) / corner))).toBeLessThan(1);
});
