import { fitTop } from './geometry/index.ts';
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
  const byColour = partByColour(view, pixels);
  if (byColour.length > 1) return byColour;
  const seeds = findTops(view, pixels).flatMap((top) => partTop(view, top));
  const byTops = spread(pixels, largeOnes(seeds), view.width);
  if (byTops.length > 1) return byTops;
  return splitRegion(pixels, view.width);
}

/** Two means of the chromaticity (Lloyd, 1982), begun at the pixels that are farthest apart along red or green. */
function partByColour(view: PixelView, pixels: Int32Array): Int32Array[] {
  const at = new Float64Array(2);
  const chroma = new Float64Array(2 * pixels.length);
  for (let k = 0; k < pixels.length; k++) {
    chromaAt(view, pixels[k], at);
    chroma.set(at, 2 * k);
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
  const parts = [0, 1].flatMap((c) =>
    pieces(
      pixels.filter((_, k) => member[k] === c),
      view.width,
    ),
  );
  return spread(pixels, largeOnes(parts), view.width);
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

/** Connected sets of top pixels of even height. */
function findTops(view: PixelView, pixels: Int32Array): Int32Array[] {
  const { width, z } = view;
  const inside = new Set(pixels);
  const smooth = new Map<number, number>();
  for (const i of pixels) {
    let [sum, n] = [0, 0];
    for (const row of [-width, 0, width]) {
      for (let k = -1; k <= 1; k++) {
        const j = i + row + k;
        if (!inside.has(j) || Number.isNaN(z[j])) continue;
        sum += z[j];
        n++;
      }
    }
    if (n >= 3) smooth.set(i, sum / n);
  }
  const tops = pixels.filter((i) => {
    const own = smooth.get(i);
    if (own === undefined) return false;
    for (let row = -REACH; row <= REACH; row++) {
      for (let k = -REACH; k <= REACH; k++) {
        const other = smooth.get(i + row * width + k);
        if (other !== undefined && other > own + TOP_M) return false;
      }
    }
    return true;
  });
  return pieces(tops, width, (i, j) => Math.abs((smooth.get(i) ?? 0) - (smooth.get(j) ?? 0)) < LINK_M);
}

/** A top, or what it falls into at its necks where it is neither a rectangle nor round. */
function partTop(view: PixelView, top: Int32Array): Int32Array[] {
  if (top.length < 2 * LEAST_PIXELS || misfit(view, top) <= POOR_TOP_PX) return [top];
  const parts = largeOnes(splitRegion(top, view.width));
  if (parts.length < 2) return [top];
  const worst = Math.max(...parts.map((part) => misfit(view, part)));
  return worst < misfit(view, top) ? parts.flatMap((part) => partTop(view, part)) : [top];
}

/** Distance of a top's outline in its plane from the better of rectangle and circle, in pixels. */
function misfit({ camera, rays, z, width }: PixelView, top: Int32Array): number {
  const inside = new Set(top);
  let [sum, n] = [0, 0];
  for (const i of top) {
    if (Number.isNaN(z[i])) continue;
    sum += z[i];
    n++;
  }
  const height = sum / Math.max(1, n);
  const at = new Float64Array(2);
  const points: number[] = [];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const i of top) {
    camera.onPlane(rays[2 * i], rays[2 * i + 1], height, at);
    least = Math.min(least, at[0]);
    most = Math.max(most, at[0]);
    if (inside.has(i - 1) && inside.has(i + 1) && inside.has(i - width) && inside.has(i + width)) continue;
    points.push(at[0], at[1]);
  }
  const fit = fitTop(Float64Array.from(points));
  const depth = (height - camera.T[11]) / camera.heightRate(rays[2 * top[0]], rays[2 * top[0] + 1]);
  const pixel_m = depth / camera.fx;
  return fit === null ? 0 : Math.min(fit.rectangle_rms, fit.circle_rms) / pixel_m;
}

/** Connected pieces of some pixels. */
function pieces(pixels: Int32Array, width: number, linked?: (i: number, j: number) => boolean): Int32Array[] {
  if (pixels.length === 0) return [];
  const first = pixels[0] - (pixels[0] % width);
  const marked = new Uint8Array(pixels[pixels.length - 1] - first + width + 1);
  for (const i of pixels) marked[i - first] = 1;
  const link = linked === undefined ? undefined : (i: number, j: number) => linked(i + first, j + first);
  return components(marked, width, link).map((piece) => piece.map((i) => i + first));
}

function largeOnes(parts: readonly Int32Array[]): Int32Array[] {
  const most = Math.max(0, ...parts.map((part) => part.length));
  return parts.filter((part) => part.length >= Math.max(LEAST_PIXELS, LEAST_SHARE * most));
}

/** Every pixel goes to the seed that reaches it first; indices ascending. */
function spread(pixels: Int32Array, seeds: readonly Int32Array[], width: number): Int32Array[] {
  if (seeds.length < 2) return [pixels];
  const owner = new Map<number, number>();
  for (const i of pixels) owner.set(i, -1);
  const queue: number[] = [];
  seeds.forEach((seed, k) => {
    for (const i of seed) {
      owner.set(i, k);
      queue.push(i);
    }
  });
  for (let head = 0; head < queue.length; head++) {
    const i = queue[head];
    const k = owner.get(i) ?? 0;
    for (const j of [i - 1, i + 1, i - width, i + width]) {
      if (owner.get(j) !== -1) continue;
      owner.set(j, k);
      queue.push(j);
    }
  }
  return seeds.map((_, k) => pixels.filter((i) => owner.get(i) === k));
}
