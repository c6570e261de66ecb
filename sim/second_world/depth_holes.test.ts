import { expect, it } from 'vitest';
import { createRng } from '../../contracts/index.ts';
import { punchHoles } from './depth_holes.ts';

const [WIDTH, HEIGHT] = [160, 120];

function missing(area_share: number, radius_share: number, seed: number): number {
  const depth = new Float32Array(WIDTH * HEIGHT).fill(1);
  punchHoles(depth, WIDTH, { area_share, radius_share }, createRng(seed));
  return depth.filter((z) => z === 0).length / depth.length;
}

it('takes the share that discs thrown at random cover: 1 − exp(−area), less what falls beyond the edges', () => {
  for (const area_share of [0.02, 0.1, 0.3]) {
    let sum = 0;
    for (let seed = 0; seed < 200; seed++) sum += missing(area_share, 0.02, seed);
    const expected = 1 - Math.exp(-area_share);
    expect(sum / 200 / expected, `${area_share}`).toBeGreaterThan(0.9);
    expect(sum / 200 / expected, `${area_share}`).toBeLessThan(1.05);
  }
});

it('takes whole discs and leaves the rest as it was', () => {
  const before = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => 0.5 + i * 1e-5);
  const depth = before.slice();
  punchHoles(depth, WIDTH, { area_share: 0.05, radius_share: 0.03 }, createRng(3));
  const lost = [...depth.keys()].filter((i) => depth[i] === 0);
  expect(lost.length).toBeGreaterThan(50);
  for (let i = 0; i < depth.length; i++) if (depth[i] !== 0) expect(depth[i]).toBe(before[i]);
  const alone = lost.filter((i) => depth[i - 1] !== 0 && depth[i + 1] !== 0);
  expect(alone.length / lost.length).toBeLessThan(0.05);
});

it('takes the same for the same stream, and nothing for no area', () => {
  expect(missing(0.1, 0.02, 5)).toBe(missing(0.1, 0.02, 5));
  expect(missing(0, 0.02, 5)).toBe(0);
});
