import type { CameraModel } from './camera_model.ts';
import { LINEAR } from './colour.ts';
import type { RgbdFrame } from './detector.ts';
import { fillHoles } from './fill_holes.ts';
import { soundDepth } from './sound_depth.ts';

/** What the camera's geometry says of every pixel; computed once per camera. */
export interface PixelRays {
  readonly width: number;
  readonly height: number;
  /** Normalised, undistorted coordinates, x, y interleaved. */
  readonly rays: Float32Array;
  /** Height per optical depth of every ray; the height above z = 0 is T[11] + depth · rate. */
  readonly rates: Float32Array;
}

/** A frame with the height of every pixel above the table. Row-major, image size. */
export interface PixelView extends PixelRays {
  readonly camera: CameraModel;
  readonly depth: Float32Array;
  readonly rgb: Uint8Array;
  /** Height above z = 0, m; NaN without depth. */
  readonly z: Float32Array;
  /** Covariance of the camera's nine errors (`cameraCovariance`); that of a camera as put up where it is left out. */
  readonly camera_covariance?: Float64Array;
}

/** Pixels of one object, as far as they are seen. */
export interface Region {
  /** Pixel indices, ascending. */
  readonly pixels: Int32Array;
  /** Mean chromaticity: shares of red and green in linear light. */
  readonly red: number;
  readonly green: number;
}

/** Over this height above the table a pixel is no longer table, whatever the depth noise says. */
const SEED_HEIGHT_M = 0.007;
const CEILING_M = 0.16;
/** Distances in chromaticity (sums of channel shares, 0..1). */
const SEED_CHROMA = 0.09;
/** From grey: grey things take on the colour of the light. */
export const PAINT_CHROMA = 0.165;
export const LINK_CHROMA = 0.16;
const LINK_DEPTH_M = 0.014;
/** Linear light below which a colour means nothing. */
const MIN_LINEAR = 0.004;
const MIN_PIXELS = 24;
const GREY = 1 / 3;
/** The table's colour is taken from every so many-th pixel this near to its plane. */
const TABLE_BAND_M = 0.006;
const TABLE_STRIDE = 37;
/** Pixels joined to an object for their colour alone are no higher than this. */
const FOOT_M = 0.017;

/** Where a lens looks, pixel by pixel; the same wherever the camera is. */
export interface LensRays {
  readonly width: number;
  readonly height: number;
  /** Normalised, undistorted coordinates, x, y interleaved, as exact as they are known. */
  readonly exact: Float64Array;
  readonly rays: Float32Array;
}

export function lensRays(camera: CameraModel, width: number, height: number): LensRays {
  const exact = new Float64Array(2 * width * height);
  const ray = new Float64Array(2);
  for (let v = 0, i = 0; v < height; v++) {
    for (let u = 0; u < width; u++, i += 2) {
      camera.normalise(u, v, ray);
      exact[i] = ray[0];
      exact[i + 1] = ray[1];
    }
  }
  return { width, height, exact, rays: Float32Array.from(exact) };
}

/** @param rates  where they are written, one a pixel */
export function pixelRays(
  camera: CameraModel,
  { width, height, exact, rays }: LensRays,
  rates: Float32Array = new Float32Array(width * height),
): PixelRays {
  for (let i = 0; i < rates.length; i++) rates[i] = camera.heightRate(exact[2 * i], exact[2 * i + 1]);
  return { width, height, rays, rates };
}

/** @param z  where heights are written, one a pixel */
export function viewPixels(
  frame: RgbdFrame,
  camera: CameraModel,
  rays: PixelRays,
  z: Float32Array = new Float32Array(frame.depth.data.length),
): PixelView {
  const { rates } = rays;
  const depth = soundDepth(frame.depth.data);
  const base = camera.T[11];
  for (let i = 0; i < z.length; i++) z[i] = depth[i] > 0 ? base + depth[i] * rates[i] : Number.NaN;
  return { ...rays, camera, depth, rgb: frame.colour.data, z };
}

/**
 * Coloured things standing on the table: pixels above it whose chromaticity differs from the table's and from grey (robot),
 * joined where colour and depth go on, then completed down to the table by colour.
 * @param gate  1 where objects may be, image size; null for everywhere
 */
export function findRegions(view: PixelView, gate: Uint8Array | null): Region[] {
  const { width, z } = view;
  const table = tableChroma(view);
  const here = new Float64Array(2);
  const seed = new Uint8Array(z.length);
  for (let i = 0; i < z.length; i++) {
    if (!(z[i] > SEED_HEIGHT_M && z[i] < CEILING_M) || (gate !== null && gate[i] === 0)) continue;
    chromaAt(view, i, here);
    if (apart(here, table[0], table[1]) > SEED_CHROMA && apart(here, GREY, GREY) > PAINT_CHROMA) seed[i] = 1;
  }
  const there = new Float64Array(2);
  const cores = components(seed, width, (i, j) => {
    if (Math.abs(view.depth[i] - view.depth[j]) >= LINK_DEPTH_M) return false;
    chromaAt(view, i, here);
    chromaAt(view, j, there);
    return apart(here, there[0], there[1]) < LINK_CHROMA;
  })
    .filter((pixels) => pixels.length >= MIN_PIXELS)
    .map((pixels) => regionOf(view, pixels));
  return complete(view, cores, table);
}

