import type { CameraInfo } from '../../contracts/index.ts';
import { CameraModel } from '../camera_model.ts';
import type { RgbdFrame } from '../detector.ts';
import { EdgeMeter } from './edge_meter.ts';
import { JumpMeter } from './jump_meter.ts';
import { PictureBlocks } from './picture_blocks.ts';
import { RampMeter } from './ramp_meter.ts';
import { RepeatMeter } from './repeat_meter.ts';

/**
 * What is measured of a picture, in the order of the vector; shares are 0..1, luma is of 255.
 * - `haze`: the 0.5 % quantile of the least channel: some colour is pure in every picture without stray light (He et al.,
 *   Single Image Haze Removal Using Dark Channel Prior, CVPR 2009)
 * - `haze_things`: the same where things stand on the table, which are never all pale
 * - `spread`: distance from the 5 % to the 95 % quantile of luma
 * - `dark`, `blown`: shares of samples with luma under 16, and with a channel of 250 and more
 * - `patch_dark`: the share of dark samples in the darkest of 8 × 8 patches
 * - `table_dark`, `table_light`: how far the darkest and the lightest patch of the table's plane are from the middle one (luma)
 * - `table_tint`: how far the chromaticity of a patch of the table's plane is from that of the middle one, at most
 * - `white`: share of samples with all channels at 250 and more
 * - `depth`: share of samples with depth
 * - `lost`: share of samples without depth among those whose rays meet the table's plane well within the sensor's range
 * - `near`: share of samples nearer than a thing before the lens
 * - `edge`: how sharp edges are, along rows or columns, whichever is worse: 1 for a step from one pixel to the next, ¼ for
 *   a ramp over four
 * - `edges`: share of pixels at an edge
 * - `agree`, `patch_agree`: share of jumps of depth at which the colours change, too, of all and in the worst part
 * - `white_jumps`: share of jumps of depth with white on both sides
 * - `soft_narrow`, `soft`, `soft_wide`: mean step of luma of ramps over about 1/40, 1/20 and 1/10 of the picture's width
 * - `halo`: places where white passes gradually into something darker, as about a lamp, over the picture's width in blocks
 * - `repeat_colour`, `repeat_depth`: greatest share of samples that are the same as in one of the last pictures
 * - `age_s`: from exposure to the moment of looking
 */
export const FEATURES = [
  'haze',
  'haze_things',
  'spread',
  'dark',
  'blown',
  'white',
  'patch_dark',
  'table_dark',
  'table_light',
  'table_tint',
  'depth',
  'lost',
  'near',
  'edge',
  'edges',
  'agree',
  'patch_agree',
  'white_jumps',
  'soft_narrow',
  'soft',
  'soft_wide',
  'halo',
  'repeat_colour',
  'repeat_depth',
  'age_s',
] as const;
export type Feature = (typeof FEATURES)[number];

const AT = Object.fromEntries(FEATURES.map((name, k) => [name, k])) as Readonly<Record<Feature, number>>;

/** Samples across the picture, and patches along each side. */
const COLUMNS = 64;
const PATCHES = 8;
const DARK = 16;
const HAZE = 0.005;
const BLOWN = 250;
const NEAR_M = 0.05;
const PLANE_M = 0.012;
/** Depth of the table is expected at such depths (m) and at such a sine between ray and table. */
const EXPECTED_M = [0.25, 1.6] as const;
const EXPECTED_SINE = 0.35;
const LEAST_EXPECTED = 100;
/** Things on the table are higher than this (m), and there are some from this share of samples on. */
const THING_M = 0.02;
const THINGS = 0.02;
/** Pictures that have come and may still be measured. */
const WAITING = 16;
/** With fewer samples a patch of the plane says nothing. */
const LEAST_SAMPLES = 12;

/**
 * Measures pictures of one camera, one after the other. NaN stands for what a picture does not show (edges where there are
 * none). Memory is taken for the first picture of a size; later ones allocate little more than a new calibration needs.
 */
