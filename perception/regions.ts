import type { CameraModel } from './camera_model.ts';
import { LINEAR } from './colour.ts';
import type { RgbdFrame } from './detector.ts';

/** What every pixel says of itself: height above the table and chromaticity. Row-major, image size. */
export interface PixelView {
  readonly width: number;
  readonly height: number;
  readonly camera: CameraModel;
  readonly depth: Float32Array;
  readonly rgb: Uint8Array;
  /** Normalised, undistorted coordinates of every pixel, x, y. */
  readonly rays: Float32Array;
  /** Height above z = 0, m; NaN without depth. */
  readonly z: Float32Array;
  /** Share of red and of green in linear light, interleaved; grey is 1/3, 1/3. */
  readonly chroma: Float32Array;
}

/** Pixels of one object, as far as they are seen. */
export interface Region {
  /** Pixel indices, ascending. */
  readonly pixels: Int32Array;
  /** Mean chromaticity. */
  readonly red: number;
  readonly green: number;
}

/** Over this height above the table a pixel is no longer table, whatever the depth noise says. */
const SEED_HEIGHT_M = 0.007;
const CEILING_M = 0.16;
/** Distances in chromaticity (sums of channel shares, 0..1). */
const SEED_CHROMA = 0.09;
const LINK_CHROMA = 0.16;
const LINK_DEPTH_M = 0.014;
const MIN_LINEAR = 0.004;
const MIN_PIXELS = 24;
const GREY = 1 / 3;
/** The table's colour is taken from pixels this near to its plane. */
const TABLE_BAND_M = 0.006;

/** Rays of a camera, for `viewPixels`; computed once per camera. */
export function pixelRays(camera: CameraModel, width: number, height: number): Float32Array {
  const rays = new Float32Array(2 * width * height);
  const ray = new Float64Array(2);
  for (let v = 0, i = 0; v < height; v++) {
    for (let u = 0; u < width; u++, i += 2) {
      camera.normalise(u, v, ray);
      rays[i] = ray[0];
      rays[i + 1] = ray[1];
    }
  }
  return rays;
}

export function viewPixels(frame: RgbdFrame, camera: CameraModel, rays: Float32Array): PixelView {
  const { width, height } = frame.info;
  const rgb = frame.colour.data;
  const depth = frame.depth.data;
  const n = width * height;
  const z = new Float32Array(n);
  const chroma = new Float32Array(2 * n);
  const base = camera.T[11];
  for (let i = 0; i < n; i++) {
    const d = depth[i];
    z[i] = d > 0 ? base + d * camera.heightRate(rays[2 * i], rays[2 * i + 1]) : Number.NaN;
    const r = LINEAR[rgb[3 * i]];
    const g = LINEAR[rgb[3 * i + 1]];
    const b = LINEAR[rgb[3 * i + 2]];
    const sum = r + g + b;
    const dark = Math.max(r, g, b) < MIN_LINEAR;
    chroma[2 * i] = dark ? GREY : r / sum;
    chroma[2 * i + 1] = dark ? GREY : g / sum;
  }
  return { width, height, camera, depth, rgb, rays, z, chroma };
}

/**
 * Coloured things standing on the table: pixels above it whose chromaticity differs from the table's and from grey (robot),
 * joined where colour and depth go on, then completed down to the table by colour.
 * @param gate  1 where objects may be, image size; null for everywhere
 */
export function findRegions(view: PixelView, gate: Uint8Array | null): Region[] {
  const { width, z, chroma } = view;
  const n = z.length;
  const [tableRed, tableGreen] = tableChroma(view);
  const seed = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (!(z[i] > SEED_HEIGHT_M && z[i] < CEILING_M) || (gate !== null && gate[i] === 0)) continue;
    const r = chroma[2 * i];
    const g = chroma[2 * i + 1];
    if (chromaDistance(r, g, tableRed, tableGreen) > SEED_CHROMA && chromaDistance(r, g, GREY, GREY) > SEED_CHROMA) {
      seed[i] = 1;
    }
  }
  const cores = components(seed, width, (i, j) => {
    const step = Math.abs(view.depth[i] - view.depth[j]);
    return (
      step < LINK_DEPTH_M &&
      chromaDistance(chroma[2 * i], chroma[2 * i + 1], chroma[2 * j], chroma[2 * j + 1]) < LINK_CHROMA
    );
  })
    .filter((pixels) => pixels.length >= MIN_PIXELS)
    .map((pixels) => regionOf(view, pixels));
  return complete(view, cores, tableRed, tableGreen);
}

