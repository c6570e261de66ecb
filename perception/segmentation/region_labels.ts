import { RegionFinder } from '../region_finder.ts';
import type { PixelView } from '../regions.ts';

/** An object with less than this share of a region's labels, and of its own pixels there, is a sliver of a neighbour. */
const SLIVER_OF_REGION = 0.12;
const SLIVER_OF_OBJECT = 0.3;
/** A region with fewer labels than this share of its pixels is nothing the network speaks of. */
const LEAST_LABELLED = 0.15;
/** A region of which more than this share lies where no object may be has run out over the table. */
const MOST_ASTRAY = 0.15;
/** An object keeps its own outline if regions cover less of it than this. */
const LEAST_COVERED = 0.4;

/** Where objects may be. */
interface Gate {
  /** 1 for pixels of objects and of edges, 0 for others. */
  readonly near: Uint8Array;
  /** Indices of these pixels, ascending, in its first `count`. */
  readonly pixels: Int32Array;
  readonly count: number;
}

/**
 * Gives objects the outlines of regions, which colour and depth draw to the pixel: a region goes to the object whose labels
 * it bears; where it bears several, each pixel goes to the label that reaches it first. Objects that no region shows, as where
 * depth is missing, stay as they are.
 */
export class RegionLabels {
  /** By object, from 1: share of its pixels that a region shows. */
  covered = new Float64Array(0);
  private readonly finder = new RegionFinder();
  private queue = new Int32Array(0);
  private owner = new Int16Array(0);

  /**
   * @param view  of the picture that was refined
   * @param labels  number of the object of every pixel from 1, or 0; rewritten
   * @param gate  where objects may be: nothing is labelled elsewhere
   * @param fine  label of a pixel as finely as it is known without regions
   */
  adopt(view: PixelView, labels: Int16Array, count: number, gate: Gate, fine: (i: number) => number): void {
    if (this.owner.length !== labels.length) {
      this.owner = new Int16Array(labels.length);
      this.queue = new Int32Array(labels.length);
    }
    const { owner } = this;
    const { near, pixels: within } = gate;
    owner.fill(-1);
    const total = new Int32Array(count + 1);
    for (let c = 0; c < gate.count; c++) total[labels[within[c]]]++;
    const shown = new Int32Array(count + 1);
    const regions = this.finder.find(view, near, within, gate.count);
    for (const { pixels } of regions) {
      const here = new Int32Array(count + 1);
      let astray = 0;
      for (let c = 0; c < pixels.length; c++) {
        here[labels[pixels[c]]]++;
        astray += 1 - near[pixels[c]];
      }
      const labelled = pixels.length - here[0];
      if (labelled < LEAST_LABELLED * pixels.length || astray > MOST_ASTRAY * pixels.length) continue;
      for (let k = 1; k <= count; k++) {
        shown[k] += here[k];
        if (here[k] < SLIVER_OF_REGION * labelled && here[k] < SLIVER_OF_OBJECT * total[k]) here[k] = 0;
      }
      if (here.some((pixelsOf, k) => k > 0 && pixelsOf > 0)) this.share(pixels, labels, here, view.width);
    }
    this.covered = Float64Array.from(total, (pixels, k) => shown[k] / Math.max(1, pixels));
    const { covered } = this;
    const alone = covered.some((share, k) => k > 0 && total[k] > 0 && share < LEAST_COVERED);
    for (let c = 0; c < gate.count; c++) {
      const i = within[c];
      if (owner[i] >= 0) continue;
      const label = alone ? fine(i) : labels[i];
      labels[i] = covered[label] >= LEAST_COVERED ? 0 : label;
    }
    for (const { pixels } of regions) {
      for (let c = 0; c < pixels.length; c++) if (owner[pixels[c]] >= 0) labels[pixels[c]] = owner[pixels[c]];
    }
  }

  /** Floods a region from its labels; those with no pixels in `here` do not count. */
  private share(pixels: Int32Array, labels: Int16Array, here: Int32Array, width: number): void {
    const { queue, owner } = this;
    let filled = 0;
    for (let c = 0; c < pixels.length; c++) {
      const i = pixels[c];
      owner[i] = 0;
      if (labels[i] === 0 || here[labels[i]] === 0) continue;
      owner[i] = labels[i];
      queue[filled++] = i;
    }
    const visit = (i: number, from: number): void => {
      if (owner[i] !== 0) return;
      owner[i] = owner[from];
      queue[filled++] = i;
    };
    for (let head = 0; head < filled; head++) {
      const i = queue[head];
      const u = i % width;
      if (u > 0) visit(i - 1, i);
      if (u < width - 1) visit(i + 1, i);
      if (i >= width) visit(i - width, i);
      if (i + width < owner.length) visit(i + width, i);
    }
  }
}
