import { LINEAR } from './colour.ts';
import { selectSmallest } from './geometry/select.ts';

/** What of a view its colours need. */
interface Colours {
  readonly rgb: Uint8Array;
}

/** From grey: grey things take on the colour of the light. Distances in chromaticity (sums of channel shares, 0..1). */
export const PAINT_CHROMA = 0.165;
export const LINK_CHROMA = 0.16;
export const GREY = 1 / 3;
/** Linear light below which a colour means nothing. */
const MIN_LINEAR = 0.004;
/** The table's colour is taken from every so many-th pixel this near to its plane. */
const TABLE_BAND_M = 0.006;
const TABLE_STRIDE = 37;

/** Shares of red and of green of a pixel in linear light; of grey where it is too dark to tell. */
export function chromaAt({ rgb }: Colours, i: number, out: Float64Array): void {
  const r = LINEAR[rgb[3 * i]];
  const g = LINEAR[rgb[3 * i + 1]];
  const b = LINEAR[rgb[3 * i + 2]];
  const scale = 1 / (r + g + b);
  const dark = r < MIN_LINEAR && g < MIN_LINEAR && b < MIN_LINEAR;
  out[0] = dark ? GREY : r * scale;
  out[1] = dark ? GREY : g * scale;
}

/** Distance of two chromaticities over all three shares. */
export function apart(a: Float64Array, red: number, green: number): number {
  return Math.sqrt(apart2(a[0] - red, a[1] - green));
}

/** Its square, of the differences of red and of green. */
export function apart2(dr: number, dg: number): number {
  return dr * dr + dg * dg + (dr + dg) * (dr + dg);
}

/** Median chromaticities of what lies in the plane of the table, in arrays that are reserved once for a size of picture. */
export class TableChroma {
  private red = new Float64Array(0);
  private green = new Float64Array(0);

  /** @param out  shares of red and green; of grey where nothing lies there */
  measure(view: Colours & { readonly z: Float32Array }, out: Float64Array): void {
    const { z } = view;
    const most = Math.ceil(z.length / TABLE_STRIDE);
    if (this.red.length < most) {
      this.red = new Float64Array(most);
      this.green = new Float64Array(most);
    }
    const { red, green } = this;
    let n = 0;
    for (let i = 0; i < z.length; i += TABLE_STRIDE) {
      if (!(Math.abs(z[i]) < TABLE_BAND_M)) continue;
      chromaAt(view, i, out);
      red[n] = out[0];
      green[n++] = out[1];
    }
    out[0] = n === 0 ? GREY : selectSmallest(red, n, n >> 1);
    out[1] = n === 0 ? GREY : selectSmallest(green, n, n >> 1);
  }
}
