import { InputError } from '../../contracts/index.ts';
import type { RenderTarget } from '../render/index.ts';
import type { Distortion } from './camera_spec.ts';

/** Depths whose inverses differ by more than this share are not of one surface. */
const ONE_SURFACE = 0.03;
const ITERATIONS = 50;

/**
 * A lens with plumb-bob distortion in front of a pinhole camera: says which pinhole picture to draw, and bends it. The
 * tables are built once. Colours are interpolated; so is 1/z within one surface, which is exact on planes; labels, and
 * depths at edges, are those of the nearest pixel.
 */
export class Lens {
  readonly width: number;
  readonly height: number;
  /** Intrinsics and size of the pinhole picture; it has the lens's focal length. */
  readonly K: readonly number[];
  readonly source_width: number;
  readonly source_height: number;
  private readonly corner: Int32Array;
  private readonly right: Float32Array;
  private readonly down: Float32Array;

  /**
   * @param K row-major 3×3 of the bent picture
   * @throws InputError if the distortion maps two rays to one pixel of the picture
   */
  constructor(K: readonly number[], D: Distortion, width: number, height: number) {
    this.width = width;
    this.height = height;
    const rays = new Float64Array(2 * width * height);
    const lower = [Infinity, Infinity];
    const upper = [-Infinity, -Infinity];
    for (let i = 0; i < width * height; i++) {
      const [u, v] = [i % width, Math.floor(i / width)];
      const ray = undistort((u - K[2]) / K[0], (v - K[5]) / K[4], D);
      if (ray === null) {
        throw new InputError(
          `distortion ${D.join(', ')} at pixel ${u}, ${v}`,
          'a lens that bends every ray of the picture to a pixel of its own; take smaller coefficients',
        );
      }
      for (let k = 0; k < 2; k++) {
        const at = K[4 * k] * ray[k];
        rays[2 * i + k] = at;
        lower[k] = Math.min(lower[k], at);
        upper[k] = Math.max(upper[k], at);
      }
    }
    const cx = 1 - Math.floor(lower[0]);
    const cy = 1 - Math.floor(lower[1]);
    this.source_width = Math.ceil(upper[0]) + cx + 2;
    this.source_height = Math.ceil(upper[1]) + cy + 2;
    this.K = [K[0], 0, cx, 0, K[4], cy, 0, 0, 1];
    this.corner = new Int32Array(width * height);
    this.right = new Float32Array(width * height);
    this.down = new Float32Array(width * height);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [rays[2 * i] + cx, rays[2 * i + 1] + cy];
      this.corner[i] = Math.floor(y) * this.source_width + Math.floor(x);
      this.right[i] = x - Math.floor(x);
      this.down[i] = y - Math.floor(y);
    }
  }

  /** Bends a picture of `source_width` × `source_height` into one of `width` × `height`. Allocates nothing. */
  bend(source: RenderTarget, out: RenderTarget): void {
    const { corner, right, down, source_width: stride } = this;
    for (let i = 0; i < corner.length; i++) {
      const a = corner[i];
      const b = a + 1;
      const c = a + stride;
      const d = c + 1;
      const x = right[i];
      const y = down[i];
      const nearest = y < 0.5 ? (x < 0.5 ? a : b) : x < 0.5 ? c : d;
      const wa = (1 - x) * (1 - y);
      const wb = x * (1 - y);
      const wc = (1 - x) * y;
      const wd = x * y;
      for (let k = 0; k < 3; k++) {
        const { rgb } = source;
        out.rgb[3 * i + k] =
          wa * rgb[3 * a + k] + wb * rgb[3 * b + k] + wc * rgb[3 * c + k] + wd * rgb[3 * d + k] + 0.5;
      }
      out.segmentation[i] = source.segmentation[nearest];
      const { depth, segmentation: s } = source;
      const same = s[a] === s[b] && s[a] === s[c] && s[a] === s[d];
      const low = Math.min(depth[a], depth[b], depth[c], depth[d]);
      const high = Math.max(depth[a], depth[b], depth[c], depth[d]);
      out.depth[i] =
        same && low > 0 && high < low * (1 + ONE_SURFACE)
          ? 1 / (wa / depth[a] + wb / depth[b] + wc / depth[c] + wd / depth[d])
          : depth[nearest];
    }
  }
}

/** Distorted image coordinates of a ray (both at optical depth 1). */
export function distort(x: number, y: number, [k1, k2, p1, p2, k3]: Distortion): readonly [number, number] {
  const r2 = x * x + y * y;
  const radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3));
  return [x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y];
}

/** The ray whose distorted image is xd, yd, found by Newton's method from the axis outwards; null where the lens folds. */
export function undistort(xd: number, yd: number, D: Distortion): readonly [number, number] | null {
  let x = xd;
  let y = yd;
  const h = 1e-6;
  for (let i = 0; i < ITERATIONS; i++) {
    const [fx, fy] = distort(x, y, D);
    const [ex, ey] = [fx - xd, fy - yd];
    const [ax, ay] = distort(x + h, y, D);
    const [bx, by] = distort(x, y + h, D);
    const [j11, j12, j21, j22] = [(ax - fx) / h, (bx - fx) / h, (ay - fy) / h, (by - fy) / h];
    const determinant = j11 * j22 - j12 * j21;
    // Beyond a fold the image turns inside out.
    if (!(determinant > 0.05)) return null;
    if (Math.abs(ex) + Math.abs(ey) < 1e-10) return [x, y];
    x -= (j22 * ex - j12 * ey) / determinant;
    y -= (j11 * ey - j21 * ex) / determinant;
  }
  return null;
}
