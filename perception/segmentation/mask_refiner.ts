import type { PixelView } from '../regions.ts';

/** Cells on either side of an edge between labels whose pixels are looked at anew. */
const EDGE_CELLS = 1;
/** Cells about a pixel that have a say. */
const REACH = 2;
/** How fast that say falls: with distance (cells), difference of colour (of 255, over all channels) and of height (m). */
const SIGMA_CELLS = 0.9;
const SIGMA_COLOUR = 26;
const SIGMA_HEIGHT_M = 0.007;
const ACROSS = 2 * REACH + 1;
/** Steps in which squares of differences of colour, and differences of height (m), are looked up, and how many there are. */
const COLOUR_SHIFT = 4;
const COLOURS = 2048;
const HEIGHT_STEP_M = 0.0001;
const HEIGHTS = 400;
const BY_COLOUR = Float64Array.from({ length: COLOURS }, (_, k) =>
  Math.exp((-0.5 * ((k + 0.5) * 2 ** COLOUR_SHIFT)) / SIGMA_COLOUR ** 2),
);
const BY_HEIGHT = Float64Array.from({ length: HEIGHTS }, (_, k) =>
  Math.exp(-0.5 * (((k + 0.5) * HEIGHT_STEP_M) / SIGMA_HEIGHT_M) ** 2),
);

const EDGE = 1;
const BORDER = 2;

/**
 * Brings labels of cells to pixels: far from edges a pixel has its cell's label; near them, the one that the cells about it
 * speak for that are near, of like colour and at like height (joint bilateral upsampling; Kopf et al., 2007). Where objects
 * meet that is so at once; where one ends, for pixels that are asked for, as most outlines are drawn by regions. Nothing is
 * allocated while the picture's size stays.
 */
export class MaskRefiner {
  /** Of every pixel: number of its object from 1, or 0. */
  labels = new Int16Array(0);
  /** 1 for pixels of objects and of edges: where an object may be. */
  near = new Uint8Array(0);
  /** Indices of these pixels, ascending, and how many there are. */
  pixels = new Int32Array(0);
  count = 0;
  private readonly columns: number;
  private readonly rows: number;
  /** EDGE for cells near an edge, and BORDER for those near one between two objects. */
  private readonly edge: Uint8Array;
  /** 1 for rows of cells with any of these. */
  private readonly used: Uint8Array;
  /** First pixel of every column and row of cells, and one past the last. */
  private readonly firstColumn: Int32Array;
  private readonly firstRow: Int32Array;
  /** Pixel that stands for a cell: the one in its middle. */
  private readonly sample: Int32Array;
  private width = 0;
  private height = 0;
  /** Of every pixel, its cell; of every column and row of pixels, the say of the cells about it by distance. */
  private cellOf = new Int32Array(0);
  private byColumn: Float64Array = new Float64Array(0);
  private byRow: Float64Array = new Float64Array(0);
  private readonly seen = new Int16Array(ACROSS ** 2);
  private readonly say = new Float64Array(ACROSS ** 2);

