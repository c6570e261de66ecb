/** Edges are steps over four pixels of this many standard deviations of the noise, and of this much luma, at least. */
const EDGE_SIGMAS = 7;
const EDGE_STEP = 14;
/** Fewer edges than this say nothing. */
const LEAST_EDGES = 20;
/** Lines between those that are looked at. */
const SKIP = 2;
/** Every so many-th pixel gives the noise. */
const NOISE_STRIDE = 53;
/** Median of |x| of a normal x, in standard deviations. */
const MEDIAN_ABS = 0.6745;

/** How sharp the edges of a picture are. */
export class EdgeMeter {
  /** Along rows or columns, whichever is worse; NaN without edges. Free of the noise's own steps. */
  sharpness = Number.NaN;
  /** Share of pixels at an edge. */
  share = 0;
  private edges = 0;
  private readonly histogram = new Int32Array(256);

  /** @param luma  row-major, width × height */
  measure(luma: Uint8Array, width: number, height: number): void {
    const noise = this.noiseOf(luma);
    const rows = this.sharpnessAlong(luma, 1, width - 4, height, width, 1, SKIP, noise);
    const in_rows = this.edges;
    const columns = this.sharpnessAlong(luma, width, width, height - 4, width, SKIP, 1, noise);
    this.sharpness = Number.isNaN(rows) ? columns : Number.isNaN(columns) ? rows : Math.min(rows, columns);
    this.share = (SKIP * (in_rows + this.edges)) / (width * height);
  }

  /** Standard deviation of a difference of neighbours, from its median: edges are few. */
  private noiseOf(luma: Uint8Array): number {
    const { histogram } = this;
    histogram.fill(0);
    let n = 0;
    for (let i = 0; i + 1 < luma.length; i += NOISE_STRIDE, n++) histogram[Math.abs(luma[i + 1] - luma[i])]++;
    let [counted, value] = [histogram[0], 0];
    while (2 * counted < n) counted += histogram[++value];
    // Within the median's bin, as if evenly filled.
    const inside = histogram[value] === 0 ? 0 : (counted - n / 2) / histogram[value];
    return Math.max(0.5, (value + 0.5 - inside) / MEDIAN_ABS);
  }

  /** Energy of steps of one pixel over that of the step of four they make up, at edges, less what noise adds to both. */
  private sharpnessAlong(
    luma: Uint8Array,
    stride: number,
    columns: number,
    rows: number,
    width: number,
    across: number,
    down: number,
    noise: number,
  ): number {
    const least = Math.max(EDGE_STEP, EDGE_SIGMAS * noise);
    let [small, whole, edges] = [0, 0, 0];
    for (let v = 0; v < rows; v += down) {
      for (let u = 0, i = v * width; u < columns; u += across, i += across) {
        const step = luma[i + 4 * stride] - luma[i];
        if (step < least && step > -least) continue;
        const a = luma[i + stride] - luma[i];
        const b = luma[i + 2 * stride] - luma[i + stride];
        const c = luma[i + 3 * stride] - luma[i + 2 * stride];
        const d = luma[i + 4 * stride] - luma[i + 3 * stride];
        small += a * a + b * b + c * c + d * d;
        whole += step * step;
        edges++;
      }
    }
    this.edges = edges;
    const variance = noise * noise;
    return edges < LEAST_EDGES ? Number.NaN : Math.max(0, (small - 4 * edges * variance) / (whole - edges * variance));
  }
}
