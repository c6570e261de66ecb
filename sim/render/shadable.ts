import type { ShadowMap } from './shadow_map.ts';

/** The pixels of a kept picture that a shadow of what moves can fall on, in the order of the shadow map's texels. */
export class Shadable {
  private count = 0;
  private columns = 0;
  /** As they came: pixel, the texel that decides, and the nearness to the light (m) beyond which it shades. */
  private readonly pixel: Int32Array;
  private readonly texel: Int32Array;
  private readonly nearness: Float64Array;
  /** The same by texel, and where every texel's begin. */
  private readonly sortedPixel: Int32Array;
  private readonly sortedTexel: Int32Array;
  private readonly sortedNearness: Float64Array;
  private begin = new Int32Array(1);

  constructor(pixels: number) {
    this.pixel = new Int32Array(pixels);
    this.texel = new Int32Array(pixels);
    this.nearness = new Float64Array(pixels);
    this.sortedPixel = new Int32Array(pixels);
    this.sortedTexel = new Int32Array(pixels);
    this.sortedNearness = new Float64Array(pixels);
  }

  clear(): void {
    this.count = 0;
  }

  add(pixel: number, texel: number, nearness: number): void {
    const n = this.count++;
    this.pixel[n] = pixel;
    this.texel[n] = texel;
    this.nearness[n] = nearness;
  }

  /** Puts them in the order of a map of so many texels (counting sort). */
  sort(columns: number, rows: number): void {
    const texels = columns * rows;
    this.columns = columns;
    if (this.begin.length !== texels + 1) this.begin = new Int32Array(texels + 1);
    const { begin, count, pixel, texel, nearness } = this;
    begin.fill(0);
    for (let n = 0; n < count; n++) begin[texel[n]]++;
    for (let t = 1; t <= texels; t++) begin[t] += begin[t - 1];
    for (let n = count - 1; n >= 0; n--) {
      const to = --begin[texel[n]];
      this.sortedPixel[to] = pixel[n];
      this.sortedTexel[to] = texel[n];
      this.sortedNearness[to] = nearness[n];
    }
  }

  /** Copies the pixels that what moves now shades from `dark` to `rgb`; the map must have as many texels as were sorted by. */
  shade({ all, moved }: ShadowMap, dark: Uint8Array, rgb: Uint8Array): void {
    const { begin, columns, sortedPixel, sortedTexel, sortedNearness } = this;
    for (let row = moved.top; row <= moved.bottom; row++) {
      const end = begin[row * columns + moved.right + 1];
      for (let n = begin[row * columns + moved.left]; n < end; n++) {
        if (!(all[sortedTexel[n]] > sortedNearness[n])) continue;
        const o = 3 * sortedPixel[n];
        rgb[o] = dark[o];
        rgb[o + 1] = dark[o + 1];
        rgb[o + 2] = dark[o + 2];
      }
    }
  }
}
