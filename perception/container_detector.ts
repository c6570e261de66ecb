import type { Container, Detection, Detections } from '../contracts/index.ts';
import { CLASSICAL_MODEL } from './classical.ts';
import { colourOfLinear } from './colour.ts';
import type { RgbdFrame } from './detector.ts';
import { ALL_AS_PUT_UP, type CameraUncertainties, FrameViewer } from './frame_viewer.ts';
import { AS_PUT_UP, cameraCovariance, fitTop, type TopFit } from './geometry/index.ts';
import {
  apart,
  boundsOf,
  chromaAt,
  components,
  LINK_CHROMA,
  type PixelView,
  type Region,
  regionOf,
} from './regions.ts';
import { depthOf, splitRegion } from './split_region.ts';
import { explainedShare, topCovariance } from './top_evidence.ts';

/** Things in a container rise over its floor by this at least, and over its rim by this at most (m). */
const LEAST_HEIGHT_M = 0.01;
const MOST_OVER_RIM_M = 0.12;
/** Inside the walls by this much (m): what is nearer may be wall. */
const WALL_MARGIN_M = 0.001;
/** Neighbouring pixels of one top differ in height by less than this, and all of it lies within the band (m). */
const LINK_HEIGHT_M = 0.003;
const TOP_BAND_M = 0.005;
const TOP_QUANTILE = 0.7;
const MIN_PIXELS = 30;
/** Tops narrower than this are rims of walls that a camera a little off its place sees inside them (m). */
const LEAST_SIDE_M = 0.008;
/** A neighbour higher by this hides the outline instead of ending it (m). */
const OCCLUDER_M = 0.004;
/** Passes of joining pixels without depth, which stand along edges. */
const FILL_PASSES = 2;
/** Fits worse than this share of a pixel may be of several objects. */
const POOR_FIT_PX = 0.45;
const MOST_SPLITS = 3;
/** Outline errors at neighbouring pixels go together; this many of them count as one observation of the class. */
const CORRELATION = 3;
const AS_PUT_UP_COVARIANCE = cameraCovariance(AS_PUT_UP);

/** A region of one top face with what it was fitted by. */
interface Top {
  readonly region: Region;
  readonly height_m: number;
  readonly fit: TopFit;
  /** Outline points x, y (m) in its plane, without those where something higher hides it, and the share of those. */
  readonly outline: Float64Array;
  readonly hidden: number;
  readonly pixel_m: number;
}

/**
 * Detects what stands in a container, seen from above: top faces are where height and colour go on from pixel to pixel,
 * walls are known by the container's place, and what touches at equal height and colour is parted at the necks of its
 * outline. Its scores are the share of the evidence that the fit explains, times the class's probability; covariances are of
 * the fit and of the camera. Reads one picture with depth and the camera's geometry.
 */
export class ContainerDetector {
  private readonly viewer: FrameViewer;

  /** @param cameras  how sure the cameras' calibrations are */
  constructor(cameras: CameraUncertainties = ALL_AS_PUT_UP) {
    this.viewer = new FrameViewer(undefined, cameras);
  }

  detect(frame: RgbdFrame, container: Container): Detections {
    const view = this.viewer.view(frame);
    const labels = labelTops(view, container);
    const detections: Detection[] = [];
    for (const pixels of labels) {
      for (const top of partTop(view, pixels, MOST_SPLITS)) {
        if (breadth(top, view.width) < LEAST_SIDE_M) continue;
        detections.push(toDetection(detections.length, view, top, container.centre[2]));
      }
    }
    return { ...nothingSeen(frame.colour.stamp_ns), request_id: frame.request_id, detections };
  }
}

/** A message without any detection. */
export function nothingSeen(stamp_ns: bigint): Detections {
  return {
    stamp_ns,
    frame_id: 'world',
    request_id: '',
    source: 'classical',
    degraded_reason: '',
    model: CLASSICAL_MODEL,
    detections: [],
  };
}

