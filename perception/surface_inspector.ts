import type { InspectionVerdict, InspectSurfaceGoal } from '../contracts/index.ts';
import type { RgbdFrame } from './detector.ts';
import { FrameViewer } from './frame_viewer.ts';
import { heldSurface, type SurfacePatch } from './held_surface.ts';
import type { PixelView } from './regions.ts';

/** What one picture says of a surface. */
export interface SurfaceJudgement {
  readonly verdict: InspectionVerdict;
  /** Contrast of the most conspicuous spot over the noise, in standard deviations. */
  readonly score: number;
  readonly area_m2: number;
}

export interface InspectorOptions {
  /** Scores under `good_below` are of sound surfaces, those from `defective_from` on of defects; between the two nobody can say. */
  readonly good_below?: number;
  readonly defective_from?: number;
  /** With less to see than this nothing is said (m²). */
  readonly least_area_m2?: number;
}

/** Half sides of the squares that are compared with what surrounds them (pixels). */
const HALF_SIDES = [1, 2, 3, 4, 6];
/** Share of a square that has to lie on the surface. */
const LEAST_COVER = 0.7;
/** Rounds of the fit of the plain paint; residuals beyond this many standard deviations are left out of the next. */
const FIT_ROUNDS = 4;
const OUTLIER_SIGMAS = 2.5;
const TERMS = 6;

/**
 * Looks for a spot on the side of a held object that faces the camera. The plain paint with its shading is a quadratic
 * surface in each channel, fitted without what stands out from it; noise is estimated from differences of neighbouring
 * pixels; the score is the greatest sum of residuals over a square, in standard deviations of such a sum (a matched filter
 * for a spot of constant contrast; Turin, 1960), over all places and sizes and the three channels together. Where the paint
 * has a pattern, most squares deviate by more than noise, and the score is lowered by as much.
 */
export class SurfaceInspector {
  private readonly viewer = new FrameViewer();
  private readonly options: Required<InspectorOptions>;

  constructor(options: InspectorOptions = {}) {
    this.options = { good_below: 7.9, defective_from: 32, least_area_m2: 4e-4, ...options };
  }

  inspect(frame: RgbdFrame, held: InspectSurfaceGoal): SurfaceJudgement {
    const view = this.viewer.view(frame);
    const patch = heldSurface(view, held);
    if (patch === null || patch.area_m2 < this.options.least_area_m2) {
      return { verdict: 'unsure', score: 0, area_m2: patch?.area_m2 ?? 0 };
    }
    const score = spotScore(view, patch);
    return { verdict: this.judge(score), score, area_m2: patch.area_m2 };
  }

  private judge(score: number): InspectionVerdict {
    const { good_below, defective_from } = this.options;
    return score < good_below ? 'good' : score < defective_from ? 'unsure' : 'defective';
  }
}

/** Greatest deviation of any square of a patch from its paint, in standard deviations of the noise. */
export function spotScore(view: PixelView, patch: SurfacePatch): number {
  const cells = patch.width * patch.height;
  const cover = new Float64Array(cells);
  const at = patch.pixels.map((i) => {
    const u = i % view.width;
    return ((i - u) / view.width - patch.top) * patch.width + u - patch.left;
  });
  for (const cell of at) cover[cell] = 1;
  const sums = [0, 1, 2].map((channel) => {
    const residual = residuals(view, patch, channel);
    const image = new Float64Array(cells);
    at.forEach((cell, k) => {
      image[cell] = residual[k];
    });
    const sigma = noiseOf(image, cover, patch.width);
    for (let k = 0; k < cells; k++) image[k] /= sigma;
    return integral(image, patch.width);
  });
  return greatest(sums, integral(cover, patch.width), patch.width, patch.height);
}

/** One channel less its quadratic fit over the patch. */
function residuals({ rgb }: PixelView, { pixels, uv }: SurfacePatch, channel: number): Float64Array {
  const n = pixels.length;
  const values = Float64Array.from(pixels, (i) => rgb[3 * i + channel]);
  const residual = new Float64Array(n);
  const kept = new Uint8Array(n).fill(1);
  const terms = new Float64Array(TERMS);
  const scale = 1 / 0.02;
  for (let round = 0; round < FIT_ROUNDS; round++) {
    const A = new Float64Array(TERMS * (TERMS + 1));
    for (let k = 0; k < n; k++) {
      if (kept[k] === 0) continue;
      quadratic(uv[2 * k] * scale, uv[2 * k + 1] * scale, terms);
      for (let r = 0; r < TERMS; r++) {
        for (let c = 0; c < TERMS; c++) A[r * (TERMS + 1) + c] += terms[r] * terms[c];
        A[r * (TERMS + 1) + TERMS] += terms[r] * values[k];
      }
    }
    const x = solve(A);
    for (let k = 0; k < n; k++) {
      quadratic(uv[2 * k] * scale, uv[2 * k + 1] * scale, terms);
      let fit = 0;
      for (let c = 0; c < TERMS; c++) fit += x[c] * terms[c];
      residual[k] = values[k] - fit;
    }
    const sigma = Math.max(0.5, medianOf(residual.map(Math.abs)) / NORMAL_MEDIAN);
    for (let k = 0; k < n; k++) kept[k] = Math.abs(residual[k]) < OUTLIER_SIGMAS * sigma ? 1 : 0;
  }
  return residual;
}

