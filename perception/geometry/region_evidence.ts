import { apart, chromaAt, PAINT_CHROMA, type PixelView } from '../regions.ts';
import { selectSmallest } from './select.ts';

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
  /** How far each edge is to be believed: one over its standard deviation, in those of an edge that is seen. */
  readonly trust: Float64Array;
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

/** Edges beyond these are left out. */
export const MOST_EDGES = 4096;
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
/**
 * Where the colours on both sides differ by less than this (of 255, over all channels) nobody sees an edge: there the mask ends
 * where it was guessed to, which is off by as many deviations of an edge that is seen.
 */
const SEEN_CONTRAST = 40;
const GUESSED_TRUST = 0.12;
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
  readonly trust = new Float64Array(MOST_EDGES);
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
  /** The region in a grid of its own with a margin of the ring's width, and the cell of each of its pixels in it. */
  private inside = new Uint8Array(0);
  private cells = new Int32Array(0);
  private values = new Float64Array(0);
  private stride = 0;
  private rows = 0;
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

  private mark({ width }: PixelView, pixels: Int32Array): void {
    const n = pixels.length;
    if (this.cells.length < n) this.cells = new Int32Array(2 * n);
    const { cells } = this;
    const first = Math.floor(pixels[0] / width);
    let [left, right, row] = [width, 0, first * width];
    for (let k = 0; k < n; k++) {
      while (pixels[k] >= row + width) row += width;
      const u = pixels[k] - row;
      if (u < left) left = u;
      if (u > right) right = u;
    }
    this.left = left - RING;
    this.top = first - RING;
    this.stride = right - left + 1 + 2 * RING;
    this.rows = row / width - first + 1 + 2 * RING;
    const size = this.stride * this.rows;
    if (this.inside.length < size) this.inside = new Uint8Array(2 * size);
    else this.inside.fill(0, 0, size);
    if (this.values.length < size) this.values = new Float64Array(2 * size);
    row = first * width;
    let cell = RING * this.stride - this.left;
    for (let k = 0; k < n; k++) {
      while (pixels[k] >= row + width) {
        row += width;
        cell += this.stride;
      }
      cells[k] = cell + pixels[k] - row;
      this.inside[cells[k]] = 1;
    }
  }

  /** Noise of depth from second differences along rows, which a plane leaves at 0. */
  private readNoise({ depth }: PixelView, pixels: Int32Array): void {
    const { values } = this;
    let n = 0;
    for (let k = 2; k < pixels.length; k++) {
      const i = pixels[k - 1];
      if (pixels[k - 2] !== i - 1 || pixels[k] !== i + 1) continue;
      const a = depth[i - 1];
      const b = depth[i];
      const c = depth[i + 1];
      if (a > 0 && b > 0 && c > 0) values[n++] = Math.abs(a - 2 * b + c) / (b * b);
    }
    if (n < LEAST_HEIGHTS) {
      this.noise_at_1m = 2 * LEAST_NOISE;
      return;
    }
    this.noise_at_1m = Math.max(LEAST_NOISE, selectSmallest(values, n, n >> 1) / (0.6745 * Math.sqrt(6)));
  }

  /** The lowest level about the region that is more than a few pixels. */
  private readSupport(view: PixelView, pixels: Int32Array): void {
    const { width, height, z } = view;
    const { stride, inside, values, left, top } = this;
    let n = 0;
    const begin = Math.max(0, -left);
    const end = Math.min(stride, width - left);
    const last = Math.min(this.rows, height - top);
    for (let row = Math.max(0, -top); row < last; row++) {
      const i = (top + row) * width + left;
      for (let column = begin; column < end; column++) {
        if (inside[row * stride + column] === 1) continue;
        const h = z[i + column];
        if (h > LOWEST_M && h < HIGHEST_SUPPORT_M) values[n++] = h;
      }
    }
    this.support_m = 0;
    this.support_sigma_m = UNKNOWN_SUPPORT_M;
    if (n < LEAST_SUPPORT) return;
    const band = 2.5 * Math.max(0.001, this.heightNoise(view, pixels));
    const low = selectSmallest(values, n, Math.floor(0.1 * n)) + band / 2;
    let [sum, count] = [0, 0];
    for (let k = 0; k < n; k++) {
      if (Math.abs(values[k] - low) > band) continue;
      sum += values[k];
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
    for (let k = 0; k < pixels.length; k++) {
      const h = z[pixels[k]];
      if (!Number.isNaN(h)) values[n++] = h;
    }
    this.top_m = Number.NaN;
    if (n < LEAST_HEIGHTS) return;
    const about = selectSmallest(values, n, Math.floor(TOP_QUANTILE * (n - 1)));
    let [sum, count] = [0, 0];
    for (let k = 0; k < n; k++) {
      if (Math.abs(values[k] - about) >= TOP_BAND_M) continue;
      sum += values[k];
      count++;
    }
    this.top_m = sum / count;
  }

  private readEdges(view: PixelView, pixels: Int32Array): void {
    const { stride, inside, cells, left, top } = this;
    const sigma = this.heightNoise(view, pixels);
    this.edges = 0;
    this.own = 0;
    this.hidden = 0;
    for (let k = 0; k < pixels.length; k++) {
      const cell = cells[k];
      const sides = inside[cell - 1] + 2 * inside[cell + 1] + 4 * inside[cell - stride] + 8 * inside[cell + stride];
      if (sides === 15) continue;
      const row = Math.floor(cell / stride);
      const u = left + cell - row * stride;
      const v = top + row;
      if ((sides & 1) === 0) this.readEdge(view, pixels[k], u, v, -1, 0, sigma);
      if ((sides & 2) === 0) this.readEdge(view, pixels[k], u, v, 1, 0, sigma);
      if ((sides & 4) === 0) this.readEdge(view, pixels[k], u, v, 0, -1, sigma);
      if ((sides & 8) === 0) this.readEdge(view, pixels[k], u, v, 0, 1, sigma);
    }
  }

  private readEdge(view: PixelView, i: number, u: number, v: number, du: number, dv: number, sigma_m: number): void {
    const { width, height, camera, rays } = view;
    const { points, kinds, ray } = this;
    if (this.edges === MOST_EDGES) return;
    const off = u + du < 0 || u + du >= width || v + dv < 0 || v + dv >= height;
    const kind = off ? EDGE.reach : this.kindOf(view, u, v, du, dv, sigma_m);
    if (kind === EDGE.own) this.own++;
    else if (kind === EDGE.reach) this.hidden++;
    if (off) camera.normalise(u + du / 2, v + dv / 2, ray);
    else {
      // a lens is straight from one pixel to the next
      const j = i + du + dv * width;
      ray[0] = (rays[2 * i] + rays[2 * j]) / 2;
      ray[1] = (rays[2 * i + 1] + rays[2 * j + 1]) / 2;
    }
    points[2 * this.edges] = camera.fx * ray[0];
    points[2 * this.edges + 1] = camera.fy * ray[1];
    this.trust[this.edges] = off || contrast2(view, i, u, v, du, dv) > SEEN_CONTRAST ** 2 ? 1 : GUESSED_TRUST;
    kinds[this.edges++] = kind;
  }

  /** What is beside pixel (u, v) in the direction (du, dv), by depth. */
  private kindOf(view: PixelView, u: number, v: number, du: number, dv: number, sigma_m: number): number {
    const { width, depth, z } = view;
    const here = v * width + u;
    const step = du + dv * width;
    const beyond = roomFor(view, u, v, du, dv);
    let outside = -1;
    for (let k = 1; k <= beyond && outside < 0; k++) if (depth[here + k * step] > 0) outside = here + k * step;
    if (outside < 0) return this.isPainted(view, u + 2 * du, v + 2 * dv) ? EDGE.reach : EDGE.own;
    if (z[outside] < this.support_m + FOOT_M + BEHIND_SIGMAS * sigma_m) return EDGE.own;
    const within = 1 + roomFor(view, u, v, -du, -dv);
    let inner = -1;
    for (let k = 0; k < LOOK && k < within && inner < 0 && this.isInside(u - k * du, v - k * dv); k++) {
      if (depth[here - k * step] > 0) inner = here - k * step;
    }
    if (inner < 0) return EDGE.reach;
    const jump = BEHIND_M + BEHIND_SIGMAS * this.noise_at_1m * depth[inner] * depth[inner];
    if (depth[outside] > depth[inner] + jump) return EDGE.own;
    const level = LEVEL_M + BEHIND_SIGMAS * sigma_m;
    return z[outside] < this.top_m + level && z[inner] > this.top_m - level ? EDGE.top : EDGE.reach;
  }

  private isInside(u: number, v: number): boolean {
    return this.inside[(v - this.top) * this.stride + u - this.left] === 1;
  }

  /** Whether a pixel has paint: without depth what touches another object is known by that. */
  private isPainted(view: PixelView, u: number, v: number): boolean {
    if (u < 0 || u >= view.width || v < 0 || v >= view.height) return false;
    chromaAt(view, v * view.width + u, this.chroma);
    return apart(this.chroma, 1 / 3, 1 / 3) > PAINT_CHROMA;
  }

  /** Directions and depths of pixels whose neighbours are of the region too, evenly thinned out. */
  private readSurface({ depth, rays, camera }: PixelView, pixels: Int32Array): void {
    const { T } = camera;
    const { inside, cells, stride } = this;
    const every = Math.max(1, Math.ceil(pixels.length / MOST_SAMPLES));
    let n = 0;
    for (let k = 0; k < pixels.length && n < MOST_SAMPLES; k += every) {
      const i = pixels[k];
      const cell = cells[k];
      if (!(depth[i] > 0)) continue;
      if (inside[cell - 1] + inside[cell + 1] + inside[cell - stride] + inside[cell + stride] < 4) continue;
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

/** Square of the difference in colour between the two pixels on either side of an edge; of one where the picture ends. */
function contrast2({ rgb, width, height }: PixelView, i: number, u: number, v: number, du: number, dv: number): number {
  const step = 3 * (du + dv * width);
  const inner = 3 * i;
  const outer = inner + step;
  const before = u - du < 0 || u - du >= width || v - dv < 0 || v - dv >= height ? inner : inner - step;
  const after = u + 2 * du < 0 || u + 2 * du >= width || v + 2 * dv < 0 || v + 2 * dv >= height ? outer : outer + step;
  const r = rgb[inner] + rgb[before] - rgb[outer] - rgb[after];
  const g = rgb[inner + 1] + rgb[before + 1] - rgb[outer + 1] - rgb[after + 1];
  const b = rgb[inner + 2] + rgb[before + 2] - rgb[outer + 2] - rgb[after + 2];
  return (r * r + g * g + b * b) / 4;
}

/** How many pixels, up to LOOK, there are beyond one in a direction. */
function roomFor({ width, height }: PixelView, u: number, v: number, du: number, dv: number): number {
  const room = du < 0 ? u : du > 0 ? width - 1 - u : dv < 0 ? v : height - 1 - v;
  return Math.min(LOOK, room);
}
