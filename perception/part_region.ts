import { fitTop } from './geometry/index.ts';
import { flood, Patch, sharesOf } from './patch.ts';
import { apart, chromaAt, components, type PixelView } from './regions.ts';
import { splitRegion } from './split_region.ts';

/** Parts of fewer pixels than this, and of a smaller share of the largest part, are no objects of their own. */
const LEAST_PIXELS = 12;
const LEAST_SHARE = 0.12;
/** Mean colours nearer to each other than this are of one paint in two lights. */
const TWO_COLOURS = 0.14;
const ROUNDS = 6;
/** A pixel is of a top if nothing this near (pixels) is higher by more than this, and by so many deviations (m). */
const REACH = 3;
const TOP_M = 0.0035;
/** Neighbours of one top differ in height by less (m). */
const LINK_M = 0.0025;
/** A top whose outline is farther than this from a rectangle and from a circle (pixels) is parted at its neck. */
const POOR_TOP_PX = 0.5;

/**
 * Parts a region of several things that touch: by colour where it has two, else by tops. Tops are what nothing near rises
 * over; they are apart where heights differ or where the outline of one, seen in its plane, has a neck. Every other pixel
 * goes to the top that reaches it first.
 * @param pixels  indices, ascending
 * @returns the parts; the region alone where nothing parts it
 */
export function partRegion(view: PixelView, pixels: Int32Array): Int32Array[] {
  const patch = new Patch(pixels, view.width, REACH);
  const byColour = partByColour(view, pixels, patch);
  if (byColour.length > 1) return byColour;
  const seeds = findTops(view, pixels, patch).flatMap((top) => partTop(view, patch, top));
  const byTops = spread(pixels, patch, largeOnes(seeds));
  if (byTops.length > 1) return byTops;
  return splitRegion(pixels, view.width);
}

/** Two means of the chromaticity (Lloyd, 1982), begun at the pixels that are farthest apart along red or green. */
function partByColour(view: PixelView, pixels: Int32Array, patch: Patch): Int32Array[] {
  const at = new Float64Array(2);
  const chroma = new Float64Array(2 * pixels.length);
  for (let k = 0; k < pixels.length; k++) {
    chromaAt(view, pixels[k], at);
    chroma[2 * k] = at[0];
    chroma[2 * k + 1] = at[1];
  }
  const centres = farthest(chroma);
  const member = new Uint8Array(pixels.length);
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float64Array(6);
    for (let k = 0; k < pixels.length; k++) {
      at[0] = chroma[2 * k];
      at[1] = chroma[2 * k + 1];
      const c = apart(at, centres[0], centres[1]) <= apart(at, centres[2], centres[3]) ? 0 : 1;
      member[k] = c;
      sums[3 * c] += at[0];
      sums[3 * c + 1] += at[1];
      sums[3 * c + 2]++;
    }
    if (sums[2] < LEAST_PIXELS || sums[5] < LEAST_PIXELS) return [pixels];
    for (let c = 0; c < 2; c++) {
      centres[2 * c] = sums[3 * c] / sums[3 * c + 2];
      centres[2 * c + 1] = sums[3 * c + 1] / sums[3 * c + 2];
    }
  }
  at.set(centres.subarray(0, 2));
  if (apart(at, centres[2], centres[3]) < TWO_COLOURS) return [pixels];
  const parts = [0, 1].flatMap((c) => {
    const marked = new Uint8Array(patch.size);
    for (let k = 0; k < pixels.length; k++) if (member[k] === c) marked[patch.cells[k]] = 1;
    return components(marked, patch.stride);
  });
  return spread(pixels, patch, largeOnes(parts));
}

function farthest(chroma: Float64Array): Float64Array {
  let best = new Float64Array(4);
  let widest = -1;
  for (let axis = 0; axis < 2; axis++) {
    let [low, high] = [axis, axis];
    for (let k = axis; k < chroma.length; k += 2) {
      if (chroma[k] < chroma[low]) low = k;
      if (chroma[k] > chroma[high]) high = k;
    }
    if (chroma[high] - chroma[low] <= widest) continue;
    widest = chroma[high] - chroma[low];
    const [i, j] = [low - axis, high - axis];
    best = Float64Array.of(chroma[i], chroma[i + 1], chroma[j], chroma[j + 1]);
  }
  return best;
}

