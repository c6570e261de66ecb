import { stepsOf } from '../patch.ts';
import { bordersOf } from '../picture_borders.ts';
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
/** What stands higher than this is no table, whatever its colour; where so much of an object does that no region shows, it is its own. */
const STANDS_M = 0.01;
const LEAST_STANDING = 0.15;

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
  private readonly finder = new RegionFinder();
  private queue = new Int32Array(0);
  private owner = new Int16Array(0);
  private borders = new Uint8Array(0);
  private width = 0;

  /**
   * @param view  of the picture that was refined
   * @param labels  number of the object of every pixel from 1, or 0; rewritten
   * @param gate  where objects may be: nothing is labelled elsewhere
   * @param fine  label of a pixel as finely as it is known without regions
   */
  adopt(view: PixelView, labels: Int16Array, count: number, gate: Gate, fine: (i: number) => number): void {
    if (this.owner.length !== labels.length || this.width !== view.width) {
      this.borders = bordersOf(view.width, view.height);
      this.width = view.width;
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
    const covered = new Float64Array(count + 1);
    for (let k = 0; k <= count; k++) covered[k] = shown[k] / Math.max(1, total[k]);
    const alone = covered.some((share, k) => k > 0 && total[k] > 0 && share < LEAST_COVERED);
    const standing = this.findStanding(view.z, labels, total, gate);
    for (let c = 0; c < gate.count; c++) {
      const i = within[c];
      if (owner[i] >= 0) continue;
      const label = alone || standing[labels[i]] === 1 ? fine(i) : labels[i];
      const own = covered[label] < LEAST_COVERED || (standing[label] === 1 && view.z[i] > STANDS_M);
      labels[i] = own ? label : 0;
    }
    for (const { pixels } of regions) {
      for (let c = 0; c < pixels.length; c++) if (owner[pixels[c]] >= 0) labels[pixels[c]] = owner[pixels[c]];
    }
  }

  /** By object, from 1: 1 where much of it stands over the table and no region shows it, as tops that shine are white. */
  private findStanding(z: Float32Array, labels: Int16Array, total: Int32Array, { pixels, count }: Gate): Uint8Array {
    const { owner } = this;
    const over = new Int32Array(total.length);
    for (let c = 0; c < count; c++) {
      const i = pixels[c];
      if (owner[i] < 0 && z[i] > STANDS_M) over[labels[i]]++;
    }
    return Uint8Array.from(total, (of, k) => (k > 0 && over[k] > LEAST_STANDING * of ? 1 : 0));
  }

  /** Floods a region from its labels; those with no pixels in `here` do not count. */
  private share(pixels: Int32Array, labels: Int16Array, here: Int32Array, width: number): void {
    const { queue, owner, borders } = this;
    const steps = stepsOf(width);
    let filled = 0;
    for (let c = 0; c < pixels.length; c++) {
      const i = pixels[c];
      owner[i] = 0;
      if (labels[i] === 0 || here[labels[i]] === 0) continue;
      owner[i] = labels[i];
      queue[filled++] = i;
    }
    for (let head = 0; head < filled; head++) {
      const i = queue[head];
      for (let side = 0; side < 4; side++) {
        if (((borders[i] >> side) & 1) === 1) continue;
        const j = i + steps[side];
        if (owner[j] !== 0) continue;
        owner[j] = owner[i];
        queue[filled++] = j;
      }
    }
  }
}
