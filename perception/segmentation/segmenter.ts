import type { PixelView } from '../regions.ts';
import { CellGroups, type GroupPlanes } from './cell_groups.ts';
import { MaskRefiner } from './mask_refiner.ts';
import { PieceFinder } from './piece_finder.ts';
import { RegionLabels } from './region_labels.ts';

/** One object as a network sees it. */
export interface Instance {
  /** Pixel indices, ascending. */
  readonly pixels: Int32Array;
  /** Its number in the picture, from 1. */
  readonly object: number;
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
  private readonly regions = new RegionLabels();
  private pieces = new PieceFinder(0, 0);

  /** @param width, height  of the network's grid */
  constructor(width: number, height: number) {
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
    const instances: Instance[] = [];
    for (let object = 1; object <= groups.count; object++) {
      if (masks[object].length >= LEAST_PIXELS) instances.push({ pixels: masks[object], object });
    }
    return instances;
  }

  /** Mean probabilities of VISION_CLASSES over the cells of an object of the last picture. */
  probabilitiesOf(object: number, { semantic }: Pick<GroupPlanes, 'semantic'>): number[] {
    const { labels } = this.groups;
    const cells = labels.length;
    const sums = new Array<number>(semantic.length / cells).fill(0);
    let n = 0;
    for (let i = 0; i < cells; i++) {
      if (labels[i] !== object) continue;
      n++;
      for (let c = 0; c < sums.length; c++) sums[c] += semantic[c * cells + i];
    }
    return sums.map((sum) => sum / Math.max(1, n));
  }
}
