import { components } from './regions.ts';

/** Parts smaller than this (pixels) are no objects of their own. */
const LEAST_SEED = 10;

/**
 * Splits a region at its necks: the region is eroded step by step until it falls into pieces, and every pixel goes to the
 * piece that reaches it first from inside (watershed on the distance from the outline; Vincent and Soille, 1991).
 * @param pixels  indices, ascending
 * @returns the parts; the region alone if it has no neck
 */
export function splitRegion(pixels: Int32Array, width: number): Int32Array[] {
  const { grid, stride, at } = gridOf(pixels, width);
  const depth = depths(grid, stride);
  const deepest = depth.reduce((a, b) => Math.max(a, b), 0);
  for (let level = 1; level < deepest; level++) {
    const marked = Uint8Array.from(depth, (d) => (d > level ? 1 : 0));
    const seeds = components(marked, stride).filter((seed) => seed.length >= LEAST_SEED);
    if (seeds.length < 2) continue;
    const owner = flood(seeds, grid, stride);
    return seeds.map((_, k) => pixels.filter((_, i) => owner[at[i]] === k + 1));
  }
  return [pixels];
}

/**
 * Distance of a region's innermost pixels from its outside, in steps between 4-neighbours; 1 for a line.
 * @param pixels  indices, ascending
 */
export function depthOf(pixels: Int32Array, width: number): number {
  const { grid, stride } = gridOf(pixels, width);
  return depths(grid, stride).reduce((a, b) => Math.max(a, b), 0);
}

/** The region in a grid of its own with a margin of one, and where each pixel is in it. */
function gridOf(pixels: Int32Array, width: number): { grid: Uint8Array; stride: number; at: Int32Array } {
  let [left, right] = [width, 0];
  for (const i of pixels) {
    left = Math.min(left, i % width);
    right = Math.max(right, i % width);
  }
  const top = Math.floor(pixels[0] / width);
  const rows = Math.floor(pixels[pixels.length - 1] / width) - top + 3;
  const stride = right - left + 3;
  const grid = new Uint8Array(stride * rows);
  const at = pixels.map((i) => (Math.floor(i / width) - top + 1) * stride + (i % width) - left + 1);
  for (const cell of at) grid[cell] = 1;
  return { grid, stride, at };
}

/** Distance of every marked cell from the outside, in steps between 4-neighbours. */
function depths(grid: Uint8Array, stride: number): Int32Array {
  const depth = new Int32Array(grid.length);
  let shell = Int32Array.from(grid.keys()).filter(
    (i) => grid[i] === 1 && [i - 1, i + 1, i - stride, i + stride].some((j) => grid[j] === 0),
  );
  for (let level = 1; shell.length > 0; level++) {
    for (const i of shell) depth[i] = level;
    const next = new Set<number>();
    for (const i of shell) {
      for (const j of [i - 1, i + 1, i - stride, i + stride]) if (grid[j] === 1 && depth[j] === 0) next.add(j);
    }
    shell = Int32Array.from(next);
  }
  return depth;
}

/** Number of the seed, from 1, that reaches each cell first. */
function flood(seeds: readonly Int32Array[], grid: Uint8Array, stride: number): Int32Array {
  const owner = new Int32Array(grid.length);
  const queue: number[] = [];
  seeds.forEach((seed, k) => {
    for (const i of seed) {
      owner[i] = k + 1;
      queue.push(i);
    }
  });
  for (let head = 0; head < queue.length; head++) {
    const i = queue[head];
    for (const j of [i - 1, i + 1, i - stride, i + stride]) {
      if (grid[j] !== 1 || owner[j] !== 0) continue;
      owner[j] = owner[i];
      queue.push(j);
    }
  }
  return owner;
}
