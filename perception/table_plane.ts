import { backSubstitute, CAMERA_ERRORS, factorise, rayShifts } from './geometry/index.ts';
import { selectSmallest } from './geometry/select.ts';
import type { PixelView } from './regions.ts';

/** Coefficients of a plane: height, and its change along x and y. */
export const PLANE = 3;
/** Pixels that may be of the table lie this near to its plane, for what the camera is thought to be (m). */
const REACH_M = 0.025;
/** Widths of the weight over the rounds, in deviations of a height, and at least; what is farther from the plane does not count. */
const WIDTHS = [4.5, 3.5, 3, 3];
const LEAST_WIDTHS_M = [0.0045, 0.0035, 0.003, 0.003];
/** Floors lie on a table and nothing lies under it: above it the weight is narrower by this factor. */
const ABOVE = 0.7;
/** The table is the lowest level of at least this share of the most frequent one, as floors and trays lie on it. */
const LEVEL_SHARE = 0.25;
const BIN_M = 0.001;
const SMOOTH = 2;
const BINS = Math.ceil((2 * REACH_M) / BIN_M) + 2 * SMOOTH;
const SAMPLES = 500;
const LEAST = 60;
/** How the plane moves with the camera varies slowly over it: every so many-th sample tells it. */
const SLOPES_STRIDE = 4;
/** What a table and depths without bias leave: deviation of the height, and of the height's change per metre (m). */
const FLAT_M = 0.0003;
const SLOPE = 0.0008;
/** A table is only believed where it takes this share of what could be it. */
const LEAST_SHARE = 0.5;
const UP = Float64Array.of(0, 0, 1);
const COLUMNS = PLANE + 1 + CAMERA_ERRORS;

/**
 * Plane through the heights near z = 0, of a thin sample of the pixels, by least squares with Tukey's weights (Beaton and
 * Tukey, 1974). Everything is written into arrays that are reserved once.
 */
export class TablePlane {
  /** Height and its change along x and y, about the middle of the table that is seen. */
  readonly theta = new Float64Array(PLANE);
  /** How the coefficients move with the camera's errors, row-major 3×9. */
  readonly H = new Float64Array(PLANE * CAMERA_ERRORS);
  /** Covariance of what the table itself adds, row-major 3×3. */
  readonly R: Float64Array = Float64Array.of(FLAT_M ** 2, 0, 0, 0, SLOPE ** 2, 0, 0, 0, SLOPE ** 2);
  private readonly pixels = new Int32Array(2 * SAMPLES);
  private readonly x = new Float64Array(2 * SAMPLES);
  private readonly y = new Float64Array(2 * SAMPLES);
  private readonly z = new Float64Array(2 * SAMPLES);
  private readonly values = new Float64Array(2 * SAMPLES);
  private readonly counts = new Float64Array(BINS);
  private readonly N = new Float64Array(PLANE * COLUMNS);
  private readonly A = new Float64Array(PLANE * PLANE);
  private readonly L = new Float64Array(PLANE * PLANE);
  private readonly b = new Float64Array(PLANE);
  private readonly solved = new Float64Array(PLANE);
  private readonly shifts = new Float64Array(CAMERA_ERRORS);
  private readonly at = new Float64Array(2);
  private n = 0;
  private mx = 0;
  private my = 0;

  /** @returns false where too little of a table is seen; what is written then means nothing */
  fit(view: PixelView): boolean {
    const { theta } = this;
    const sigma = this.sample(view);
    theta.fill(0);
    this.mx = 0;
    this.my = 0;
    for (let round = 0; round < WIDTHS.length - 1; round++) {
      if (round < 2) theta[0] += this.lowestLevel();
      if (!this.refit(Math.max(LEAST_WIDTHS_M[round], WIDTHS[round] * sigma))) return false;
    }
    const last = WIDTHS.length - 1;
    return this.finish(view, Math.max(LEAST_WIDTHS_M[last], WIDTHS[last] * sigma));
  }

  /**
   * Keeps the samples near the plane.
   * @returns median deviation of a height by depth noise there (m), from second differences along rows
   */
  private sample({ camera, rays, depth, z, rates, width }: PixelView): number {
    const { pixels, values, at } = this;
    const every = Math.max(1, Math.floor(z.length / SAMPLES));
    let noisy = 0;
    let n = 0;
    for (let i = every >> 1; i < z.length; i += every) {
      const h = z[i];
      if (!(h < REACH_M && h > -REACH_M)) continue;
      camera.onPlane(rays[2 * i], rays[2 * i + 1], h, at);
      pixels[n] = i;
      this.x[n] = at[0];
      this.y[n] = at[1];
      this.z[n++] = h;
      const u = i % width;
      if (u === 0 || u === width - 1) continue;
      const a = depth[i - 1];
      const c = depth[i + 1];
      if (a > 0 && c > 0) values[noisy++] = Math.abs((a - 2 * depth[i] + c) * rates[i]);
    }
    this.n = n;
    return noisy === 0 ? 0 : selectSmallest(values, noisy, noisy >> 1) / (0.6745 * Math.sqrt(6));
  }

  /** Over the plane as it is now (m). */
  private over(k: number): number {
    const { theta, x, y, z } = this;
    return z[k] - theta[0] - theta[1] * (x[k] - this.mx) - theta[2] * (y[k] - this.my);
  }

  private weight(k: number, width: number): number {
    const over = this.over(k);
    const a = over / (over > 0 ? ABOVE * width : width);
    const b = 1 - a * a;
    return b > 0 ? b * b : 0;
  }

