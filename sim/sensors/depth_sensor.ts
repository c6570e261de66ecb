import type { Rng } from '../../contracts/index.ts';
import { addDepthNoise, type CameraNoise, MASK, NORMAL, TABLE_SIZE, UNIFORM } from './noise.ts';

/**
 * A projector and a camera (structured light), or two cameras (stereo), side by side: the other one stands `baseline_m`
 * to the right. What it does not see has no depth, nor what is seen at a grazing angle. Depth comes in steps of disparity.
 */
export type DepthSensor = StructuredLight | Stereo;

interface Triangulation {
  readonly baseline_m: number;
  /** Steps of disparity in a pixel. */
  readonly steps_per_pixel: number;
  /** Angle between the optical axis and the surface's normal beyond which there is no depth, rad. */
  readonly grazing_rad: number;
  /** Focal length at which the sensor's own figures in pixels hold, pixels; a picture of fewer pixels has smaller ones. */
  readonly focal_px: number;
}

/**
 * Axial deviation 0.0012 + 0.0019 (z − 0.4)² m, growing beyond 60° of incidence, and a lateral deviation of
 * 0.8 + 0.035 θ / (π/2 − θ) pixels, which frays edges (Nguyen, Izadi and Lovell, 3DIMPVT 2012, eqs. 1 to 3).
 */
export interface StructuredLight extends Triangulation {
  readonly model: 'structured_light';
}

/**
 * A disparity with constant deviation, so that depth's grows with z² (Keselman et al., CVPR workshops 2017), and a window
 * that gives pixels beside a nearer surface its depth (foreground fattening: Scharstein and Szeliski, IJCV 47, 2002).
 */
export interface Stereo extends Triangulation {
  readonly model: 'stereo';
  /** Standard deviation of disparity, pixels. */
  readonly disparity_sigma_px: number;
  /** Half of the matching window, pixels. */
  readonly window_px: number;
}

/** A first Kinect: 75 mm, 1/8 pixel (Khoshelham and Oude Elberink, Sensors 12(2), 2012). */
export const STRUCTURED_LIGHT: StructuredLight = {
  model: 'structured_light',
  baseline_m: 0.075,
  steps_per_pixel: 8,
  grazing_rad: (82 * Math.PI) / 180,
  focal_px: 585,
};

/** Like a RealSense D435: 50 mm, 1/32 pixel, 0.08 pixels, 7 × 7 window. */
export const STEREO: Stereo = {
  model: 'stereo',
  baseline_m: 0.05,
  steps_per_pixel: 32,
  grazing_rad: (80 * Math.PI) / 180,
  focal_px: 640,
  disparity_sigma_px: 0.08,
  window_px: 3,
};

/** Depths of two neighbours further apart than this share of them are of two surfaces. */
const EDGE_SHARE = 0.03;

/**
 * Depth as the camera measures it, from rows of `width` true depths (m, 0 for none) into `out`, which may not be `clean`.
 * @param focal_px focal length of the picture, pixels
 */
export function senseDepth(
  clean: Float32Array,
  width: number,
  focal_px: number,
  noise: CameraNoise,
  rng: Rng,
  out: Float32Array,
): void {
  const { depth_sensor: sensor } = noise;
  if (sensor === undefined) {
    addDepthNoise(clean, width, noise, rng, out);
    return;
  }
  const scale = noise.depth_sensor_scale ?? 1;
  // Pixels of the sensor in one of the picture.
  const zoom = sensor.focal_px / focal_px;
  const steps = sensor.steps_per_pixel * sensor.focal_px * sensor.baseline_m;
  const luck = rng.int(TABLE_SIZE);
  for (let start = 0; start < clean.length; start += width) {
    const row = { start, a: rng.int(TABLE_SIZE), b: rng.int(TABLE_SIZE), c: rng.int(TABLE_SIZE) };
    for (let u = 0; u < width; u++) {
      const i = start + u;
      const from = sensor.model === 'stereo' ? i : frayed(clean, width, i, row, zoom, scale, focal_px);
      let z = clean[from];
      if (z > 0 && sensor.model === 'stereo') {
        const reach = Math.floor(((sensor.window_px + 1) / zoom) * UNIFORM[(row.a + u) & MASK]);
        z = nearestBeside(clean, width, i, reach);
      }
      const angle = incidence(clean, width, from, focal_px);
      if (!(z > 0) || angle > sensor.grazing_rad || UNIFORM[(luck + i) & MASK] < noise.dropout) {
        out[i] = 0;
        continue;
      }
      const sigma =
        sensor.model === 'stereo'
          ? (sensor.disparity_sigma_px * z * z) / (sensor.focal_px * sensor.baseline_m)
          : axialSigma_m(z, angle);
      const noisy = z + scale * sigma * NORMAL[(row.c + u) & MASK];
      out[i] = noisy > 0 ? steps / Math.max(1, Math.round(steps / noisy)) : 0;
    }
    hideUnseen(clean, start, width, focal_px * sensor.baseline_m, out);
  }
}

