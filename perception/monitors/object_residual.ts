import type { Detection, Pose, Shape } from '../../contracts/index.ts';
import type { CameraModel } from '../camera_model.ts';
import type { RgbdFrame } from '../detector.ts';

/** Depth of a thing before the shape differs by this at least, m. */
const BEFORE_M = 0.007;
/** Pixels about the detection's box that are looked at, too. */
const MARGIN_PX = 6;
/** What is so far from the mask (pixels) and so high over the table (m) is of something else. */
const BESIDE_PX = [3, 5] as const;
const BESIDE_M = 0.01;
/** With fewer pixels the surface says nothing. */
const LEAST_PIXELS = 12;
/** Depths are averaged over 3 × 3 pixels, of which so many must be there; differences beyond the most count as the most, m. */
const LEAST_NEIGHBOURS = 5;
const MOST_M = 0.015;
/** A camera may stand so far off its place, m. */
const OFFSET_M = 0.006;

/** How badly a shape explains what is seen of an object; 0 for one that explains all. */
export interface ObjectResidual {
  /**
   * Root mean square of what lies between the depths within the outline and the shape's surface, m, less a few millimetres
   * that are the same all over: a camera may stand a little off its place.
   */
  readonly surface_m: number;
  /** Mean distance between the outlines of mask and shape, pixels; what is hidden does not count. */
  readonly outline_px: number;
  /** Share of the pixels close about it that show something else above the table, and of those that show it in other colours. */
  readonly crowded: number;
  readonly crowded_by_others: number;
}

/**
 * Casts every pixel's ray at the fitted box or cylinder and compares where it should meet it with the depth that was
 * measured, and the pixels that should show it with the mask.
 * @param camera  levelled by the table, as the detector had it: a camera some millimetres off its place leaves residuals otherwise
 * @param rays  of all pixels at optical depth 1, x, y interleaved
 * @param mask  pixel indices of the detection, ascending
 */
export function objectResidual(
  { colour, depth, info }: RgbdFrame,
  camera: CameraModel,
  rays: Float32Array,
  { pose, shape, image_box }: Detection,
  mask: Int32Array,
): ObjectResidual {
  const { width, height } = info;
  const [left, top, wide, high] = image_box;
  const [u0, u1] = [Math.max(0, left - MARGIN_PX), Math.min(width - 1, left + wide + MARGIN_PX)];
  const [v0, v1] = [Math.max(0, top - MARGIN_PX), Math.min(height - 1, top + high + MARGIN_PX)];
  const columns = u1 - u0 + 1;
  const rows = v1 - v0 + 1;
  if (columns < 3 || rows < 3) return { surface_m: 0, outline_px: 0, crowded: 0, crowded_by_others: 0 };
  const [red, green] = meanShares(colour.data, mask);
  const cast = rayCaster(camera, pose, shape);
  const expected = new Float32Array(columns * rows);
  const above = new Uint8Array(columns * rows);
  for (let v = v0, k = 0; v <= v1; v++) {
    for (let u = u0; u <= u1; u++, k++) {
      const i = v * width + u;
      const [x, y] = [rays[2 * i], rays[2 * i + 1]];
      expected[k] = cast(x, y);
      const z = depth.data[i];
      if (z > 0 && camera.T[11] + z * camera.heightRate(x, y) > BESIDE_M) {
        above[k] = isLike(colour.data, i, red, green) ? LIKE : OTHER;
      }
    }
  }
  const apart = new Uint8Array(columns * rows).fill(FAR);
  const difference = new Float32Array(columns * rows).fill(Number.NaN);
  let [differ, boundary, m] = [0, 0, 0];
  for (let v = v0, k = 0; v <= v1; v++) {
    for (let u = u0; u <= u1; u++, k++) {
      const i = v * width + u;
      while (m < mask.length && mask[m] < i) m++;
      const inside = mask[m] === i;
      if (inside) apart[k] = 0;
      const t = expected[k];
      const z = depth.data[i];
      // What stands before the shape hides it; what is seen beside it is too much.
      if (t > 0 !== inside && (inside || !(z > 0 && z < t - BEFORE_M))) differ++;
      if (!(t > 0)) continue;
      if (isRim(expected, k, columns, rows)) boundary++;
      else if (inside && z > 0) difference[k] = z - t;
    }
  }
  return {
    surface_m: surfaceOf(difference, expected, columns, rows),
    outline_px: boundary === 0 ? 0 : differ / boundary,
    ...crowdedOf(apart, above, columns, rows),
  };
}