/** Connected sets of top cells of even height. */
function findTops({ z }: PixelView, pixels: Int32Array, patch: Patch): Int32Array[] {
  const { cells, stride } = patch;
  const smooth = smoothHeights(z, pixels, patch);
  const highest = highestNear(smooth, cells, stride);
  const marked = new Uint8Array(patch.size);
  for (const cell of cells) if (smooth[cell] >= highest[cell] - TOP_M) marked[cell] = 1;
  return components(marked, stride, (i, j) => Math.abs(smooth[i] - smooth[j]) < LINK_M);
}

/** Means of the heights in and about every cell; −∞ where there are too few. */
function smoothHeights(z: Float32Array, pixels: Int32Array, { cells, stride, size }: Patch): Float64Array {
  const heights = new Float64Array(size).fill(Number.NaN);
  for (let k = 0; k < cells.length; k++) heights[cells[k]] = z[pixels[k]];
  const smooth = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  for (const cell of cells) {
    let [sum, n] = [0, 0];
    for (let row = cell - stride; row <= cell + stride; row += stride) {
      for (let k = -1; k <= 1; k++) {
        const height = heights[row + k];
        if (Number.isNaN(height)) continue;
        sum += height;
        n++;
      }
    }
    if (n >= 3) smooth[cell] = sum / n;
  }
  return smooth;
}

/** Greatest value within REACH of every cell, along rows first. */
function highestNear(values: Float64Array, cells: Int32Array, stride: number): Float64Array {
  const along = new Float64Array(values.length).fill(Number.NEGATIVE_INFINITY);
  for (let i = REACH; i < values.length - REACH; i++) {
    let most = values[i];
    for (let k = i - REACH; k <= i + REACH; k++) if (values[k] > most) most = values[k];
    along[i] = most;
  }
  const highest = new Float64Array(values.length);
  for (const cell of cells) {
    let most = along[cell];
    for (let k = cell - REACH * stride; k <= cell + REACH * stride; k += stride) if (along[k] > most) most = along[k];
    highest[cell] = values[cell] === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : most;
  }
  return highest;
}

/** A top, or what it falls into at its necks where it is neither a rectangle nor round. */
function partTop(view: PixelView, patch: Patch, top: Int32Array): Int32Array[] {
  if (top.length < 2 * LEAST_PIXELS) return [top];
  const off = misfit(view, patch, top);
  if (off <= POOR_TOP_PX) return [top];
  const parts = largeOnes(splitRegion(top, patch.stride));
  if (parts.length < 2) return [top];
  const worst = Math.max(...parts.map((part) => misfit(view, patch, part)));
  return worst < off ? parts.flatMap((part) => partTop(view, patch, part)) : [top];
}

/** Distance of a top's outline in its plane from the better of rectangle and circle, in pixels. */
function misfit({ camera, rays, z }: PixelView, patch: Patch, top: Int32Array): number {
  const { stride } = patch;
  const inside = new Uint8Array(patch.size);
  let [sum, n] = [0, 0];
  for (const cell of top) {
    inside[cell] = 1;
    const height = z[patch.pixelOf(cell)];
    if (Number.isNaN(height)) continue;
    sum += height;
    n++;
  }
  const height = sum / Math.max(1, n);
  const at = new Float64Array(2);
  const points = new Float64Array(2 * top.length);
  let filled = 0;
  for (const cell of top) {
    if (inside[cell - 1] + inside[cell + 1] + inside[cell - stride] + inside[cell + stride] === 4) continue;
    const i = patch.pixelOf(cell);
    camera.onPlane(rays[2 * i], rays[2 * i + 1], height, at);
    points[filled++] = at[0];
    points[filled++] = at[1];
  }
  const fit = fitTop(points.subarray(0, filled));
  const first = patch.pixelOf(top[0]);
  const depth = (height - camera.T[11]) / camera.heightRate(rays[2 * first], rays[2 * first + 1]);
  const pixel_m = depth / camera.fx;
  return fit === null ? 0 : Math.min(fit.rectangle_rms, fit.circle_rms) / pixel_m;
}

function largeOnes(parts: readonly Int32Array[]): Int32Array[] {
  const most = Math.max(0, ...parts.map((part) => part.length));
  return parts.filter((part) => part.length >= Math.max(LEAST_PIXELS, LEAST_SHARE * most));
}

/** Every pixel goes to the seed that reaches it first; indices ascending. */
function spread(pixels: Int32Array, patch: Patch, seeds: readonly Int32Array[]): Int32Array[] {
  if (seeds.length < 2) return [pixels];
  return sharesOf(pixels, patch.cells, flood(seeds, patch.marked(), patch.stride), seeds.length);
}
