import type { CameraInfo } from '../../contracts/index.ts';
import { CameraModel } from '../camera_model.ts';
import type { RgbdFrame } from '../detector.ts';

/**
 * What is measured of a picture, in the order of the vector.
 * - `mean`, `low`, `spread`: mean luma, its 2 % quantile, and the distance from its 5 % to its 95 % quantile (of 255)
 * - `dark`, `blown`: shares of samples with luma under 16, and with a channel of 250 and more
 * - `patch_dark`, `patch_blown`: the same in the worst of 8 × 8 patches
 * - `table_dark`, `table_light`: shares of samples in the table's plane that are under half of the plane's median luma, and
 *   over 1.5 times it
 * - `depth`, `near`, `plane`: shares of samples with depth, of those nearer than the camera's own reach, and in the table's plane
 * - `edge_u`, `edge_v`: steepest step over one pixel as a share of the step over four, along rows and columns (0..1)
 * - `edges`: share of pixels with such a step
 * - `agree`: share of jumps of depth at which the colour changes, too
 * - `repeat_colour`, `repeat_depth`: greatest share of samples that are the same as in one of the last pictures
 * - `age_s`: from exposure to the moment of looking
 */
export const FEATURES = [
  'mean',
  'low',
  'spread',
  'dark',
  'blown',
  'patch_dark',
  'patch_blown',
  'table_dark',
  'table_light',
  'depth',
  'near',
  'plane',
  'edge_u',
  'edge_v',
  'edges',
  'agree',
  'repeat_colour',
  'repeat_depth',
  'age_s',
] as const;
export type Feature = (typeof FEATURES)[number];
export const FEATURE: Readonly<Record<Feature, number>> = Object.fromEntries(
  FEATURES.map((name, k) => [name, k]),
) as Record<Feature, number>;

/** Samples across the picture. */
const COLUMNS = 64;
const PATCHES = 8;
const DARK = 16;
const BLOWN = 250;
const NEAR_M = 0.05;
const PLANE_M = 0.012;
/** Steps of luma over four pixels from here on are edges, whatever the noise; fewer of them say nothing. */
const EDGE_STEP = 40;
const LEAST_EDGES = 24;
/** A jump of depth over five pixels, and the change of a channel by which it is seen in the colours. */
const JUMP_M = 0.04;
const SEEN_STEP = 16;
/** Pictures that are remembered. */
const REMEMBERED = 8;
/** Samples compared with them. */
const COMPARED = 384;

/**
 * Measures pictures of one camera, one after the other. NaN stands for what a picture does not show (edges where there are
 * none). Memory is taken for the first picture of a size; later ones allocate nothing but what a new calibration needs.
 */
export class PictureFeatures {
  readonly values = new Float64Array(FEATURES.length);
  private width = 0;
  private height = 0;
  private step = 1;
  private luma = new Uint8Array(0);
  /** Indices of the samples, their patch, and their rays at optical depth 1. */
  private samples = new Int32Array(0);
  private patch = new Uint8Array(0);
  private rays = new Float32Array(0);
  private key = '';
  private readonly histogram = new Int32Array(256);
  private readonly plane_histogram = new Int32Array(256);
  private readonly patches = new Int32Array(3 * PATCHES * PATCHES);
  private readonly colours = new Uint8Array(3 * COMPARED * REMEMBERED);
  private readonly depths = new Float32Array(COMPARED * REMEMBERED);
  private seen = 0;

  /** Forgets the pictures so far. */
  reset(): void {
    this.seen = 0;
  }

  /** @param now_s  the time of looking minus the picture's stamp, s */
  measure(frame: RgbdFrame, age_s: number): Float64Array {
    const { values } = this;
    this.prepare(frame.info);
    this.writeLuma(frame.colour.data);
    this.measureSamples(frame);
    this.measureEdges(1, FEATURE.edge_u);
    const edges_u = this.edges;
    this.measureEdges(this.width, FEATURE.edge_v);
    values[FEATURE.edges] = (edges_u + this.edges) / (this.width * this.height);
    this.measureAgreement(frame);
    this.compare(frame);
    values[FEATURE.age_s] = age_s;
    return values;
  }

  private edges = 0;