interface RowLuck {
  readonly start: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** The pixel whose depth structured light gives to pixel i. */
function frayed(
  clean: Float32Array,
  width: number,
  i: number,
  row: RowLuck,
  zoom: number,
  scale: number,
  focal_px: number,
): number {
  const angle = Math.min(1.4, incidence(clean, width, i, focal_px));
  const sigma = (scale * (0.8 + (0.035 * angle) / (Math.PI / 2 - angle))) / zoom;
  const u = i - row.start + Math.round(sigma * NORMAL[(row.a + i) & MASK]);
  const down = Math.round(sigma * NORMAL[(row.b + i) & MASK]) * width;
  const line = row.start + down;
  return u < 0 || u >= width || line < 0 || line >= clean.length ? i : line + u;
}

/** Nguyen, Izadi and Lovell (2012), eqs. 2 and 3, m. */
export function axialSigma_m(z: number, angle: number): number {
  const flat = 0.0012 + 0.0019 * (z - 0.4) ** 2;
  if (angle <= Math.PI / 3) return flat;
  return flat + (0.0001 / Math.sqrt(z)) * (angle / (Math.PI / 2 - angle)) ** 2;
}

/** The least depth of pixel i and those `reach` beside, above and below it, if it is of another, nearer surface. */
function nearestBeside(clean: Float32Array, width: number, i: number, reach: number): number {
  const z = clean[i];
  const u = i % width;
  let nearest = z;
  if (u >= reach) nearest = nearer(nearest, clean[i - reach]);
  if (u + reach < width) nearest = nearer(nearest, clean[i + reach]);
  if (i >= reach * width) nearest = nearer(nearest, clean[i - reach * width]);
  if (i + reach * width < clean.length) nearest = nearer(nearest, clean[i + reach * width]);
  return z - nearest > EDGE_SHARE * z ? nearest : z;
}

function nearer(a: number, b: number): number {
  return b > 0 && b < a ? b : a;
}

/** Angle between the optical axis and the normal of the surface at pixel i, rad, from neighbours on the same surface. */
function incidence(clean: Float32Array, width: number, i: number, focal_px: number): number {
  const z = clean[i];
  if (!(z > 0)) return 0;
  const u = i % width;
  const across = slope(z, u > 0 ? clean[i - 1] : 0, u + 1 < width ? clean[i + 1] : 0);
  const along = slope(z, i >= width ? clean[i - width] : 0, i + width < clean.length ? clean[i + width] : 0);
  return Math.atan((Math.hypot(across, along) * focal_px) / z);
}

/** Change of depth a pixel, of the smoother side. */
function slope(z: number, before: number, after: number): number {
  const a = before > 0 ? Math.abs(z - before) : Infinity;
  const b = after > 0 ? Math.abs(after - z) : Infinity;
  const least = Math.min(a, b);
  return least === Infinity ? 0 : least;
}

/** Takes the depth of pixels of a row that the other eye does not see behind what is nearer, to their right. */
function hideUnseen(
  clean: Float32Array,
  start: number,
  width: number,
  focal_baseline: number,
  out: Float32Array,
): void {
  let least = Infinity;
  for (let i = start + width - 1; i >= start; i--) {
    if (!(clean[i] > 0)) continue;
    const other = i - focal_baseline / clean[i];
    if (other >= least) out[i] = 0;
    else least = other;
  }
}