  private refit(width: number): boolean {
    const { x, y, z, N, theta, n } = this;
    const [height, along, across, middle_x, middle_y] = [theta[0], theta[1], theta[2], this.mx, this.my];
    const [over_width, under_width] = [1 / (ABOVE * width), 1 / width];
    let [s, sx, sy, sz, sxx, sxy, syy, sxz, syz] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
    let [used, mx, my] = [0, 0, 0];
    for (let k = 0; k < n; k++) {
      const dx = x[k] - middle_x;
      const dy = y[k] - middle_y;
      const h = z[k];
      const over = h - height - along * dx - across * dy;
      const a = over * (over > 0 ? over_width : under_width);
      const b = 1 - a * a;
      if (b <= 0) continue;
      const w = b * b;
      const wx = w * dx;
      const wy = w * dy;
      used++;
      mx += dx;
      my += dy;
      s += w;
      sx += wx;
      sy += wy;
      sz += w * h;
      sxx += wx * dx;
      sxy += wx * dy;
      syy += wy * dy;
      sxz += wx * h;
      syz += wy * h;
    }
    if (used < LEAST || used < LEAST_SHARE * this.n) return false;
    N[0] = s;
    N[1] = N[COLUMNS] = sx;
    N[2] = N[2 * COLUMNS] = sy;
    N[COLUMNS + 1] = sxx;
    N[COLUMNS + 2] = N[2 * COLUMNS + 1] = sxy;
    N[2 * COLUMNS + 2] = syy;
    N[PLANE] = sz;
    N[COLUMNS + PLANE] = sxz;
    N[2 * COLUMNS + PLANE] = syz;
    this.solve(PLANE + 1);
    // about the middle of what is left, where height and slopes do not depend on each other
    theta[1] = N[COLUMNS + PLANE];
    theta[2] = N[2 * COLUMNS + PLANE];
    theta[0] = N[PLANE] + (theta[1] * mx + theta[2] * my) / used;
    this.mx += mx / used;
    this.my += my / used;
    return true;
  }

  /** The last round, with how the plane moves by the camera. */
  private finish({ camera, rays, depth }: PixelView, width: number): boolean {
    const { x, y, N, H, shifts, pixels } = this;
    if (!this.refit(width)) return false;
    const { mx, my } = this;
    N.fill(0);
    for (let k = 0; k < this.n; k += SLOPES_STRIDE) {
      const w = this.weight(k, width);
      if (w === 0) continue;
      const i = pixels[k];
      rayShifts(camera, rays[2 * i], rays[2 * i + 1], depth[i], UP, shifts);
      for (let r = 0; r < PLANE; r++) {
        const a = w * (r === 0 ? 1 : r === 1 ? x[k] - mx : y[k] - my);
        const at = r * COLUMNS;
        N[at] += a;
        N[at + 1] += a * (x[k] - mx);
        N[at + 2] += a * (y[k] - my);
        for (let c = 0; c < CAMERA_ERRORS; c++) N[at + PLANE + 1 + c] += a * shifts[c];
      }
    }
    this.solve(COLUMNS);
    for (let r = 0; r < PLANE; r++) {
      for (let k = 0; k < CAMERA_ERRORS; k++) H[r * CAMERA_ERRORS + k] = N[r * COLUMNS + PLANE + 1 + k];
    }
    return true;
  }

  /** Lowest frequent height over the plane (m), by a histogram. */
  private lowestLevel(): number {
    const { counts } = this;
    counts.fill(0);
    for (let k = 0; k < this.n; k++) {
      const bin = Math.floor((this.over(k) + REACH_M) / BIN_M);
      if (bin >= 0 && bin < BINS - 2 * SMOOTH) counts[bin + SMOOTH]++;
    }
    smooth(counts);
    let most = 0;
    for (let b = 0; b < BINS; b++) if (counts[b] > most) most = counts[b];
    for (let b = 1; b < BINS - 1; b++) {
      if (counts[b] >= LEVEL_SHARE * most && counts[b] >= counts[b - 1] && counts[b] > counts[b + 1]) {
        return (b - SMOOTH + 0.5) * BIN_M - REACH_M;
      }
    }
    return 0;
  }

  /** Solves the normal equations of the plane in place: the first three columns are the matrix, those up to `columns` right sides. */
  private solve(columns: number): void {
    const { N, A, L, b, solved } = this;
    for (let r = 0; r < PLANE; r++) for (let c = 0; c < PLANE; c++) A[r * PLANE + c] = N[r * COLUMNS + c];
    for (let r = 0; r < PLANE; r++) A[r * (PLANE + 1)] += 1e-9;
    factorise(A, PLANE, L);
    for (let c = PLANE; c < columns; c++) {
      for (let r = 0; r < PLANE; r++) b[r] = N[r * COLUMNS + c];
      backSubstitute(L, PLANE, b, solved);
      for (let r = 0; r < PLANE; r++) N[r * COLUMNS + c] = solved[r];
    }
  }
}

/** Weights 1 2 3 2 1, in place: sums of three neighbours, twice. */
function smooth(counts: Float64Array): void {
  for (let pass = 0; pass < 2; pass++) {
    let before = 0;
    for (let b = 0; b < counts.length; b++) {
      const here = counts[b];
      counts[b] = before + here + (b + 1 < counts.length ? counts[b + 1] : 0);
      before = here;
    }
  }
}