  private prepare(info: CameraInfo): void {
    const { width, height } = info;
    if (width !== this.width || height !== this.height) {
      this.width = width;
      this.height = height;
      this.luma = new Uint8Array(width * height);
      this.step = Math.max(1, Math.round(width / COLUMNS));
      this.key = '';
      this.seen = 0;
    }
    const { step } = this;
    const key = `${info.K.join()} ${info.D.join()}`;
    if (key === this.key) return;
    this.key = key;
    const camera = new CameraModel(info);
    const columns = Math.floor((width - 1) / step) + 1;
    const rows = Math.floor((height - 1) / step) + 1;
    this.samples = new Int32Array(columns * rows);
    this.patch = new Uint8Array(columns * rows);
    this.rays = new Float32Array(2 * columns * rows);
    const ray = new Float64Array(2);
    let k = 0;
    for (let v = 0; v < height; v += step) {
      for (let u = 0; u < width; u += step, k++) {
        this.samples[k] = v * width + u;
        this.patch[k] = PATCHES * Math.floor((v * PATCHES) / height) + Math.floor((u * PATCHES) / width);
        camera.normalise(u, v, ray);
        this.rays.set(ray, 2 * k);
      }
    }
  }

  /** Rec. 601 weights, in 256ths. */
  private writeLuma(rgb: Uint8Array): void {
    const { luma } = this;
    for (let i = 0, j = 0; i < luma.length; i++, j += 3) {
      luma[i] = (77 * rgb[j] + 150 * rgb[j + 1] + 29 * rgb[j + 2]) >> 8;
    }
  }

  private measureSamples({ colour, depth, info }: RgbdFrame): void {
    const { values, samples, patch, rays, luma, histogram, plane_histogram, patches } = this;
    const rgb = colour.data;
    const z = depth.data;
    const T = info.T_world_camera_optical;
    histogram.fill(0);
    plane_histogram.fill(0);
    patches.fill(0);
    let [sum, dark, blown, known, near, plane] = [0, 0, 0, 0, 0, 0];
    for (let k = 0; k < samples.length; k++) {
      const i = samples[k];
      const l = luma[i];
      const p = 3 * patch[k];
      sum += l;
      histogram[l]++;
      patches[p]++;
      if (l < DARK) {
        dark++;
        patches[p + 1]++;
      }
      if (rgb[3 * i] >= BLOWN || rgb[3 * i + 1] >= BLOWN || rgb[3 * i + 2] >= BLOWN) {
        blown++;
        patches[p + 2]++;
      }
      const d = z[i];
      if (!(d > 0)) continue;
      known++;
      if (d < NEAR_M) near++;
      const height = T[11] + d * (T[8] * rays[2 * k] + T[9] * rays[2 * k + 1] + T[10]);
      if (height > -PLANE_M && height < PLANE_M) {
        plane++;
        plane_histogram[l]++;
      }
    }
    const n = samples.length;
    let [worst_dark, worst_blown] = [0, 0];
    for (let p = 0; p < patches.length; p += 3) {
      worst_dark = Math.max(worst_dark, patches[p + 1] / patches[p]);
      worst_blown = Math.max(worst_blown, patches[p + 2] / patches[p]);
    }
    values[FEATURE.mean] = sum / n;
    values[FEATURE.low] = quantileOf(histogram, 0.02 * n);
    values[FEATURE.spread] = quantileOf(histogram, 0.95 * n) - quantileOf(histogram, 0.05 * n);
    values[FEATURE.dark] = dark / n;
    values[FEATURE.blown] = blown / n;
    values[FEATURE.patch_dark] = worst_dark;
    values[FEATURE.patch_blown] = worst_blown;
    values[FEATURE.depth] = known / n;
    values[FEATURE.near] = near / n;
    values[FEATURE.plane] = plane / n;
    const median = quantileOf(plane_histogram, plane / 2);
    values[FEATURE.table_dark] = plane > 0 ? countBetween(plane_histogram, 0, median / 2) / plane : Number.NaN;
    values[FEATURE.table_light] = plane > 0 ? countBetween(plane_histogram, 1.5 * median, 256) / plane : Number.NaN;
  }

