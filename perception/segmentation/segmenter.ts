import type { PixelView } from '../regions.ts';
import { CellGroups, type GroupPlanes } from './cell_groups.ts';
import { MaskRefiner } from './mask_refiner.ts';
import { PieceFinder } from './piece_finder.ts';
import { RegionLabels } from './region_labels.ts';

/** What a mask rests on; calibration learns from it how far to believe. */
export interface MaskStatistics {
  /** Mean over the object's cells of the probability of being of an object, 0..1. */
  readonly objectness: number;
  /** Mean entropy of the cells' classes over that of not knowing, 0..1. */
  readonly entropy: number;
  /** Votes for its centre over its cells: 1 where all agree. */
  readonly votes: number;
  /** Cells of the network, and pixels. */
  readonly cells: number;
  readonly pixels: number;
  /** Share of the outline's cells that lie on the picture's border, and that touch another object; 0..1. */
  readonly border: number;
  readonly touching: number;
  /** Share of its pixels that colour and depth set apart from the table and the robot, 0..1. */
  readonly outlined: number;
}

/** One object as a network sees it. */
export interface Instance {
  /** Pixel indices, ascending. */
  readonly pixels: Int32Array;
  /** Mean probabilities of VISION_CLASSES over its cells. */
  readonly probabilities: readonly number[];
  readonly statistics: MaskStatistics;
}

/** Fewer pixels than this are no mask. */
const LEAST_PIXELS = 16;
/** Pieces of a mask that are smaller than this share of its greatest are left out. */
const LEAST_PIECE = 0.25;

/**
 * From the heads of a network to objects' masks in the full picture: cells grouped by the centre they point to, brought to
 * pixels by colour and depth, with the outlines of regions where these show the object.
 */
export class Segmenter {
  private readonly groups: CellGroups;
  private readonly refiner: MaskRefiner;
  private readonly width: number;
  private readonly height: number;
  private readonly regions = new RegionLabels();
  private pieces = new PieceFinder(0, 0);

  /** @param width, height  of the network's grid */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.groups = new CellGroups(width, height);
    this.refiner = new MaskRefiner(width, height);
  }

  /** Objects in the order of their votes, most first. */
  segment(view: PixelView, planes: GroupPlanes): Instance[] {
    const { groups } = this;
    groups.find(planes);
    if (groups.count === 0) return [];
    const labels = this.refiner.refine(view, groups.labels, groups.p);
    const fine = (i: number) => this.refiner.labelOf(view, groups.labels, groups.p, i);
    this.regions.adopt(view, labels, groups.count, this.refiner, fine);
    if (this.pieces.width !== view.width || this.pieces.height !== view.height)
      this.pieces = new PieceFinder(view.width, view.height);
    const masks = this.pieces.largest(labels, groups.count, LEAST_PIECE);
    const statistics = this.statistics(planes.semantic);
    const instances: Instance[] = [];
    for (let k = 1; k <= groups.count; k++) {
      const pixels = masks[k];
      if (pixels.length < LEAST_PIXELS) continue;
      const { probabilities, ...rest } = statistics[k];
      const outlined = Math.min(1, this.regions.covered[k]);
      instances.push({ pixels, probabilities, statistics: { ...rest, pixels: pixels.length, outlined } });
    }
    return instances;
  }

  private statistics(
    semantic: Float32Array,
  ): (Omit<MaskStatistics, 'pixels' | 'outlined'> & { probabilities: number[] })[] {
    const { width, height } = this;
    const { labels, p, count, cells, votes } = this.groups;
    const n = width * height;
    const classes = semantic.length / n;
    const sums = new Float64Array((count + 1) * (classes + 5));
    const row = classes + 5;
    for (let i = 0; i < n; i++) {
      const k = labels[i];
      if (k === 0) continue;
      const at = k * row;
      const u = i % width;
      let entropy = 0;
      for (let c = 0; c < classes; c++) {
        const q = semantic[c * n + i];
        sums[at + c] += q;
        if (q > 1e-6) entropy -= q * Math.log(q);
      }
      sums[at + classes] += p[i];
      sums[at + classes + 1] += entropy;
      const left = u > 0 ? labels[i - 1] : -1;
      const right = u < width - 1 ? labels[i + 1] : -1;
      const above = i >= width ? labels[i - width] : -1;
      const below = i + width < n ? labels[i + width] : -1;
      if (left === k && right === k && above === k && below === k) continue;
      sums[at + classes + 2]++;
      if (left < 0 || right < 0 || above < 0 || below < 0) sums[at + classes + 3]++;
      const others = (label: number): boolean => label > 0 && label !== k;
      if (others(left) || others(right) || others(above) || others(below)) sums[at + classes + 4]++;
    }
    return Array.from({ length: count + 1 }, (_, k) => {
      const at = k * row;
      const mean = (j: number): number => sums[at + j] / Math.max(1, cells[k]);
      const outline = Math.max(1, sums[at + classes + 2]);
      return {
        probabilities: Array.from({ length: classes }, (_, c) => mean(c)),
        objectness: mean(classes),
        entropy: mean(classes + 1) / Math.log(classes),
        votes: votes[k] / Math.max(1, cells[k]),
        cells: cells[k],
        border: sums[at + classes + 3] / outline,
        touching: sums[at + classes + 4] / outline,
      };
    });
  }
}
