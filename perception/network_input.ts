import { type Channel, type ChannelSpec, type Grid, gridOf, type Preprocessing } from './models/preprocessing.ts';
import type { PixelView } from './regions.ts';

/** Size of the shipped networks' greatest picture, the overview camera's: a cell for 2×2 pixels. */
export const INPUT_WIDTH = 160;
export const INPUT_HEIGHT = 120;
const PIXELS_PER_CELL = 2;
/** Classes as they are known here, in the order in which `HeadReader` gives them. */
export const VISION_CLASSES = ['background', 'table', 'robot', 'box', 'cylinder'] as const;

const colour = (what: Channel): ChannelSpec => ({ what, scale: 1, offset: -0.5, missing: 0 });

/**
 * How frames are put before the shipped networks, half as wide and high: colours centred on 0, height above the table in decimetres cut off at
 * ±0.3 m, and 1 where there is depth. Depth enters as height, which the camera's pose gives: what stands out stays so from any
 * view.
 */
export const VISION_PREPROCESSING: Preprocessing = {
  ...{ width: INPUT_WIDTH, height: INPUT_HEIGHT, pixels_per_cell: PIXELS_PER_CELL, resize: 'area' },
  channels: [
    ...[colour('red'), colour('green'), colour('blue')],
    { what: 'height', scale: 10, offset: 0, limits: [-3, 3], missing: 0 },
    { what: 'has_depth', scale: 1, offset: 0, missing: 0 },
  ],
};
export const INPUT_CHANNELS = VISION_PREPROCESSING.channels.length;
export const INPUT_SIZE = INPUT_CHANNELS * INPUT_WIDTH * INPUT_HEIGHT;

/** What is summed over the pixels of a cell, in this order. */
const SUMS: readonly Channel[] = ['red', 'green', 'blue', 'grey', 'has_depth', 'height', 'depth'];
const HAS_DEPTH = 4;
const GREY = SUMS.indexOf('grey');
const DEPTH = SUMS.indexOf('depth');

/** Where the cells of one size of frame lie, and sums over the cells of one of its rows. */
interface CellRow {
  readonly grid: Grid;
  /** First pixel of every column and row of cells, and the one after its last. */
  readonly columns: Int32Array;
  readonly rows: Int32Array;
  /** Whether every cell is of 2×2 pixels. */
  readonly pairs: boolean;
  /** Of the cells of one row, each of SUMS, and what a sum of 8-bit colours is multiplied by to be within 0..1. */
  readonly sums: readonly Float64Array[];
  readonly share: Float64Array;
}

/** Writes frames as a manifest says that its network takes them. */
export class NetworkInput {
  readonly channels: number;
  /** Values of the greatest picture. */
  readonly size: number;
  private readonly picture: Preprocessing;
  private readonly layout: 'NCHW' | 'NHWC';
  /** Which of SUMS every channel takes; its scale, offset, value without depth and limits, as true doubles. */
  private readonly sources: readonly number[];
  private readonly scales: Float64Array;
  private readonly offsets: Float64Array;
  private readonly missing: Float64Array;
  private readonly lows: Float64Array;
  private readonly highs: Float64Array;
  /** Whether any channel takes what only `sumRow` sums. */
  private readonly sums_all: boolean;
  /** By size of frame: cameras take turns. */
  private readonly known = new Map<number, CellRow>();

  constructor(picture: Preprocessing = VISION_PREPROCESSING, layout: 'NCHW' | 'NHWC' = 'NCHW') {
    const { channels, width, height } = picture;
    this.picture = picture;
    this.layout = layout;
    this.channels = channels.length;
    this.size = this.channels * width * height;
    this.sources = channels.map(({ what }) => SUMS.indexOf(what));
    this.sums_all = this.sources.includes(GREY) || this.sources.includes(DEPTH);
    this.scales = Float64Array.from(channels, ({ scale }) => scale);
    this.offsets = Float64Array.from(channels, ({ offset }) => offset);
    this.missing = Float64Array.from(channels, ({ missing }) => missing);
    this.lows = Float64Array.from(channels, ({ limits }) => limits?.[0] ?? Number.NEGATIVE_INFINITY);
    this.highs = Float64Array.from(channels, ({ limits }) => limits?.[1] ?? Number.POSITIVE_INFINITY);
  }

  /**
   * @param out  from `offset` on, a value for every channel and cell of the frame's grid is written
   * @returns the grid
   */
  write(view: PixelView, out: Float32Array, offset = 0): Grid {
    const cells = this.cellsOf(view.width, view.height);
    const { grid, rows } = cells;
    const { channels } = this;
    const planes = this.layout === 'NCHW';
    const channel_step = planes ? grid.width * grid.height : 1;
    const cell_step = planes ? 1 : channels;
    for (let row = 0; row < grid.height; row++) {
      const v0 = rows[2 * row];
      const v1 = rows[2 * row + 1];
      if (row === 0 || v1 - v0 !== rows[2 * row - 1] - rows[2 * row - 2]) setShares(cells, v1 - v0);
      if (cells.pairs && !this.sums_all) sumPairs(cells, view, v0);
      else sumRow(cells, view, v0, v1);
      const first = offset + row * grid.width * cell_step;
      for (let c = 0; c < channels; c++) this.putRow(cells, out, first + c * channel_step, cell_step, c);
    }
    return grid;
  }