/** Median of |x| of a standard normal. */
const NORMAL_MEDIAN = 0.6745;

function quadratic(u: number, v: number, out: Float64Array): void {
  out[0] = 1;
  out[1] = u;
  out[2] = v;
  out[3] = u * u;
  out[4] = u * v;
  out[5] = v * v;
}

/** Solves the normal equations [A | b] by elimination; a tiny ridge keeps thin patches solvable. */
function solve(A: Float64Array): Float64Array {
  const m = TERMS + 1;
  for (let r = 0; r < TERMS; r++) A[r * m + r] += 1e-6;
  for (let p = 0; p < TERMS; p++) {
    for (let r = p + 1; r < TERMS; r++) {
      const factor = A[r * m + p] / A[p * m + p];
      for (let c = p; c < m; c++) A[r * m + c] -= factor * A[p * m + c];
    }
  }
  const x = new Float64Array(TERMS);
  for (let p = TERMS - 1; p >= 0; p--) {
    let sum = A[p * m + TERMS];
    for (let c = p + 1; c < TERMS; c++) sum -= A[p * m + c] * x[c];
    x[p] = sum / A[p * m + p];
  }
  return x;
}

/**
 * Standard deviation of the pixels' noise, from differences of neighbours: what varies slowly does not count, and the
 * largest tenth, where spots and edges are, is left out. Whole grey levels hardly matter to it, as they do to a median.
 */
function noiseOf(image: Float64Array, cover: Float64Array, width: number): number {
  const squares: number[] = [];
  for (let k = 1; k < image.length; k++) {
    if (k % width !== 0 && cover[k] === 1 && cover[k - 1] === 1) squares.push((image[k] - image[k - 1]) ** 2);
  }
  const kept = Float64Array.from(squares)
    .sort()
    .subarray(0, Math.ceil(KEPT_SHARE * squares.length));
  if (kept.length === 0) return 1;
  const mean = kept.reduce((sum, x) => sum + x, 0) / kept.length;
  return Math.max(0.5, Math.sqrt(mean / KEPT_VARIANCE / 2));
}

/** Variance of the part of a standard normal within ±1.645, which is 0.9 of it. */
const KEPT_SHARE = 0.9;
const KEPT_VARIANCE = 0.623;

function medianOf(values: Float64Array): number {
  return values.slice().sort()[values.length >> 1];
}

/** Summed-area table with a row and a column of zeros in front (Crow, 1984). */
function integral(image: Float64Array, width: number): Float64Array {
  const rows = image.length / width;
  const stride = width + 1;
  const sum = new Float64Array(stride * (rows + 1));
  for (let v = 0; v < rows; v++) {
    for (let u = 0; u < width; u++) {
      sum[(v + 1) * stride + u + 1] =
        image[v * width + u] + sum[v * stride + u + 1] + sum[(v + 1) * stride + u] - sum[v * stride + u];
    }
  }
  return sum;
}

/** Greatest deviation of a square, each size of square measured by how much most squares of that size deviate. */
function greatest(sums: readonly Float64Array[], cover: Float64Array, width: number, height: number): number {
  const stride = width + 1;
  const deviations = new Float64Array(width * height);
  let best = 0;
  for (const half of HALF_SIDES) {
    const side = 2 * half + 1;
    let [count, largest] = [0, 0];
    for (let v = 0; v + side <= height; v++) {
      for (let u = 0; u + side <= width; u++) {
        const [a, b] = [v * stride + u, v * stride + u + side];
        const [c, d] = [(v + side) * stride + u, (v + side) * stride + u + side];
        const n = cover[d] - cover[b] - cover[c] + cover[a];
        if (n < LEAST_COVER * side * side) continue;
        let square = 0;
        for (const sum of sums) square += (sum[d] - sum[b] - sum[c] + sum[a]) ** 2;
        const deviation = Math.sqrt(square / n);
        deviations[count++] = deviation;
        largest = Math.max(largest, deviation);
      }
    }
    if (count === 0) continue;
    // a pattern all over the paint makes most squares deviate more than noise does; a spot is what stands out of that too
    const usual = medianOf(deviations.subarray(0, count)) / CHI3_MEDIAN;
    best = Math.max(best, largest / Math.max(1, usual));
  }
  return best;
}

/** Median of the root of the sum of three squared standard normals. */
const CHI3_MEDIAN = 1.538;