  /** @param columns, rows  size of the grid of cells */
  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.edge = new Uint8Array(columns * rows);
    this.used = new Uint8Array(rows);
    this.firstColumn = new Int32Array(columns + 1);
    this.firstRow = new Int32Array(rows + 1);
    this.sample = new Int32Array(columns * rows);
  }

  /** @param cells  label of every cell  @param p  probability of an object, of every cell */
  refine(view: PixelView, cells: Int16Array, p: Float32Array): Int16Array {
    this.measure(view.width, view.height);
    this.findEdges(cells);
    const { labels, near, pixels, edge, columns, rows, firstColumn, firstRow, width } = this;
    labels.fill(0);
    near.fill(0);
    let count = 0;
    for (let row = 0; row < rows; row++) {
      if (this.used[row] === 0) continue;
      for (let v = firstRow[row]; v < firstRow[row + 1]; v++) {
        for (let column = 0; column < columns; column++) {
          const cell = row * columns + column;
          if (edge[cell] === 0 && cells[cell] <= 0) continue;
          const fine = (edge[cell] & BORDER) !== 0;
          const end = v * width + firstColumn[column + 1];
          for (let i = v * width + firstColumn[column]; i < end; i++) {
            near[i] = 1;
            pixels[count++] = i;
            labels[i] = fine ? this.labelOf(view, cells, p, i) : cells[cell];
          }
        }
      }
    }
    this.count = count;
    return labels;
  }

  /** Label of a pixel near an edge, of the picture and the cells that were refined last; elsewhere its cell's. */
  labelOf({ rgb, z }: PixelView, cells: Int16Array, p: Float32Array, i: number): number {
    const { columns, rows, sample, seen, say, byColumn, byRow, width } = this;
    const cell = this.cellOf[i];
    if (this.edge[cell] === 0) return cells[cell];
    const v = (i / width) | 0;
    const u = i - v * width;
    const row = (cell / columns) | 0;
    const column = cell - row * columns;
    const r = rgb[3 * i];
    const g = rgb[3 * i + 1];
    const b = rgb[3 * i + 2];
    const here = z[i];
    let kinds = 0;
    for (let dq = -REACH; dq <= REACH; dq++) {
      if (row + dq < 0 || row + dq >= rows) continue;
      const down = byRow[ACROSS * v + dq + REACH];
      for (let dc = -REACH; dc <= REACH; dc++) {
        if (column + dc < 0 || column + dc >= columns) continue;
        const at = cell + dq * columns + dc;
        const j = sample[at];
        const dr = rgb[3 * j] - r;
        const dg = rgb[3 * j + 1] - g;
        const db = rgb[3 * j + 2] - b;
        const colour = (dr * dr + dg * dg + db * db) >> COLOUR_SHIFT;
        if (colour >= COLOURS) continue;
        const label = cells[at];
        let weight = (label > 0 ? p[at] : 1 - p[at]) * down * byColumn[ACROSS * u + dc + REACH] * BY_COLOUR[colour];
        const rise = Math.abs(z[j] - here) / HEIGHT_STEP_M;
        // without depth, rises are not numbers and say nothing
        if (rise >= HEIGHTS) continue;
        if (rise >= 0) weight *= BY_HEIGHT[rise | 0];
        let k = 0;
        while (k < kinds && seen[k] !== label) k++;
        if (k === kinds) {
          seen[kinds++] = label;
          say[k] = 0;
        }
        say[k] += weight;
      }
    }
    if (kinds === 0) return cells[cell];
    let best = 0;
    for (let k = 1; k < kinds; k++) if (say[k] > say[best]) best = k;
    return say[best] > 0 ? seen[best] : cells[cell];
  }

  private findEdges(cells: Int16Array): void {
    const { edge, columns, rows } = this;
    edge.fill(0);
    this.used.fill(0);
    for (let row = 0, i = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) {
        const own = cells[i];
        if (own > 0) this.used[row] = 1;
        const right = column + 1 < columns && own !== cells[i + 1];
        const below = row + 1 < rows && own !== cells[i + columns];
        if (!right && !below) continue;
        const meets = own > 0 && ((right && cells[i + 1] > 0) || (below && cells[i + columns] > 0));
        const mark = meets ? EDGE | BORDER : EDGE;
        const last = Math.min(rows - 1, row + EDGE_CELLS + (below ? 1 : 0));
        for (let q = Math.max(0, row - EDGE_CELLS); q <= last; q++) {
          this.used[q] = 1;
          const end = Math.min(columns, column + EDGE_CELLS + (right ? 2 : 1));
          for (let c = Math.max(0, column - EDGE_CELLS); c < end; c++) edge[q * columns + c] |= mark;
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
    this.cellOf = new Int32Array(width * height);
    this.byColumn = sayByDistance(width, columns);
    this.byRow = sayByDistance(height, rows);
    for (let v = 0, i = 0; v < height; v++) {
      for (let u = 0; u < width; u++, i++)
        this.cellOf[i] = cellAlong(v, height, rows) * columns + cellAlong(u, width, columns);
    }
    this.pixels = new Int32Array(width * height);
    findFirst(this.firstColumn, width);
    findFirst(this.firstRow, height);
  }
}

/** Cell under a pixel, along one axis. */
function cellAlong(pixel: number, pixels: number, cells: number): number {
  return Math.min(cells - 1, Math.floor(((pixel + 0.5) * cells) / pixels));
}

/** First pixel of every cell along one axis, and one past the last. */
function findFirst(first: Int32Array, pixels: number): void {
  const cells = first.length - 1;
  first.fill(pixels);
  for (let u = pixels - 1; u >= 0; u--) first[cellAlong(u, pixels, cells)] = u;
  for (let k = cells - 1; k >= 0; k--) first[k] = Math.min(first[k], first[k + 1]);
}

/** For every pixel along one axis, the say of the cells from REACH before its own to REACH after. */
function sayByDistance(pixels: number, cells: number): Float64Array {
  const say = new Float64Array(ACROSS * pixels);
  for (let u = 0; u < pixels; u++) {
    const at = ((u + 0.5) * cells) / pixels;
    for (let k = -REACH; k <= REACH; k++) {
      const distance = cellAlong(u, pixels, cells) + k + 0.5 - at;
      say[ACROSS * u + k + REACH] = Math.exp(-0.5 * (distance / SIGMA_CELLS) ** 2);
    }
  }
  return say;
}
