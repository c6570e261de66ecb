import { expect, it } from 'vitest';
import { stepsOf } from './patch.ts';
import { bordersOf } from './picture_borders.ts';

it.each([
  [5, 4],
  [1, 3],
  [3, 1],
  [1, 1],
])('tells of every pixel of %i×%i which of its steps leave the picture', (width, height) => {
  const borders = bordersOf(width, height);
  const steps = stepsOf(width);
  for (let i = 0; i < width * height; i++) {
    const [u, v] = [i % width, Math.floor(i / width)];
    const leaves = [u === 0, u === width - 1, v === 0, v === height - 1];
    for (let k = 0; k < steps.length; k++)
      expect((borders[i] >> k) & 1, `pixel ${i} step ${k}`).toBe(Number(leaves[k]));
  }
});
