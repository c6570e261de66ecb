import type { RgbdFrame } from '../detector.ts';

/** Edges are steps over four pixels of this many standard deviations of the noise, and of this much luma, at least. */
const EDGE_SIGMAS = 7;
const EDGE_STEP = 14;
/** Fewer edges than this say nothing. */
const LEAST_EDGES = 20;
/** Lines between those that are looked at. */
const SKIP = 2;
/** Blocks across the picture, and how many of them a soft ramp goes over, at least by so much luma. */
const BLOCKS = 80;
const RAMP = 4;
const RAMP_STEP = 24;
/** A soft ramp takes no more than this share of its step at once: one that is sharp takes half at least, wherever blocks begin. */
const AT_ONCE = 0.42;
/** Patches along a side in which jumps of depth are counted, and how many jumps say something. */
const JUMP_PATCHES = 4;
const LEAST_JUMPS = 12;
/** A jump of depth over five pixels, and the change of a channel by which it is seen in the colours. */
const JUMP_M = 0.04;
const SEEN_STEP = 16;
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
  /** Share of jumps of depth at which the colours change, in the worst patch that has some; NaN without jumps. */
  agreement = Number.NaN;
  /** Mean step of luma of wide ramps, as of stray light and of things out of focus, over all places where one could be. */
  softness = 0;
  private edges = 0;
  private readonly jumps = new Int32Array(JUMP_PATCHES * JUMP_PATCHES);
  private readonly seen = new Int32Array(JUMP_PATCHES * JUMP_PATCHES);
  private blocks = new Float32Array(0);
  private readonly histogram = new Int32Array(256);

  /** @param luma  row-major, width × height */
  measure(luma: Uint8Array, width: number, height: number, { colour, depth }: RgbdFrame): void {
    const noise = this.noiseOf(luma);
    const rows = this.sharpnessAlong(luma, 1, width - 4, height, width, 1, SKIP, noise);
    const in_rows = this.edges;
    const columns = this.sharpnessAlong(luma, width, width, height - 4, width, SKIP, 1, noise);
    this.sharpness = Number.isNaN(rows) ? columns : Number.isNaN(columns) ? rows : Math.min(rows, columns);
    this.share = (SKIP * (in_rows + this.edges)) / (width * height);
    this.agreement = agreementOf(colour.data, depth.data, width, height, this.jumps, this.seen);
    this.softness = this.softnessOf(luma, width, height);
  }

  private softnessOf(luma: Uint8Array, width: number, height: number): number {
    const side = Math.max(2, Math.round(width / BLOCKS));
    const columns = Math.floor(width / side);
    const rows = Math.floor(height / side);
    if (this.blocks.length !== columns * rows) this.blocks = new Float32Array(columns * rows);
    const { blocks } = this;
    blocks.fill(0);
    for (let v = 0; v < rows * side; v++) {
      const row = columns * Math.floor(v / side);
      for (let block = 0, i = v * width; block < columns; block++) {
        let sum = 0;
        for (let end = i + side; i < end; i++) sum += luma[i];
        blocks[row + block] += sum;
      }
    }
    const scale = 1 / (side * side);
    let [sum, places] = [0, 0];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const k = row * columns + column;
        if (column + RAMP < columns) {
          sum += rampAt(blocks, k, 1, scale);
          places++;
        }
        if (row + RAMP < rows) {
          sum += rampAt(blocks, k, columns, scale);
          places++;
        }
      }
    }
    return sum / Math.max(1, places);
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

/** The step over a ramp that begins at a block, if it is a soft one; else 0. */
function rampAt(blocks: Float32Array, k: number, stride: number, scale: number): number {
  const step = Math.abs(blocks[k + RAMP * stride] - blocks[k]) * scale;
  if (step < RAMP_STEP) return 0;
  const most = (AT_ONCE * step) / scale;
  for (let j = 0; j < RAMP; j++) {
    if (Math.abs(blocks[k + (j + 1) * stride] - blocks[k + j * stride]) > most) return 0;
  }
  return step;
}

/** Worst share of jumps seen in the colours over the patches that have enough of them; NaN without any. */
function agreementOf(
  rgb: Uint8Array,
  z: Float32Array,
  width: number,
  height: number,
  jumps: Int32Array,
  seen: Int32Array,
): number {
  jumps.fill(0);
  seen.fill(0);
  for (let v = 1; v < height; v += 3) {
    const row = JUMP_PATCHES * Math.floor((v * JUMP_PATCHES) / height);
    for (let u = 3, i = v * width + 3; u < width - 3; u++, i++) {
      const a = z[i - 2];
      const b = z[i + 2];
      if (!(a > 0 && b > 0) || (a - b < JUMP_M && b - a < JUMP_M)) continue;
      const patch = row + Math.floor((u * JUMP_PATCHES) / width);
      jumps[patch]++;
      const j = 3 * (i - 3);
      const k = 3 * (i + 3);
      const [red, green, blue] = [rgb[j] - rgb[k], rgb[j + 1] - rgb[k + 1], rgb[j + 2] - rgb[k + 2]];
      if (Math.max(Math.abs(red), Math.abs(green), Math.abs(blue)) > SEEN_STEP) seen[patch]++;
    }
  }
  let worst = Number.NaN;
  for (let p = 0; p < jumps.length; p++) {
    if (jumps[p] < LEAST_JUMPS) continue;
    const share = seen[p] / jumps[p];
    if (!(share >= worst)) worst = share;
  }
  return worst;
}
