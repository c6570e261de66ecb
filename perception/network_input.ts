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

/** Places of the sums over one cell. */
const SUMS: readonly Channel[] = ['red', 'green', 'blue', 'grey', 'has_depth', 'height', 'depth'];
const [RED, GREEN, BLUE, GREY, HAS_DEPTH, HEIGHT, DEPTH] = SUMS.keys();

/** Writes frames as a manifest says that its network takes them. */
export class NetworkInput {
  /** Values of one picture. */
  readonly size: number;
  private readonly picture: Preprocessing;
  /** Of every channel: which sum it takes, its scale, offset, limits and value without depth. */
  private readonly source: Int32Array;
  private readonly scale: Float64Array;
  private readonly shift: Float64Array;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly missing: Float64Array;
  /** Distance of neighbouring channels, and of neighbouring cells, in the input. */
  private readonly channel_step: number;
  private readonly cell_step: number;
  /** First pixel of every column and row of cells, and the one after its last. */
  private readonly columns: Int32Array;
  private readonly rows: Int32Array;
  private readonly sums = new Float64Array(SUMS.length);
  private width = 0;
  private height = 0;

  constructor(picture: Preprocessing = VISION_PREPROCESSING, layout: 'NCHW' | 'NHWC' = 'NCHW') {
    const { channels, width, height } = picture;
    const of = (value: (channel: ChannelSpec) => number) => Float64Array.from(channels, value);
    this.picture = picture;
    this.size = channels.length * width * height;
    this.source = Int32Array.from(channels, ({ what }) => SUMS.indexOf(what));
    this.scale = of((channel) => channel.scale);
    this.shift = of((channel) => channel.offset);
    this.low = of(({ limits }) => limits?.[0] ?? Number.NEGATIVE_INFINITY);
    this.high = of(({ limits }) => limits?.[1] ?? Number.POSITIVE_INFINITY);
    this.missing = of((channel) => channel.missing);
    this.channel_step = layout === 'NCHW' ? width * height : 1;
    this.cell_step = layout === 'NCHW' ? 1 : channels.length;
    this.columns = new Int32Array(2 * width);
    this.rows = new Int32Array(2 * height);
  }

  /** @param out  from `offset` on, `size` values are written */
  write(view: PixelView, out: Float32Array, offset = 0): void {
    this.measure(view.width, view.height);
    const { columns, rows } = this;
    for (let row = 0, at = offset; row < this.picture.height; row++) {
      for (let column = 0; column < this.picture.width; column++, at += this.cell_step) {
        const pixels = this.add(view, columns[2 * column], columns[2 * column + 1], rows[2 * row], rows[2 * row + 1]);
        this.put(out, at, 1 / (255 * pixels));
      }
    }
  }

  /** Sums over the pixels [u0, u1) × [v0, v1); returns how many they are. */
  private add(view: PixelView, u0: number, u1: number, v0: number, v1: number): number {
    const { width, rgb, depth, rays, camera } = view;
    const base = camera.T[11];
    let [r, g, b, height, distance, known] = [0, 0, 0, 0, 0, 0];
    for (let v = v0; v < v1; v++) {
      for (let i = v * width + u0, end = v * width + u1; i < end; i++) {
        r += rgb[3 * i];
        g += rgb[3 * i + 1];
        b += rgb[3 * i + 2];
        if (depth[i] > 0) {
          height += base + depth[i] * camera.heightRate(rays[2 * i], rays[2 * i + 1]);
          distance += depth[i];
          known++;
        }
      }
    }
    const { sums } = this;
    sums[RED] = r;
    sums[GREEN] = g;
    sums[BLUE] = b;
    sums[GREY] = (r + g + b) / 3;
    sums[HAS_DEPTH] = known;
    sums[HEIGHT] = height;
    sums[DEPTH] = distance;
    return (v1 - v0) * (u1 - u0);
  }

  /** Writes the channels of a cell. @param share  what a sum of 8-bit colours is multiplied by to be within 0..1 */
  private put(out: Float32Array, cell: number, share: number): void {
    const { sums, source, scale, shift, missing } = this;
    const known = sums[HAS_DEPTH];
    for (let c = 0, at = cell; c < source.length; c++, at += this.channel_step) {
      const from = source[c];
      let value = missing[c];
      if (from < HAS_DEPTH) value = scale[c] * sums[from] * share + shift[c];
      else if (from === HAS_DEPTH) value = (known > 0 ? scale[c] : 0) + shift[c];
      else if (known > 0) value = (scale[c] * sums[from]) / known + shift[c];
      else {
        out[at] = value;
        continue;
      }
      out[at] = Math.max(this.low[c], Math.min(this.high[c], value));
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