/** Pixels of top faces, one set for each stretch of even height and colour. */
function labelTops(view: PixelView, { centre, inner }: Container): Int32Array[] {
  const { width, z } = view;
  const [half_x, half_y] = [inner[0] / 2 - WALL_MARGIN_M, inner[1] / 2 - WALL_MARGIN_M];
  const lowest = centre[2] + LEAST_HEIGHT_M;
  const highest = centre[2] + inner[2] + MOST_OVER_RIM_M;
  const marked = new Uint8Array(z.length);
  const inside = new Uint8Array(z.length);
  const at = new Float64Array(2);
  for (let i = 0; i < z.length; i++) {
    const height = Number.isNaN(z[i]) ? lowest : z[i];
    view.camera.onPlane(view.rays[2 * i], view.rays[2 * i + 1], height, at);
    if (Math.abs(at[0] - centre[0]) > half_x || Math.abs(at[1] - centre[1]) > half_y) continue;
    inside[i] = 1;
    if (z[i] > lowest && z[i] < highest) marked[i] = 1;
  }
  const here = new Float64Array(2);
  const there = new Float64Array(2);
  const cores = components(marked, width, (i, j) => {
    if (Math.abs(z[i] - z[j]) >= LINK_HEIGHT_M) return false;
    chromaAt(view, i, here);
    chromaAt(view, j, there);
    return apart(here, there[0], there[1]) < LINK_CHROMA;
  }).filter((pixels) => pixels.length >= MIN_PIXELS);
  return fill(view, cores, inside);
}

/** Joins pixels without depth beside a core to the one whose colour they have. */
function fill(view: PixelView, cores: readonly Int32Array[], inside: Uint8Array): Int32Array[] {
  const { width, z } = view;
  const owner = new Int16Array(z.length);
  const regions = cores.map((pixels) => regionOf(view, pixels));
  cores.forEach((pixels, k) => {
    for (const i of pixels) owner[i] = k + 1;
  });
  const here = new Float64Array(2);
  const grown = cores.map((pixels) => Array.from(pixels));
  for (let pass = 0; pass < FILL_PASSES; pass++) {
    const joined: [number, number][] = [];
    for (let i = width; i < z.length - width; i++) {
      if (owner[i] !== 0 || inside[i] === 0 || !Number.isNaN(z[i])) continue;
      chromaAt(view, i, here);
      let [best, least] = [0, LINK_CHROMA / 2];
      for (const j of [i - 1, i + 1, i - width, i + width]) {
        if (owner[j] === 0) continue;
        const region = regions[owner[j] - 1];
        const distance = apart(here, region.red, region.green);
        if (distance < least) [best, least] = [owner[j], distance];
      }
      if (best > 0) joined.push([i, best]);
    }
    for (const [i, k] of joined) {
      owner[i] = k;
      grown[k - 1].push(i);
    }
  }
  return grown.map((pixels) => Int32Array.from(pixels).sort());
}

/** The top of a set of pixels, or the tops it falls into where one shape does not explain it. */
function partTop(view: PixelView, pixels: Int32Array, splits: number): Top[] {
  const whole = fitRegion(view, pixels);
  if (whole !== null && quality(whole) <= POOR_FIT_PX) return [whole];
  const parts = splits > 0 ? splitRegion(pixels, view.width).filter((part) => part.length >= MIN_PIXELS) : [];
  if (parts.length < 2) return whole === null ? [] : [whole];
  const tops = parts.flatMap((part) => partTop(view, part, splits - 1));
  const worst = Math.max(0, ...tops.map(quality));
  return whole === null || worst < quality(whole) ? tops : [whole];
}

/** Width of the broadest place of a top (m), whatever it surrounds. */
function breadth({ region, pixel_m }: Top, width: number): number {
  return (2 * depthOf(region.pixels, width) - 1) * pixel_m;
}