  /** Writes channel c of a row of cells. One loop for each kind: what does not change within a row is not asked again. */
  private putRow({ share, sums }: CellRow, out: Float32Array, first: number, step: number, c: number): void {
    const source = this.sources[c];
    const scale = this.scales[c];
    const offset = this.offsets[c];
    const missing = this.missing[c];
    const sum = sums[source];
    const known = sums[HAS_DEPTH];
    let at = first;
    if (source < HAS_DEPTH) {
      for (let k = 0; k < sum.length; k++, at += step) out[at] = scale * sum[k] * share[k] + offset;
    } else if (source === HAS_DEPTH) {
      const there = scale + offset;
      for (let k = 0; k < sum.length; k++, at += step) out[at] = sum[k] > 0 ? there : offset;
    } else {
      for (let k = 0; k < sum.length; k++, at += step)
        out[at] = known[k] > 0 ? (scale * sum[k]) / known[k] + offset : missing;
    }
    if (this.lows[c] > Number.NEGATIVE_INFINITY) this.limitRow(known, out, first, step, c);
  }

  /** Cuts a row of a channel off at its limits, but for what is missing. */
  private limitRow(known: Float64Array, out: Float32Array, first: number, step: number, c: number): void {
    const low = this.lows[c];
    const high = this.highs[c];
    const always = this.sources[c] <= HAS_DEPTH;
    for (let k = 0, at = first; k < known.length; k++, at += step) {
      const value = out[at];
      if (always || known[k] > 0) out[at] = value < low ? low : value > high ? high : value;
    }
  }

  private cellsOf(width: number, height: number): CellRow {
    const key = width * 65536 + height;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const grid = gridOf(this.picture, { width, height });
    const cells: CellRow = {
      grid,
      columns: new Int32Array(2 * grid.width),
      rows: new Int32Array(2 * grid.height),
      pairs: this.picture.resize === 'area' && width === 2 * grid.width && height === 2 * grid.height,
      sums: SUMS.map(() => new Float64Array(grid.width)),
      share: new Float64Array(grid.width),
    };
    cellBounds(cells.columns, grid.width, width, this.picture.resize);
    cellBounds(cells.rows, grid.height, height, this.picture.resize);
    this.known.set(key, cells);
    return cells;
  }
}

function setShares({ columns, share }: CellRow, rows: number): void {
  for (let k = 0; k < share.length; k++) share[k] = 1 / (255 * rows * (columns[2 * k + 1] - columns[2 * k]));
}

/** As `sumRow` for cells of 2×2 pixels, without the sums of grey and of depth: most of what preparing a picture takes. */
function sumPairs({ sums }: CellRow, { width, rgb, depth, z }: PixelView, v0: number): void {
  const red = sums[0];
  const green = sums[1];
  const blue = sums[2];
  const has_depth = sums[HAS_DEPTH];
  const heights = sums[5];
  let i = v0 * width;
  let j = 3 * i;
  let k = j + 3 * width;
  for (let column = 0; column < red.length; column++, i += 2, j += 6, k += 6) {
    red[column] = rgb[j] + rgb[j + 3] + rgb[k] + rgb[k + 3];
    green[column] = rgb[j + 1] + rgb[j + 4] + rgb[k + 1] + rgb[k + 4];
    blue[column] = rgb[j + 2] + rgb[j + 5] + rgb[k + 2] + rgb[k + 5];
    const below = i + width;
    let height = 0;
    let known = 0;
    if (depth[i] > 0) {
      height = z[i];
      known = 1;
    }
    if (depth[i + 1] > 0) {
      height += z[i + 1];
      known++;
    }
    if (depth[below] > 0) {
      height += z[below];
      known++;
    }
    if (depth[below + 1] > 0) {
      height += z[below + 1];
      known++;
    }
    has_depth[column] = known;
    heights[column] = height;
  }
}

/** Sums over the pixels of every cell of a row that takes the rows [v0, v1) of the frame. */
function sumRow({ columns, sums }: CellRow, { width, rgb, depth, z }: PixelView, v0: number, v1: number): void {
  const red = sums[0];
  const green = sums[1];
  const blue = sums[2];
  const grey = sums[3];
  const has_depth = sums[HAS_DEPTH];
  const heights = sums[5];
  const depths = sums[6];
  for (let column = 0; column < red.length; column++) {
    const u0 = columns[2 * column];
    const u1 = columns[2 * column + 1];
    let r = 0;
    let g = 0;
    let b = 0;
    let height = 0;
    let distance = 0;
    let known = 0;
    for (let v = v0; v < v1; v++) {
      for (let i = v * width + u0, end = v * width + u1, j = 3 * i; i < end; i++, j += 3) {
        r += rgb[j];
        g += rgb[j + 1];
        b += rgb[j + 2];
        if (depth[i] > 0) {
          height += z[i];
          distance += depth[i];
          known++;
        }
      }
    }
    red[column] = r;
    green[column] = g;
    blue[column] = b;
    grey[column] = (r + g + b) / 3;
    has_depth[column] = known;
    heights[column] = height;
    depths[column] = distance;
  }
}

/** Where each of `cells` begins and ends among `pixels`; a cell has one pixel at least. */
function cellBounds(out: Int32Array, cells: number, pixels: number, resize: Preprocessing['resize']): void {
  for (let k = 0; k < cells; k++) {
    const first = Math.floor(((resize === 'nearest' ? k + 0.5 : k) * pixels) / cells);
    const end = resize === 'nearest' ? 0 : Math.floor(((k + 1) * pixels) / cells);
    out[2 * k] = first;
    out[2 * k + 1] = Math.max(first + 1, end);
  }
}
