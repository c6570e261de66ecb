import { apart, boundsOf, chromaAt, PAINT_CHROMA, type PixelView } from '../regions.ts';

/** What a point of a mask's outline says of the object. */
export const EDGE = {
  /** The object's own silhouette ends here. */
  own: 0,
  /** Its top ends here: what goes on is no higher than it. */
  top: 1,
  /** Something else, or the picture's border, ends the mask here: the object reaches at least this far. */
  reach: 2,
} as const;

/** What one region shows of its object. Arrays are reserved once and longer than what is in them. */
export interface RegionEvidence {
  /** Midpoints between a pixel inside and a neighbour outside (unbiased for the true edge), undistorted, pixels about the axis. */
  readonly points: Float64Array;
  readonly kinds: Uint8Array;
  edges: number;
  /** Edges of the object's own, and those that something hides. */
  own: number;
  hidden: number;
  /** Directions of pixels well inside (frame world, optical depth 1), and their depths (m). */
  readonly rays: Float64Array;
  readonly depths: Float64Array;
  /** One over the standard deviation of each depth (1/m). */
  readonly weights: Float64Array;
  samples: number;
  /** Standard deviation of depth noise at 1 m; it grows with the square. */
  noise_at_1m: number;
  /** Height of the object's top to start from (m), and of what it stands on; NaN where nothing tells. */
  top_m: number;
  support_m: number;
  support_sigma_m: number;
}

const MOST_EDGES = 4096;
const MOST_SAMPLES = 80;
/** A neighbour farther by more than this, and by this many deviations, is behind the object. */
const BEHIND_M = 0.004;
const BEHIND_SIGMAS = 3;
/** What lies this little over the support belongs to it. */
const FOOT_M = 0.004;
/** An outside surface no higher over the top than this hides nothing of it. */
const LEVEL_M = 0.003;
/** Beside a jump depth is often missing: look this many pixels farther. */
const LOOK = 3;
/** Pixels about the region where its support is looked for. */
const RING = 4;
const LEAST_SUPPORT = 6;
const LOWEST_M = -0.02;
const HIGHEST_SUPPORT_M = 0.03;
/** Depth of a table that is not where it is thought to be, without a picture of it (m). */
const UNKNOWN_SUPPORT_M = 0.002;
const SUPPORT_FLOOR_M = 0.0005;
const TOP_QUANTILE = 0.78;
const TOP_BAND_M = 0.004;
/** Depths are read in steps and shapes are not quite ideal: floor of a depth's standard deviation (m). */
const DEPTH_FLOOR_M = 0.0008;
const LEAST_NOISE = 0.0005;
const LEAST_HEIGHTS = 6;

/** Reads regions one after another into the same arrays. */
export class RegionReader implements RegionEvidence {
  readonly points = new Float64Array(2 * MOST_EDGES);
  readonly kinds = new Uint8Array(MOST_EDGES);
  edges = 0;
  own = 0;
  hidden = 0;
  readonly rays = new Float64Array(3 * MOST_SAMPLES);
  readonly depths = new Float64Array(MOST_SAMPLES);
  readonly weights = new Float64Array(MOST_SAMPLES);
  samples = 0;
  noise_at_1m = LEAST_NOISE;
  top_m = Number.NaN;
  support_m = 0;
  support_sigma_m = UNKNOWN_SUPPORT_M;
  private readonly ray = new Float64Array(2);
  private readonly chroma = new Float64Array(2);
  private inside = new Uint8Array(0);
  private values = new Float64Array(0);
  private stride = 0;
  private left = 0;
  private top = 0;

  /** @param pixels  of one object, ascending */
  read(view: PixelView, pixels: Int32Array): void {
    this.mark(view, pixels);
    this.readNoise(view, pixels);
    this.readSupport(view, pixels);
    this.readTop(view, pixels);
    this.readEdges(view, pixels);
    this.readSurface(view, pixels);
  }

