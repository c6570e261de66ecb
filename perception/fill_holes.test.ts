import { expect, test } from 'vitest';
import { createRng } from '../contracts/index.ts';
import { fillHoles } from './fill_holes.ts';
import { components } from './regions.ts';

const [WIDTH, HEIGHT] = [24, 18];

/** Pixels that cannot reach the image's border without crossing the region: found by components of the rest. */
function enclosed(pixels: Int32Array): Set<number> {
  const rest = new Uint8Array(WIDTH * HEIGHT).fill(1);
  for (const i of pixels) rest[i] = 0;
  const border = (i: number): boolean =>
    i % WIDTH === 0 || i % WIDTH === WIDTH - 1 || i < WIDTH || i >= WIDTH * (HEIGHT - 1);
  return new Set(components(rest, WIDTH).flatMap((part) => (part.some(border) ? [] : [...part])));
}

test('adds what the region encloses and nothing else, on random blots', () => {
  const rng = createRng(1);
  let holes = 0;
  for (let round = 0; round < 100; round++) {
    const marked = new Uint8Array(WIDTH * HEIGHT).map(() => (rng.uniform() < 0.72 ? 1 : 0));
    const [pixels] = components(marked, WIDTH).sort((a, b) => b.length - a.length);
    const expected = enclosed(pixels);
    holes += expected.size;
    const filled = fillHoles(pixels, WIDTH);
    expect([...filled], `round ${round}`).toEqual([...pixels, ...expected].sort((a, b) => a - b));
    if (expected.size === 0) expect(filled).toBe(pixels);
  }
  expect(holes).toBeGreaterThan(200);
});

test('a region without pixels stays one', () => {
  expect(fillHoles(new Int32Array(0), WIDTH)).toEqual(new Int32Array(0));
});