const FAR = 250;
const LIKE = 1;
const OTHER = 2;
/** Colours are alike whose shares of red and green differ by less, in all. */
const LIKE_SHARES = 0.1;

/** Mean shares of red and green. */
function meanShares(rgb: Uint8Array, mask: Int32Array): readonly [number, number] {
  let [red, green] = [0, 0];
  for (const i of mask) {
    const whole = rgb[3 * i] + rgb[3 * i + 1] + rgb[3 * i + 2] + 1;
    red += rgb[3 * i] / whole;
    green += rgb[3 * i + 1] / whole;
  }
  const n = Math.max(1, mask.length);
  return [red / n, green / n];
}

function isLike(rgb: Uint8Array, i: number, red: number, green: number): boolean {
  const whole = rgb[3 * i] + rgb[3 * i + 1] + rgb[3 * i + 2] + 1;
  return Math.abs(rgb[3 * i] / whole - red) + Math.abs(rgb[3 * i + 1] / whole - green) < LIKE_SHARES;
}

/** Turns 0 on a mask and FAR elsewhere into the chessboard distance to it (Rosenfeld and Pfaltz, 1968), and counts. */
function crowdedOf(
  apart: Uint8Array,
  above: Uint8Array,
  columns: number,
  rows: number,
): Pick<ObjectResidual, 'crowded' | 'crowded_by_others'> {
  for (let pass = 0; pass < 2; pass++) {
    const sign = pass === 0 ? 1 : -1;
    for (let n = 0; n < apart.length; n++) {
      const k = pass === 0 ? n : apart.length - 1 - n;
      const column = k % columns;
      const row = (k - column) / columns;
      const [first, last] = pass === 0 ? [column > 0, column < columns - 1] : [column < columns - 1, column > 0];
      const line = pass === 0 ? row > 0 : row < rows - 1;
      let least = apart[k];
      if (first) least = Math.min(least, apart[k - sign] + 1);
      if (line) least = Math.min(least, apart[k - sign * columns] + 1);
      if (line && first) least = Math.min(least, apart[k - sign * columns - sign] + 1);
      if (line && last) least = Math.min(least, apart[k - sign * columns + sign] + 1);
      apart[k] = least;
    }
  }
  let [beside, taken, others] = [0, 0, 0];
  for (let k = 0; k < apart.length; k++) {
    if (apart[k] < BESIDE_PX[0] || apart[k] > BESIDE_PX[1]) continue;
    beside++;
    if (above[k] > 0) taken++;
    if (above[k] === OTHER) others++;
  }
  const scale = 1 / Math.max(1, beside);
  return { crowded: taken * scale, crowded_by_others: others * scale };
}

/** Differences averaged over neighbours, beyond what an outline that is off by a pixel makes of them. */
function surfaceOf(difference: Float32Array, expected: Float32Array, columns: number, rows: number): number {
  let [n, all, squares] = [0, 0, 0];
  for (let row = 1; row < rows - 1; row++) {
    for (let k = row * columns + 1; k < (row + 1) * columns - 1; k++) {
      if (Number.isNaN(difference[k])) continue;
      let [sum, count] = [0, 0];
      for (let r = -columns; r <= columns; r += columns) {
        for (let j = k + r - 1; j <= k + r + 1; j++) {
          if (Number.isNaN(difference[j])) continue;
          sum += difference[j];
          count++;
        }
      }
      if (count < LEAST_NEIGHBOURS) continue;
      const mean = sum / count;
      const beyond = Math.min(MOST_M, Math.max(0, Math.abs(mean) - steepness(expected, k, columns))) * Math.sign(mean);
      all += beyond;
      squares += beyond * beyond;
      n++;
    }
  }
  if (n < LEAST_PIXELS) return 0;
  const mean = all / n;
  const offset = Math.max(-OFFSET_M, Math.min(OFFSET_M, mean));
  return Math.sqrt(Math.max(0, squares / n - 2 * offset * mean + offset * offset));
}

