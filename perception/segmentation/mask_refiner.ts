import type { PixelView } from '../regions.ts';

/** Cells on either side of an edge between labels whose pixels are looked at anew. */
const EDGE_CELLS = 1;
/** Cells about a pixel that have a say. */
const REACH = 2;
/** How fast that say falls: with distance (cells), difference of colour (of 255, over all channels) and of height (m). */
const SIGMA_CELLS = 0.9;
const SIGMA_COLOUR = 26;
const SIGMA_HEIGHT_M = 0.007;

/**
 * Brings labels of cells to pixels: far from edges a pixel has its cell's label; near them, the one that the cells about it
 * speak for that are near, of like colour and at like height (joint bilateral upsampling; Kopf et al., 2007). Nothing is
 * allocated while the picture's size stays.
 */
export class MaskRefiner {
  /** Of every pixel: number of its object from 1, or 0. */
  labels = new Int16Array(0);
  /** 1 for pixels of objects and of edges: where an object may be. */
  near = new Uint8Array(0);
  private readonly columns: number;
  private readonly rows: number;
  /** 1 for cells near an edge. */
  private readonly edge: Uint8Array;
  /** Pixel that stands for a cell: the one in its middle. */
  private readonly sample: Int32Array;
  private width = 0;
  private height = 0;
  private readonly seen = new Int16Array((2 * REACH + 1) ** 2);
  private readonly say = new Float64Array((2 * REACH + 1) ** 2);

  /** @param columns, rows  size of the grid of cells */
  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.edge = new Uint8Array(columns * rows);
    this.sample = new Int32Array(columns * rows);
  }

  /** @param cells  label of every cell  @param p  probability of an object, of every cell */
  refine(view: PixelView, cells: Int16Array, p: Float32Array): Int16Array {
    this.measure(view.width, view.height);
    this.findEdges(cells);
    const { labels, near, columns, rows, edge, width, height } = this;
    for (let v = 0, i = 0; v < height; v++) {
      const row = Math.min(rows - 1, Math.floor(((v + 0.5) * rows) / height));
      for (let u = 0; u < width; u++, i++) {
        const cell = row * columns + Math.min(columns - 1, Math.floor(((u + 0.5) * columns) / width));
        near[i] = edge[cell] | (cells[cell] > 0 ? 1 : 0);
        labels[i] = edge[cell] === 0 ? cells[cell] : this.labelOf(view, cells, p, u, v, i, cell);
      }
    }
    return labels;
  }

  private labelOf(
    { rgb, z }: PixelView,
    cells: Int16Array,
    p: Float32Array,
    u: number,
    v: number,
    i: number,
    cell: number,
  ): number {
    const { columns, rows, sample, seen, say, width, height } = this;
    const row = (cell / columns) | 0;
    const column = cell - row * columns;
    const x = ((u + 0.5) * columns) / width;
    const y = ((v + 0.5) * rows) / height;
    const r = rgb[3 * i];
    const g = rgb[3 * i + 1];
    const b = rgb[3 * i + 2];
    const here = z[i];
    let kinds = 0;
    for (let q = Math.max(0, row - REACH); q <= Math.min(rows - 1, row + REACH); q++) {
      for (let c = Math.max(0, column - REACH); c <= Math.min(columns - 1, column + REACH); c++) {
        const at = q * columns + c;
        const j = sample[at];
        const colour = (rgb[3 * j] - r) ** 2 + (rgb[3 * j + 1] - g) ** 2 + (rgb[3 * j + 2] - b) ** 2;
        const distance = (c + 0.5 - x) ** 2 + (q + 0.5 - y) ** 2;
        const rise = z[j] - here;
        let cost = colour / SIGMA_COLOUR ** 2 + distance / SIGMA_CELLS ** 2;
        if (!Number.isNaN(rise)) cost += (rise * rise) / SIGMA_HEIGHT_M ** 2;
        const label = cells[at];
        const weight = (label > 0 ? p[at] : 1 - p[at]) * Math.exp(-0.5 * cost);
        let k = 0;
        while (k < kinds && seen[k] !== label) k++;
        if (k === kinds) {
          seen[kinds++] = label;
          say[k] = 0;
        }
        say[k] += weight;
      }
    }
    let best = 0;
    for (let k = 1; k < kinds; k++) if (say[k] > say[best]) best = k;
    return say[best] > 0 ? seen[best] : cells[cell];
  }

  private findEdges(cells: Int16Array): void {
    const { edge, columns, rows } = this;
    edge.fill(0);
    for (let row = 0, i = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) {
        const right = column + 1 < columns && cells[i] !== cells[i + 1];
        const below = row + 1 < rows && cells[i] !== cells[i + columns];
        if (!right && !below) continue;
        const last = Math.min(rows - 1, row + EDGE_CELLS + (below ? 1 : 0));
        for (let q = Math.max(0, row - EDGE_CELLS); q <= last; q++) {
          const end = Math.min(columns, column + EDGE_CELLS + (right ? 2 : 1));
          edge.fill(1, q * columns + Math.max(0, column - EDGE_CELLS), q * columns + end);
        }
      }
    }
  }

  private measure(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    this.width = width;
    this.height = height;
    this.labels = new Int16Array(width * height);
    this.near = new Uint8Array(width * height);
    const { columns, rows, sample } = this;
    for (let row = 0; row < rows; row++) {
      const v = Math.floor(((row + 0.5) * height) / rows);
      for (let column = 0; column < columns; column++)
        sample[row * columns + column] = v * width + Math.floor(((column + 0.5) * width) / columns);
    }
  }
}