  /** Marks the region in a grid of its own with a margin of the ring's width. */
  private mark(view: PixelView, pixels: Int32Array): void {
    const { left, right, top, bottom } = boundsOf(view, pixels);
    this.left = left - RING;
    this.top = top - RING;
    this.stride = right - left + 1 + 2 * RING;
    const cells = this.stride * (bottom - top + 1 + 2 * RING);
    if (this.inside.length < cells) this.inside = new Uint8Array(2 * cells);
    else this.inside.fill(0, 0, cells);
    if (this.values.length < Math.max(cells, pixels.length)) this.values = new Float64Array(2 * cells);
    for (const i of pixels) {
      const u = i % view.width;
      this.inside[((i - u) / view.width - this.top) * this.stride + u - this.left] = 1;
    }
  }

  private isInside(u: number, v: number): boolean {
    return this.inside[(v - this.top) * this.stride + u - this.left] === 1;
  }

  /** Noise of depth from second differences along rows, which a plane leaves at 0. */
  private readNoise({ depth }: PixelView, pixels: Int32Array): void {
    let n = 0;
    for (let k = 2; k < pixels.length; k++) {
      const i = pixels[k - 1];
      if (pixels[k - 2] !== i - 1 || pixels[k] !== i + 1) continue;
      const [a, b, c] = [depth[i - 1], depth[i], depth[i + 1]];
      if (a > 0 && b > 0 && c > 0) this.values[n++] = Math.abs(a - 2 * b + c) / (b * b);
    }
    if (n < LEAST_HEIGHTS) {
      this.noise_at_1m = 2 * LEAST_NOISE;
      return;
    }
    const median = this.values.subarray(0, n).sort()[n >> 1];
    this.noise_at_1m = Math.max(LEAST_NOISE, median / (0.6745 * Math.sqrt(6)));
  }

  /** The lowest level about the region that is more than a few pixels. */
  private readSupport(view: PixelView, pixels: Int32Array): void {
    const { width, height, z } = view;
    const { stride, inside, values } = this;
    let n = 0;
    const rows = Math.floor(pixels[pixels.length - 1] / width) - this.top + 1 + RING;
    for (let row = 0; row < rows; row++) {
      const v = this.top + row;
      if (v < 0 || v >= height) continue;
      for (let column = 0; column < stride; column++) {
        const u = this.left + column;
        if (u < 0 || u >= width || inside[row * stride + column] === 1) continue;
        const h = z[v * width + u];
        if (h > LOWEST_M && h < HIGHEST_SUPPORT_M) values[n++] = h;
      }
    }
    this.support_m = 0;
    this.support_sigma_m = UNKNOWN_SUPPORT_M;
    if (n < LEAST_SUPPORT) return;
    const sorted = values.subarray(0, n).sort();
    const band = 2.5 * Math.max(0.001, this.heightNoise(view, pixels));
    const low = sorted[Math.floor(0.1 * n)] + band / 2;
    let [sum, count] = [0, 0];
    for (const h of sorted) {
      if (Math.abs(h - low) > band) continue;
      sum += h;
      count++;
    }
    if (count < LEAST_SUPPORT) return;
    this.support_m = sum / count;
    this.support_sigma_m = Math.hypot(SUPPORT_FLOOR_M, band / 2.5 / Math.sqrt(count));
  }

  /** Standard deviation of a pixel's height from its depth (m). */
  private heightNoise(view: PixelView, pixels: Int32Array): number {
    const middle = pixels[pixels.length >> 1];
    const depth = view.depth[middle] > 0 ? view.depth[middle] : -view.camera.T[11] / view.rates[middle];
    return this.noise_at_1m * depth * depth * Math.abs(view.rates[middle]);
  }

  /** Height of the top: heights about a high quantile, averaged. */
  private readTop({ z }: PixelView, pixels: Int32Array): void {
    const { values } = this;
    let n = 0;
    for (const i of pixels) if (!Number.isNaN(z[i])) values[n++] = z[i];
    this.top_m = Number.NaN;
    if (n < LEAST_HEIGHTS) return;
    const sorted = values.subarray(0, n).sort();
    const about = sorted[Math.floor(TOP_QUANTILE * (n - 1))];
    let [sum, count] = [0, 0];
    for (const h of sorted) {
      if (Math.abs(h - about) >= TOP_BAND_M) continue;
      sum += h;
      count++;
    }
    this.top_m = sum / count;
  }

