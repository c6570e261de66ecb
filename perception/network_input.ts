import type { Channel, ChannelSpec, Preprocessing } from './models/preprocessing.ts';
import type { PixelView } from './regions.ts';

/** Size of the shipped networks' picture; half the overview camera's. */
export const INPUT_WIDTH = 160;
export const INPUT_HEIGHT = 120;
/** Classes as they are known here, in the order in which `HeadReader` gives them. */
export const VISION_CLASSES = ['background', 'table', 'robot', 'box', 'cylinder'] as const;

const colour = (what: Channel): ChannelSpec => ({ what, scale: 1, offset: -0.5, missing: 0 });

/**
 * How frames are put before the shipped networks: colours centred on 0, height above the table in decimetres cut off at
 * ±0.3 m, and 1 where there is depth. Depth enters as height, which the camera's pose gives: what stands out stays so from any
 * view.
 */
export const VISION_PREPROCESSING: Preprocessing = {
  ...{ width: INPUT_WIDTH, height: INPUT_HEIGHT, resize: 'area' },
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

/** Writes frames as a manifest says that its network takes them. */
export class NetworkInput {
  /** Values of one picture. */
  readonly size: number;
  private readonly picture: Preprocessing;
  /** Distance of neighbouring channels, and of neighbouring cells, in the input. */
  private readonly channel_step: number;
  private readonly cell_step: number;
  /** First pixel of every column and row of cells, and the one after its last. */
  private readonly columns: Int32Array;
  private readonly rows: Int32Array;
  /** Of the cells of one row, each of SUMS, and what a sum of 8-bit colours is multiplied by to be within 0..1. */
  private readonly sums: readonly Float64Array[];
  private readonly share: Float64Array;
  /** Which of them every channel takes; its scale, offset, value without depth and limits, as true doubles. */
  private readonly sources: readonly number[];
  private readonly scales: Float64Array;
  private readonly offsets: Float64Array;
  private readonly missing: Float64Array;
  private readonly lows: Float64Array;
  private readonly highs: Float64Array;
  private width = 0;
  private height = 0;

  constructor(picture: Preprocessing = VISION_PREPROCESSING, layout: 'NCHW' | 'NHWC' = 'NCHW') {
    const { channels, width, height } = picture;
    this.picture = picture;
    this.size = channels.length * width * height;
    this.channel_step = layout === 'NCHW' ? width * height : 1;
    this.cell_step = layout === 'NCHW' ? 1 : channels.length;
    this.columns = new Int32Array(2 * width);
    this.rows = new Int32Array(2 * height);
    this.sums = SUMS.map(() => new Float64Array(width));
    this.share = new Float64Array(width);
    this.sources = channels.map(({ what }) => SUMS.indexOf(what));
    this.scales = Float64Array.from(channels, ({ scale }) => scale);
    this.offsets = Float64Array.from(channels, ({ offset }) => offset);
    this.missing = Float64Array.from(channels, ({ missing }) => missing);
    this.lows = Float64Array.from(channels, ({ limits }) => limits?.[0] ?? Number.NEGATIVE_INFINITY);
    this.highs = Float64Array.from(channels, ({ limits }) => limits?.[1] ?? Number.POSITIVE_INFINITY);
  }

  /** @param out  from `offset` on, `size` values are written */
  write(view: PixelView, out: Float32Array, offset = 0): void {
    this.measure(view.width, view.height);
    const { channels, width, height } = this.picture;
    for (let row = 0; row < height; row++) {
      const v0 = this.rows[2 * row];
      const v1 = this.rows[2 * row + 1];
      if (row === 0 || v1 - v0 !== this.rows[2 * row - 1] - this.rows[2 * row - 2]) this.setShares(v1 - v0);
      this.sumRow(view, v0, v1);
      const first = offset + row * width * this.cell_step;
      for (let c = 0; c < channels.length; c++) this.putRow(out, first + c * this.channel_step, c);
    }
  }

  private setShares(rows: number): void {
    const { columns, share } = this;
    for (let k = 0; k < share.length; k++) share[k] = 1 / (255 * rows * (columns[2 * k + 1] - columns[2 * k]));
  }

  /** Sums over the pixels of every cell of a row that takes the rows [v0, v1) of the frame. */
  private sumRow(view: PixelView, v0: number, v1: number): void {
    const { width, rgb, depth, rays } = view;
    const { columns, sums } = this;
    const red = sums[0];
    const green = sums[1];
    const blue = sums[2];
    const grey = sums[3];
    const has_depth = sums[HAS_DEPTH];
    const heights = sums[5];
    const depths = sums[6];
    // CameraModel.heightRate, written out: a call that is not inlined makes a number on the heap.
    const { T } = view.camera;
    const ax = T[8];
    const ay = T[9];
    const az = T[10];
    const base = T[11];
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
        for (let i = v * width + u0, end = v * width + u1; i < end; i++) {
          r += rgb[3 * i];
          g += rgb[3 * i + 1];
          b += rgb[3 * i + 2];
          if (depth[i] > 0) {
            height += base + depth[i] * (ax * rays[2 * i] + ay * rays[2 * i + 1] + az);
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

  /** Writes channel c of a row of cells. One loop for each kind: what does not change within a row is not asked again. */
  private putRow(out: Float32Array, first: number, c: number): void {
    const { cell_step: step, share } = this;
    const source = this.sources[c];
    const scale = this.scales[c];
    const offset = this.offsets[c];
    const missing = this.missing[c];
    const sum = this.sums[source];
    const known = this.sums[HAS_DEPTH];
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
    if (this.lows[c] > Number.NEGATIVE_INFINITY) this.limitRow(out, first, c);
  }

  /** Cuts a row of a channel off at its limits, but for what is missing. */
  private limitRow(out: Float32Array, first: number, c: number): void {
    const low = this.lows[c];
    const high = this.highs[c];
    const known = this.sums[HAS_DEPTH];
    const always = this.sources[c] <= HAS_DEPTH;
    for (let k = 0, at = first; k < known.length; k++, at += this.cell_step) {
      const value = out[at];
      if (always || known[k] > 0) out[at] = value < low ? low : value > high ? high : value;
    }
  }

  private measure(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    this.width = width;
    this.height = height;
    cellBounds(this.columns, this.picture.width, width, this.picture.resize);
    cellBounds(this.rows, this.picture.height, height, this.picture.resize);
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