/** Residual of the better reading, in pixels. */
function quality({ fit, pixel_m }: Top): number {
  return Math.min(fit.rectangle_rms, fit.circle_rms) / pixel_m;
}

function fitRegion(view: PixelView, all: Int32Array): Top | null {
  const heights = Float32Array.from(
    all.filter((i) => !Number.isNaN(view.z[i])),
    (i) => view.z[i],
  ).sort();
  if (heights.length < MIN_PIXELS / 2) return null;
  const level = heights[Math.floor(TOP_QUANTILE * (heights.length - 1))];
  const pixels = all.filter((i) => !(Math.abs(view.z[i] - level) > TOP_BAND_M));
  if (pixels.length < MIN_PIXELS) return null;
  let [sum, n] = [0, 0];
  for (const z of heights) {
    if (Math.abs(z - level) > TOP_BAND_M) continue;
    sum += z;
    n++;
  }
  const height_m = sum / n;
  const { points, hidden } = traceTop(view, pixels, height_m);
  const fit = fitTop(points);
  if (fit === null) return null;
  const pixel_m = (view.camera.T[11] - height_m) / view.camera.fx;
  return { region: regionOf(view, pixels), height_m, fit, outline: points, hidden, pixel_m };
}

/** Midpoints between pixels inside and outside, in the plane of the top (m); those where something higher hides it are left out. */
function traceTop(view: PixelView, pixels: Int32Array, height_m: number): { points: Float64Array; hidden: number } {
  const { width, camera, z } = view;
  const inside = new Set(pixels);
  const points: number[] = [];
  const ray = new Float64Array(2);
  const at = new Float64Array(2);
  let [edges, hidden] = [0, 0];
  for (const i of pixels) {
    const u = i % width;
    const v = (i - u) / width;
    for (const [du, dv] of STEPS) {
      const j = i + du + dv * width;
      if (inside.has(j)) continue;
      edges++;
      if (z[j] > height_m + OCCLUDER_M) {
        hidden++;
        continue;
      }
      camera.normalise(u + du / 2, v + dv / 2, ray);
      camera.onPlane(ray[0], ray[1], height_m, at);
      points.push(at[0], at[1]);
    }
  }
  return { points: Float64Array.from(points), hidden: edges > 0 ? hidden / edges : 1 };
}

const STEPS = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
] as const;

function toDetection(id: number, view: PixelView, { region, ...top }: Top, floor_m: number): Detection {
  const { height_m, fit, pixel_m } = top;
  const { rectangle, circle } = fit;
  const least = 0.1 * pixel_m;
  const odds = Math.log(Math.max(least, fit.rectangle_rms) / Math.max(least, fit.circle_rms));
  const bounds = boundsOf(view, region.pixels);
  const observations = region.pixels.length ** 0.5 / CORRELATION;
  const of_class = 1 / (1 + Math.exp(-Math.min(30, Math.abs(4 * observations * odds))));
  const isRound = odds > 0;
  const height = height_m - floor_m;
  const [x, y] = isRound ? [circle.x, circle.y] : [rectangle.x, rectangle.y];
  const yaw = isRound ? 0 : rectangle.angle_rad;
  const seen = { ...top, round: isRound, area_m2: region.pixels.length * pixel_m * pixel_m };
  return {
    id,
    class: isRound ? 'cylinder' : 'box',
    colour: colourOfLinear(region.red, region.green, 1 - region.red - region.green),
    score: explainedShare(seen) * of_class,
    pose: { position: [x, y, floor_m + height / 2], orientation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] },
    shape: isRound
      ? { type: 'cylinder', radius: circle.radius, length: height }
      : { type: 'box', size: [rectangle.length, rectangle.width, height] },
    covariance: topCovariance(seen, view.camera, view.camera_covariance ?? AS_PUT_UP_COVARIANCE),
    image_box: [bounds.left, bounds.top, bounds.right - bounds.left + 1, bounds.bottom - bounds.top + 1],
    pixels: region.pixels.length,
  };
}