export class PictureFeatures {
  readonly values = new Float64Array(FEATURES.length);
  private readonly repeats = new RepeatMeter();
  private readonly edges = new EdgeMeter();
  private readonly jumps = new JumpMeter();
  private blocks = new PictureBlocks(0, 0);
  private ramps = new RampMeter(this.blocks.levels.length);
  private arrived: { readonly request_id: string; readonly colour: number; readonly depth: number }[] = [];
  /** Indices of the samples, their patch, their rays at optical depth 1 and the rays' lengths. */
  private samples = new Int32Array(0);
  private patch = new Uint8Array(0);
  private rays = new Float32Array(0);
  private lengths = new Float32Array(0);
  private key = '';
  private readonly histogram = new Int32Array(256);
  private readonly least_histogram = new Int32Array(256);
  /** Of every patch: samples, dark ones, ones in the plane, and sums over those of luma, red and green shares. */
  private readonly sums = new Float64Array(SUMS * PATCHES * PATCHES);
  private readonly sorted = new Float64Array(PATCHES * PATCHES);

  /** Forgets the pictures so far. */
  reset(): void {
    this.repeats.reset();
    this.arrived = [];
  }

  /** Compares a picture with those before as it comes, and remembers it; `measure` takes it from there. */
  arrive(frame: RgbdFrame): void {
    this.repeats.compare(frame);
    this.arrived.push({ request_id: frame.request_id, colour: this.repeats.colour, depth: this.repeats.depth });
    if (this.arrived.length > WAITING) this.arrived.shift();
  }

  /** @param age_s  the time of looking minus the picture's stamp, s */
  measure(frame: RgbdFrame, age_s: number): Float64Array {
    this.prepare(frame.info);
    const { values, blocks, edges, jumps, ramps, repeats } = this;
    const { width, height } = frame.info;
    blocks.update(frame.colour.data);
    this.measureSamples(frame);
    this.measureTable();
    edges.measure(blocks.luma, width, height);
    values[AT.edge] = edges.sharpness;
    values[AT.edges] = edges.share;
    jumps.measure(frame);
    values[AT.agree] = jumps.agreement;
    values[AT.patch_agree] = jumps.worst_agreement;
    values[AT.white_jumps] = jumps.white;
    ramps.measure(blocks);
    [values[AT.soft_narrow], values[AT.soft], values[AT.soft_wide]] = ramps.softness;
    values[AT.halo] = ramps.halo;
    const known = this.arrived.find(({ request_id }) => request_id === frame.request_id);
    if (known === undefined) repeats.compare(frame);
    values[AT.repeat_colour] = (known ?? repeats).colour;
    values[AT.repeat_depth] = (known ?? repeats).depth;
    values[AT.age_s] = age_s;
    return values;
  }

  private prepare(info: CameraInfo): void {
    const { width, height } = info;
    const key = `${width} ${height} ${info.K.join()} ${info.D.join()}`;
    if (key === this.key) return;
    this.key = key;
    if (this.blocks.luma.length !== width * height) this.blocks = new PictureBlocks(width, height);
    const step = Math.max(1, Math.round(width / COLUMNS));
    const camera = new CameraModel(info);
    const columns = Math.floor((width - 1) / step) + 1;
    const rows = Math.floor((height - 1) / step) + 1;
    this.samples = new Int32Array(columns * rows);
    this.patch = new Uint8Array(columns * rows);
    this.rays = new Float32Array(2 * columns * rows);
    this.lengths = new Float32Array(columns * rows);
    const ray = new Float64Array(2);
    for (let v = 0, k = 0; v < height; v += step) {
      for (let u = 0; u < width; u += step, k++) {
        this.samples[k] = v * width + u;
        this.patch[k] = PATCHES * Math.floor((v * PATCHES) / height) + Math.floor((u * PATCHES) / width);
        camera.normalise(u, v, ray);
        this.rays.set(ray, 2 * k);
        this.lengths[k] = Math.hypot(ray[0], ray[1], 1);
      }
    }
  }