  private readEdges(view: PixelView, pixels: Int32Array): void {
    const { width, height, camera } = view;
    const { points, kinds, ray } = this;
    const sigma = this.heightNoise(view, pixels);
    this.edges = 0;
    this.own = 0;
    this.hidden = 0;
    for (const i of pixels) {
      const u = i % width;
      const v = (i - u) / width;
      for (let side = 0; side < 4 && this.edges < MOST_EDGES; side++) {
        const du = side === 0 ? -1 : side === 1 ? 1 : 0;
        const dv = side === 2 ? -1 : side === 3 ? 1 : 0;
        if (this.isInside(u + du, v + dv)) continue;
        const off = u + du < 0 || u + du >= width || v + dv < 0 || v + dv >= height;
        const kind = off ? EDGE.reach : this.kindOf(view, u, v, du, dv, sigma);
        if (kind === EDGE.own) this.own++;
        else if (kind === EDGE.reach) this.hidden++;
        camera.normalise(u + du / 2, v + dv / 2, ray);
        points[2 * this.edges] = camera.fx * ray[0];
        points[2 * this.edges + 1] = camera.fy * ray[1];
        kinds[this.edges++] = kind;
      }
    }
  }

  /** What is beside pixel (u, v) in the direction (du, dv), by depth. */
  private kindOf(view: PixelView, u: number, v: number, du: number, dv: number, sigma_m: number): number {
    const { width, height, depth, z } = view;
    let outside = -1;
    for (let k = 1; k <= LOOK && outside < 0; k++) {
      const [x, y] = [u + k * du, v + k * dv];
      if (x < 0 || x >= width || y < 0 || y >= height) break;
      if (depth[y * width + x] > 0) outside = y * width + x;
    }
    if (outside < 0) return this.isPainted(view, u + 2 * du, v + 2 * dv) ? EDGE.reach : EDGE.own;
    if (z[outside] < this.support_m + FOOT_M + BEHIND_SIGMAS * sigma_m) return EDGE.own;
    let inner = -1;
    for (let k = 0; k < LOOK && inner < 0; k++) {
      const [x, y] = [u - k * du, v - k * dv];
      if (x < 0 || x >= width || y < 0 || y >= height || !this.isInside(x, y)) break;
      if (depth[y * width + x] > 0) inner = y * width + x;
    }
    if (inner < 0) return EDGE.reach;
    const step = BEHIND_M + BEHIND_SIGMAS * this.noise_at_1m * depth[inner] * depth[inner];
    if (depth[outside] > depth[inner] + step) return EDGE.own;
    const level = LEVEL_M + BEHIND_SIGMAS * sigma_m;
    return z[outside] < this.top_m + level && z[inner] > this.top_m - level ? EDGE.top : EDGE.reach;
  }

  /** Whether a pixel has paint: without depth what touches another object is known by that. */
  private isPainted(view: PixelView, u: number, v: number): boolean {
    if (u < 0 || u >= view.width || v < 0 || v >= view.height) return false;
    chromaAt(view, v * view.width + u, this.chroma);
    return apart(this.chroma, 1 / 3, 1 / 3) > PAINT_CHROMA;
  }

  /** Directions and depths of pixels whose neighbours are of the region too, evenly thinned out. */
  private readSurface({ width, height, depth, rays, camera }: PixelView, pixels: Int32Array): void {
    const { T } = camera;
    const every = Math.max(1, Math.ceil(pixels.length / MOST_SAMPLES));
    let n = 0;
    for (let k = 0; k < pixels.length && n < MOST_SAMPLES; k += every) {
      const i = pixels[k];
      const u = i % width;
      const v = (i - u) / width;
      if (!(depth[i] > 0) || u === 0 || v === 0 || u === width - 1 || v === height - 1) continue;
      if (
        !this.isInside(u - 1, v) ||
        !this.isInside(u + 1, v) ||
        !this.isInside(u, v - 1) ||
        !this.isInside(u, v + 1)
      ) {
        continue;
      }
      const x = rays[2 * i];
      const y = rays[2 * i + 1];
      for (let r = 0; r < 3; r++) this.rays[3 * n + r] = T[4 * r] * x + T[4 * r + 1] * y + T[4 * r + 2];
      const sigma = this.noise_at_1m * depth[i] * depth[i];
      this.weights[n] = 1 / Math.sqrt(DEPTH_FLOOR_M * DEPTH_FLOOR_M + sigma * sigma);
      this.depths[n++] = depth[i];
    }
    this.samples = n;
  }
}