  /** Every second line across the direction; `stride` is one pixel along it. */
  private measureEdges(stride: number, feature: number): void {
    const { luma, width, height, values } = this;
    const along_rows = stride === 1;
    const [us, vs] = along_rows ? [1, 2] : [2, 1];
    const [u_end, v_end] = along_rows ? [width - 4, height] : [width, height - 4];
    let [steepest, whole, edges] = [0, 0, 0];
    for (let v = 0; v < v_end; v += vs) {
      for (let u = 0, i = v * width; u < u_end; u += us, i += us) {
        const step = Math.abs(luma[i + 4 * stride] - luma[i]);
        if (step < EDGE_STEP) continue;
        const a = luma[i + stride];
        const b = luma[i + 2 * stride];
        const c = luma[i + 3 * stride];
        const d1 = Math.abs(a - luma[i]);
        const d2 = Math.abs(b - a);
        const d3 = Math.abs(c - b);
        const d4 = Math.abs(luma[i + 4 * stride] - c);
        const first = d1 > d2 ? d1 : d2;
        const second = d3 > d4 ? d3 : d4;
        steepest += step * (first > second ? first : second);
        whole += step * step;
        edges++;
      }
    }
    this.edges = 2 * edges;
    values[feature] = edges < LEAST_EDGES ? Number.NaN : Math.min(1, steepest / whole);
  }

  private measureAgreement({ colour, depth }: RgbdFrame): void {
    const { width, height, values } = this;
    const z = depth.data;
    const rgb = colour.data;
    let [jumps, seen] = [0, 0];
    for (let v = 1; v < height; v += 3) {
      for (let u = 3, i = v * width + 3; u < width - 3; u++, i++) {
        const a = z[i - 2];
        const b = z[i + 2];
        if (!(a > 0 && b > 0) || (a - b < JUMP_M && b - a < JUMP_M)) continue;
        jumps++;
        const j = 3 * (i - 3);
        const k = 3 * (i + 3);
        if (
          Math.abs(rgb[j] - rgb[k]) > SEEN_STEP ||
          Math.abs(rgb[j + 1] - rgb[k + 1]) > SEEN_STEP ||
          Math.abs(rgb[j + 2] - rgb[k + 2]) > SEEN_STEP
        )
          seen++;
      }
    }
    values[FEATURE.agree] = jumps < LEAST_EDGES ? Number.NaN : seen / jumps;
  }

  /** Compares a few samples with those of the pictures before, and remembers them in place of the oldest. */
  private compare({ colour, depth }: RgbdFrame): void {
    const { values, width, height, colours, depths } = this;
    const stride = Math.max(1, Math.floor((width * height) / COMPARED));
    const slot = this.seen % REMEMBERED;
    const others = Math.min(this.seen, REMEMBERED);
    let [most_colour, most_depth] = [0, 0];
    for (let other = 0; other < others; other++) {
      let [same_colour, same_depth] = [0, 0];
      for (let k = 0; k < COMPARED; k++) {
        const i = k * stride;
        const at = COMPARED * other + k;
        const c = 3 * at;
        const same =
          colours[c] === colour.data[3 * i] &&
          colours[c + 1] === colour.data[3 * i + 1] &&
          colours[c + 2] === colour.data[3 * i + 2];
        if (same) same_colour++;
        if (depths[at] === depth.data[i]) same_depth++;
      }
      most_colour = Math.max(most_colour, same_colour / COMPARED);
      most_depth = Math.max(most_depth, same_depth / COMPARED);
    }
    for (let k = 0; k < COMPARED; k++) {
      const i = k * stride;
      const at = COMPARED * slot + k;
      for (let c = 0; c < 3; c++) colours[3 * at + c] = colour.data[3 * i + c];
      depths[at] = depth.data[i];
    }
    this.seen++;
    values[FEATURE.repeat_colour] = most_colour;
    values[FEATURE.repeat_depth] = most_depth;
  }
}

/** The value at which a histogram has counted so many. */
function quantileOf(histogram: Int32Array, rank: number): number {
  let counted = 0;
  for (let value = 0; value < histogram.length; value++) {
    counted += histogram[value];
    if (counted > rank) return value;
  }
  return histogram.length - 1;
}

function countBetween(histogram: Int32Array, from: number, to: number): number {
  let count = 0;
  for (let value = Math.ceil(from); value < to && value < histogram.length; value++) count += histogram[value];
  return count;
}
