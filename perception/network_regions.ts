import type { HeadPlanes } from './models/index.ts';
import { VISION_CLASSES } from './network_input.ts';
import { findRegions, type PixelView, type Region, regionOf } from './regions.ts';
import { Segmenter } from './segmentation/index.ts';

/** A region that a network calls an object. */
export interface NetworkRegion {
  readonly region: Region;
  /** Mean probability of an object over its pixels, 0..1. */
  readonly objectness: number;
  /** Mean natural log odds of a cylinder against a box over its pixels. */
  readonly log_odds_cylinder: number;
  /** Whether the network tells objects apart: its mask is of one. */
  readonly of_one: boolean;
}

const BOX = VISION_CLASSES.indexOf('box');
const CYLINDER = VISION_CLASSES.indexOf('cylinder');
/** Cells with at least this probability of box or cylinder, and their neighbours, may be of objects. */
const GATE_PROBABILITY = 0.3;

/**
 * Regions that a network calls objects in pictures of one size: masks where it says which cells belong together, else what
 * colour and depth set apart where it sees objects.
 */
export class NetworkRegions {
  private cells: Int32Array = new Int32Array(0);
  private cells_width = 0;
  private segmenter: Segmenter | null = null;

  find(view: PixelView, planes: HeadPlanes): NetworkRegion[] {
    const cells = this.cellsUnder(view, planes);
    const { offset, semantic, centre, width, height } = planes;
    if (offset === null) {
      const regions = findRegions(view, objectGate(planes, cells));
      return regions.map((region) => ({ region, ...regionOpinion(planes, cells, region), of_one: false }));
    }
    this.segmenter ??= new Segmenter(width, height);
    return this.segmenter.segment(view, { width, height, semantic, offset, centre }).map(({ pixels }) => {
      const region = regionOf(view, pixels);
      return { region, ...regionOpinion(planes, cells, region), of_one: true };
    });
  }

  /** As cellsOf, for a camera's pictures once. */
  private cellsUnder(view: PixelView, planes: HeadPlanes): Int32Array {
    if (view.width !== this.cells_width || view.width * view.height !== this.cells.length) {
      this.cells = cellsOf(view, planes);
      this.cells_width = view.width;
    }
    return this.cells;
  }
}

/** Cell of the network's grid under every pixel. */
function cellsOf({ width, height }: PixelView, grid: HeadPlanes): Int32Array {
  const cells = new Int32Array(width * height);
  for (let v = 0, i = 0; v < height; v++) {
    const row = grid.width * Math.min(grid.height - 1, Math.floor((v * grid.height) / height));
    for (let u = 0; u < width; u++, i++)
      cells[i] = row + Math.min(grid.width - 1, Math.floor((u * grid.width) / width));
  }
  return cells;
}

/** Pixels where the network, or a cell beside, sees an object. */
function objectGate({ semantic: p, width, height }: HeadPlanes, cells: Int32Array): Uint8Array {
  const plane = width * height;
  const near = new Uint8Array(plane);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      if (p[BOX * plane + i] + p[CYLINDER * plane + i] < GATE_PROBABILITY) continue;
      for (let r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r++) {
        near.fill(1, r * width + Math.max(0, column - 1), r * width + Math.min(width, column + 2));
      }
    }
  }
  const gate = new Uint8Array(cells.length);
  for (let i = 0; i < cells.length; i++) gate[i] = near[cells[i]];
  return gate;
}

/** Mean probability of an object, and mean log odds of a cylinder against a box, over a region's cells. */
function regionOpinion(
  { semantic: p, width, height }: HeadPlanes,
  cells: Int32Array,
  { pixels }: Region,
): { objectness: number; log_odds_cylinder: number } {
  const plane = width * height;
  let objectness = 0;
  let odds = 0;
  for (const i of pixels) {
    const box = p[BOX * plane + cells[i]];
    const cylinder = p[CYLINDER * plane + cells[i]];
    objectness += box + cylinder;
    odds += Math.log((cylinder + 0.01) / (box + 0.01));
  }
  return { objectness: Math.min(1, objectness / pixels.length), log_odds_cylinder: odds / pixels.length };
}