/** Grows every core over pixels that look more like it than like anything else: the strip just above the table, and holes. */
function complete(view: PixelView, cores: readonly Region[], table: Float64Array): Region[] {
  const { width, height, z, depth } = view;
  const owner = new Int16Array(z.length);
  cores.forEach((core, k) => {
    for (const i of core.pixels) owner[i] = k + 1;
  });
  const here = new Float64Array(2);
  return cores.map((core, k) => {
    here.set([core.red, core.green]);
    const unlike = cores.filter((other) => apart(here, other.red, other.green) > SEED_CHROMA);
    const queue = Array.from(core.pixels);
    const grow = (i: number, j: number): void => {
      if (owner[j] > 0 || z[j] > FOOT_M) return;
      if (depth[j] > 0 && depth[i] > 0 && Math.abs(depth[i] - depth[j]) > 2 * LINK_DEPTH_M) return;
      chromaAt(view, j, here);
      const own = apart(here, core.red, core.green);
      if (own > 0.8 * apart(here, table[0], table[1]) || own > apart(here, GREY, GREY)) return;
      for (const other of unlike) if (apart(here, other.red, other.green) < own) return;
      owner[j] = k + 1;
      queue.push(j);
    };
    for (let head = 0; head < queue.length; head++) {
      const i = queue[head];
      const u = i % width;
      if (u > 0) grow(i, i - 1);
      if (u < width - 1) grow(i, i + 1);
      if (i >= width) grow(i, i - width);
      if (i < width * (height - 1)) grow(i, i + width);
    }
    return { ...core, pixels: fillHoles(Int32Array.from(queue).sort(), width) };
  });
}

/** A region of pixels with their mean colour. */
export function regionOf(view: PixelView, pixels: Int32Array): Region {
  const at = new Float64Array(2);
  let red = 0;
  let green = 0;
  for (const i of pixels) {
    chromaAt(view, i, at);
    red += at[0];
    green += at[1];
  }
  return { pixels, red: red / pixels.length, green: green / pixels.length };
}

/** Shares of red and of green of a pixel in linear light; of grey where it is too dark to tell. */
export function chromaAt({ rgb }: PixelView, i: number, out: Float64Array): void {
  const r = LINEAR[rgb[3 * i]];
  const g = LINEAR[rgb[3 * i + 1]];
  const b = LINEAR[rgb[3 * i + 2]];
  const scale = 1 / (r + g + b);
  const dark = r < MIN_LINEAR && g < MIN_LINEAR && b < MIN_LINEAR;
  out[0] = dark ? GREY : r * scale;
  out[1] = dark ? GREY : g * scale;
}

/** Median chromaticity of what lies in the plane of the table; grey where nothing does. */
function tableChroma(view: PixelView): Float64Array {
  const { z } = view;
  const most = Math.ceil(z.length / TABLE_STRIDE);
  const red = new Float64Array(most);
  const green = new Float64Array(most);
  const at = new Float64Array(2);
  let n = 0;
  for (let i = 0; i < z.length; i += TABLE_STRIDE) {
    if (!(Math.abs(z[i]) < TABLE_BAND_M)) continue;
    chromaAt(view, i, at);
    red[n] = at[0];
    green[n++] = at[1];
  }
  if (n === 0) return Float64Array.of(GREY, GREY);
  return Float64Array.of(red.subarray(0, n).sort()[n >> 1], green.subarray(0, n).sort()[n >> 1]);
}

/** Distance of two chromaticities over all three shares. */
export function apart(a: Float64Array, red: number, green: number): number {
  const dr = a[0] - red;
  const dg = a[1] - green;
  return Math.sqrt(dr * dr + dg * dg + (dr + dg) * (dr + dg));
}

/** First and last column and row of a region. */
export function boundsOf(
  { width }: PixelRays,
  pixels: Int32Array,
): { left: number; right: number; top: number; bottom: number } {
  let left = width;
  let right = 0;
  for (const i of pixels) {
    const u = i % width;
    if (u < left) left = u;
    if (u > right) right = u;
  }
  return { left, right, top: Math.floor(pixels[0] / width), bottom: Math.floor(pixels[pixels.length - 1] / width) };
}

/** Sets of 4-connected marked pixels whose neighbours are `linked`, in order of their first pixel; indices ascending. */
export function components(
  marked: Uint8Array,
  width: number,
  linked: (i: number, j: number) => boolean = () => true,
): Int32Array[] {
  const left = marked.slice();
  const found: Int32Array[] = [];
  let queue: number[] = [];
  const visit = (i: number, j: number): void => {
    if (left[j] === 1 && linked(i, j)) {
      left[j] = 0;
      queue.push(j);
    }
  };
  for (let start = left.indexOf(1); start >= 0; start = left.indexOf(1, start + 1)) {
    queue = [start];
    left[start] = 0;
    for (let head = 0; head < queue.length; head++) {
      const i = queue[head];
      const u = i % width;
      if (u > 0) visit(i, i - 1);
      if (u < width - 1) visit(i, i + 1);
      if (i >= width) visit(i, i - width);
      if (i + width < left.length) visit(i, i + width);
    }
    found.push(Int32Array.from(queue).sort());
  }
  return found;
}