/** Grows every core over pixels that look more like it than like anything else: the strip just above the table, and holes. */
function complete(view: PixelView, cores: readonly Region[], tableRed: number, tableGreen: number): Region[] {
  const { width, height, z, chroma } = view;
  const owner = new Int16Array(z.length).fill(-1);
  cores.forEach((core, k) => {
    for (const i of core.pixels) owner[i] = k;
  });
  return cores.map((core, k) => {
    const others = cores.filter((_, j) => j !== k);
    const queue = Array.from(core.pixels);
    let lowest = Number.POSITIVE_INFINITY;
    for (let head = 0; head < queue.length; head++) {
      const i = queue[head];
      if (z[i] < lowest) lowest = z[i];
      const u = i % width;
      const v = (i - u) / width;
      for (const j of [
        u > 0 ? i - 1 : -1,
        u < width - 1 ? i + 1 : -1,
        v > 0 ? i - width : -1,
        v < height - 1 ? i + width : -1,
      ]) {
        if (j < 0 || owner[j] >= 0 || z[j] > SEED_HEIGHT_M + 0.01) continue;
        if (view.depth[j] > 0 && view.depth[i] > 0 && Math.abs(view.depth[i] - view.depth[j]) > 2 * LINK_DEPTH_M)
          continue;
        const r = chroma[2 * j];
        const g = chroma[2 * j + 1];
        const own = chromaDistance(r, g, core.red, core.green);
        if (own > 0.8 * chromaDistance(r, g, tableRed, tableGreen) || own > chromaDistance(r, g, GREY, GREY)) continue;
        if (others.some((other) => chromaDistance(r, g, other.red, other.green) < own)) continue;
        owner[j] = k;
        queue.push(j);
      }
    }
    return { ...core, pixels: Int32Array.from(queue).sort() };
  });
}

function regionOf(view: PixelView, pixels: Int32Array): Region {
  let red = 0;
  let green = 0;
  for (const i of pixels) {
    red += view.chroma[2 * i];
    green += view.chroma[2 * i + 1];
  }
  return { pixels, red: red / pixels.length, green: green / pixels.length };
}

/** Median chromaticity of what lies in the plane of the table; grey where nothing does. */
function tableChroma(view: PixelView): [number, number] {
  const red: number[] = [];
  const green: number[] = [];
  for (let i = 0; i < view.z.length; i += 13) {
    if (Math.abs(view.z[i]) > TABLE_BAND_M || Number.isNaN(view.z[i])) continue;
    red.push(view.chroma[2 * i]);
    green.push(view.chroma[2 * i + 1]);
  }
  const middle = (values: number[]): number =>
    values.length === 0 ? GREY : values.sort((a, b) => a - b)[values.length >> 1];
  return [middle(red), middle(green)];
}

function chromaDistance(r0: number, g0: number, r1: number, g1: number): number {
  const dr = r0 - r1;
  const dg = g0 - g1;
  return Math.sqrt(dr * dr + dg * dg + (dr + dg) * (dr + dg));
}

/** Sets of 4-connected marked pixels whose neighbours are `linked`, in order of their first pixel; indices ascending. */
export function components(
  marked: Uint8Array,
  width: number,
  linked: (i: number, j: number) => boolean = () => true,
): Int32Array[] {
  const seen = new Uint8Array(marked.length);
  const found: Int32Array[] = [];
  for (let start = 0; start < marked.length; start++) {
    if (marked[start] === 0 || seen[start] === 1) continue;
    const queue = [start];
    seen[start] = 1;
    for (let head = 0; head < queue.length; head++) {
      const i = queue[head];
      const u = i % width;
      if (u > 0) visit(i, i - 1);
      if (u < width - 1) visit(i, i + 1);
      if (i >= width) visit(i, i - width);
      if (i + width < marked.length) visit(i, i + width);
    }
    found.push(Int32Array.from(queue).sort());

    function visit(i: number, j: number): void {
      if (marked[j] === 1 && seen[j] === 0 && linked(i, j)) {
        seen[j] = 1;
        queue.push(j);
      }
    }
  }
  return found;
}
