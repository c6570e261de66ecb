import type { CameraModel } from './camera_model.ts';
import { chromaAt } from './chroma.ts';
import type { RgbdFrame } from './detector.ts';
import { RegionFinder } from './region_finder.ts';
import { soundDepth } from './sound_depth.ts';

export { apart, chromaAt, LINK_CHROMA, PAINT_CHROMA } from './chroma.ts';

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
  const [, , , , , , , , zx, zy, zz] = camera.T;
  for (let i = 0, k = 0; i < rates.length; i++, k += 2) rates[i] = zx * exact[k] + zy * exact[k + 1] + zz;
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
  for (let i = 0; i < z.length; i++) {
    const d = depth[i];
    z[i] = d > 0 ? base + d * rates[i] : Number.NaN;
  }
  return { ...rays, camera, depth, rgb: frame.colour.data, z };
}

let shared: RegionFinder | null = null;

/**
 * Coloured things standing on the table, as `RegionFinder.find` has them, with one finder for all.
 * @param gate  1 where objects may be, image size; null for everywhere
 */
export function findRegions(view: PixelView, gate: Uint8Array | null): Region[] {
  shared ??= new RegionFinder();
  return shared.find(view, gate);
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
  const queue = new Int32Array(marked.length);
  let filled = 0;
  const visit = (i: number, j: number): void => {
    if (left[j] === 1 && linked(i, j)) {
      left[j] = 0;
      queue[filled++] = j;
    }
  };
  for (let start = left.indexOf(1); start >= 0; start = left.indexOf(1, start + 1)) {
    queue[0] = start;
    filled = 1;
    left[start] = 0;
    for (let head = 0; head < filled; head++) {
      const i = queue[head];
      const u = i % width;
      if (u > 0) visit(i, i - 1);
      if (u < width - 1) visit(i, i + 1);
      if (i >= width) visit(i, i - width);
      if (i + width < left.length) visit(i, i + width);
    }
    found.push(queue.slice(0, filled).sort());
  }
  return found;
}
