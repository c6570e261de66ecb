import { flood, Patch, sharesOf, stepsOf } from './patch.ts';
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
  const patch = new Patch(pixels, width, 1);
  const grid = patch.marked();
  const { depth, deepest } = depths(patch, grid);
  const marked = new Uint8Array(grid.length);
  for (let level = 1; level < deepest; level++) {
    for (let i = 0; i < marked.length; i++) marked[i] = depth[i] > level ? 1 : 0;
    const seeds = components(marked, patch.stride).filter((seed) => seed.length >= LEAST_SEED);
    if (seeds.length < 2) continue;
    return sharesOf(pixels, patch.cells, flood(seeds, grid, patch.stride), seeds.length);
  }
  return [pixels];
}

/**
 * Distance of a region's innermost pixels from its outside, in steps between 4-neighbours; 1 for a line.
 * @param pixels  indices, ascending
 */
export function depthOf(pixels: Int32Array, width: number): number {
  const patch = new Patch(pixels, width, 1);
  return depths(patch, patch.marked()).deepest;
}

/** Distance of every marked cell from the outside, in steps between 4-neighbours. */
function depths({ cells, stride }: Patch, grid: Uint8Array): { depth: Int32Array; deepest: number } {
  const depth = new Int32Array(grid.length);
  const queue = new Int32Array(cells.length);
  const steps = stepsOf(stride);
  let filled = 0;
  for (const cell of cells) {
    if (grid[cell - 1] + grid[cell + 1] + grid[cell - stride] + grid[cell + stride] === 4) continue;
    depth[cell] = 1;
    queue[filled++] = cell;
  }
  for (let head = 0; head < filled; head++) {
    const from = queue[head];
    for (let side = 0; side < 4; side++) {
      const cell = from + steps[side];
      if (grid[cell] === 0 || depth[cell] !== 0) continue;
      depth[cell] = depth[from] + 1;
      queue[filled++] = cell;
    }
  }
  return { depth, deepest: filled === 0 ? 0 : depth[queue[filled - 1]] };
}