  private measureSamples({ colour, depth, info }: RgbdFrame): void {
    const { values, samples, patch, rays, lengths, histogram, least_histogram, sums } = this;
    const { luma } = this.blocks;
    const rgb = colour.data;
    const z = depth.data;
    const [, , , , , , , , zx, zy, zz, base] = info.T_world_camera_optical;
    histogram.fill(0);
    least_histogram.fill(0);
    sums.fill(0);
    let [dark, blown, white, known, near, things, expected, lost] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let k = 0; k < samples.length; k++) {
      const i = samples[k];
      const l = luma[i];
      const p = SUMS * patch[k];
      const [r, g, b] = [rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]];
      const least = Math.min(r, g, b);
      histogram[l]++;
      least_histogram[least]++;
      sums[p]++;
      if (l < DARK) {
        dark++;
        sums[p + 1]++;
      }
      if (r >= BLOWN || g >= BLOWN || b >= BLOWN) blown++;
      if (least >= BLOWN) white++;
      const d = z[i];
      const rate = zx * rays[2 * k] + zy * rays[2 * k + 1] + zz;
      const table = -base / rate;
      if (rate < -EXPECTED_SINE * lengths[k] && table > EXPECTED_M[0] && table < EXPECTED_M[1]) {
        expected++;
        if (!(d > 0)) lost++;
      }
      if (!(d > 0)) continue;
      known++;
      if (d < NEAR_M) near++;
      const height = base + d * rate;
      if (height > THING_M) things++;
      if (height < -PLANE_M || height > PLANE_M) continue;
      sums[p + 2]++;
      sums[p + 3] += l;
      const whole = r + g + b + 1;
      sums[p + 4] += r / whole;
      sums[p + 5] += g / whole;
    }
    const n = samples.length;
    let worst_dark = 0;
    for (let p = 0; p < sums.length; p += SUMS) worst_dark = Math.max(worst_dark, sums[p + 1] / sums[p]);
    values[AT.haze] = quantileOf(least_histogram, HAZE * n);
    values[AT.haze_things] = things > THINGS * known ? values[AT.haze] : Number.NaN;
    values[AT.spread] = quantileOf(histogram, 0.95 * n) - quantileOf(histogram, 0.05 * n);
    values[AT.dark] = dark / n;
    values[AT.blown] = blown / n;
    values[AT.white] = white / n;
    values[AT.patch_dark] = worst_dark;
    values[AT.depth] = known / n;
    values[AT.lost] = expected < LEAST_EXPECTED ? Number.NaN : lost / expected;
    values[AT.near] = near / n;
  }

  /** What lies in one plane looks alike, but for shadows and marks: patches of it against the middle one. */
  private measureTable(): void {
    const { values, sums } = this;
    const luma = this.middleOf(3);
    const red = this.middleOf(4);
    const green = this.middleOf(5);
    let [dark, light, tint] = [Number.NaN, Number.NaN, Number.NaN];
    if (!Number.isNaN(luma)) {
      [dark, light, tint] = [0, 0, 0];
      for (let p = 0; p < sums.length; p += SUMS) {
        const n = sums[p + 2];
        if (n < LEAST_SAMPLES) continue;
        dark = Math.max(dark, luma - sums[p + 3] / n);
        light = Math.max(light, sums[p + 3] / n - luma);
        tint = Math.max(tint, Math.abs(sums[p + 4] / n - red) + Math.abs(sums[p + 5] / n - green));
      }
    }
    values[AT.table_dark] = dark;
    values[AT.table_light] = light;
    values[AT.table_tint] = tint;
  }

  /** Median over the patches of the plane of the mean of one sum; NaN without any. */
  private middleOf(sum: number): number {
    const { sums, sorted } = this;
    let n = 0;
    for (let p = 0; p < sums.length; p += SUMS) {
      if (sums[p + 2] >= LEAST_SAMPLES) sorted[n++] = sums[p + sum] / sums[p + 2];
    }
    return n === 0 ? Number.NaN : sorted.subarray(0, n).sort()[n >> 1];
  }
}

const SUMS = 6;

/** The value at which a histogram has counted so many. */
function quantileOf(histogram: Int32Array, rank: number): number {
  let counted = 0;
  for (let value = 0; value < histogram.length; value++) {
    counted += histogram[value];
    if (counted > rank) return value;
  }
  return histogram.length - 1;
}