function isRim(expected: Float32Array, k: number, columns: number, rows: number): boolean {
  const column = k % columns;
  if (column === 0 || column === columns - 1 || k < columns || k >= columns * (rows - 1)) return true;
  return !(expected[k - 1] > 0 && expected[k + 1] > 0 && expected[k - columns] > 0 && expected[k + columns] > 0);
}

/** Change of the expected depth over a pixel: an outline that is off by one moves the depth by this. */
function steepness(expected: Float32Array, k: number, columns: number): number {
  const across = Math.abs(expected[k + 1] - expected[k - 1]);
  const along = Math.abs(expected[k + columns] - expected[k - columns]);
  return (across > along ? across : along) / 2;
}

/** Optical depth at which the ray through a normalised point meets an upright shape; 0 where it misses. */
function rayCaster(
  { T }: CameraModel,
  { position, orientation }: Pose,
  shape: Shape,
): (x: number, y: number) => number {
  const yaw = 2 * Math.atan2(orientation[2], orientation[3]);
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const [ox, oy, oz] = [T[3] - position[0], T[7] - position[1], T[11] - position[2]];
  const origin: Point = [c * ox + s * oy, c * oy - s * ox, oz];
  const rotated = (k: number): Point => [c * T[k] + s * T[4 + k], c * T[4 + k] - s * T[k], T[8 + k]];
  const [right, down, forward] = [rotated(0), rotated(1), rotated(2)];
  return (x, y) => {
    const dx = right[0] * x + down[0] * y + forward[0];
    const dy = right[1] * x + down[1] * y + forward[1];
    const dz = right[2] * x + down[2] * y + forward[2];
    switch (shape.type) {
      case 'box':
        return hitBox(origin, dx, dy, dz, shape.size[0] / 2, shape.size[1] / 2, shape.size[2] / 2);
      case 'cylinder':
        return hitCylinder(origin, dx, dy, dz, shape.radius, shape.length / 2);
      case 'sphere':
        return 0;
    }
  };
}

type Point = readonly [number, number, number];

/** Depth at which a ray enters a box about the origin (slabs; Kay and Kajiya, 1986); 0 where it misses. */
function hitBox([ox, oy, oz]: Point, dx: number, dy: number, dz: number, a: number, b: number, c: number): number {
  let near = 0;
  let far = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 3; k++) {
    const o = k === 0 ? ox : k === 1 ? oy : oz;
    const d = k === 0 ? dx : k === 1 ? dy : dz;
    const half = k === 0 ? a : k === 1 ? b : c;
    const inverse = 1 / d;
    const t0 = (-half - o) * inverse;
    const t1 = (half - o) * inverse;
    near = Math.max(near, Math.min(t0, t1));
    far = Math.min(far, Math.max(t0, t1));
  }
  return near <= far ? near : 0;
}

/** Depth at which a ray enters an upright capped cylinder about the origin; 0 where it misses. */
function hitCylinder([ox, oy, oz]: Point, dx: number, dy: number, dz: number, radius: number, half: number): number {
  const a = dx * dx + dy * dy;
  const b = ox * dx + oy * dy;
  const root = b * b - a * (ox * ox + oy * oy - radius * radius);
  if (root < 0) return 0;
  const low = (-b - Math.sqrt(root)) / a;
  const high = (-b + Math.sqrt(root)) / a;
  const t0 = (-half - oz) / dz;
  const t1 = (half - oz) / dz;
  const near = Math.max(0, low, Math.min(t0, t1));
  const far = Math.min(high, Math.max(t0, t1));
  return near <= far ? near : 0;
}
