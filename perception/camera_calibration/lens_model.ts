/**
 * Intrinsics of a pinhole camera with plumb-bob distortion (Brown, 1966) as OpenCV and ROS have them: fx, fy, cx, cy
 * (pixels), k1, k2, p1, p2, k3. A pixel's centre has integer coordinates.
 */
export type Intrinsics = Float64Array;

export const INTRINSIC_NAMES = ['fx', 'fy', 'cx', 'cy', 'k1', 'k2', 'p1', 'p2', 'k3'] as const;
export const INTRINSICS = INTRINSIC_NAMES.length;

export function intrinsicsOf(K: ArrayLike<number>, D: ArrayLike<number>): Intrinsics {
  return Float64Array.of(K[0], K[4], K[2], K[5], D[0], D[1], D[2], D[3], D[4]);
}

/** K row-major 3×3 and D of intrinsics. */
export function cameraMatrix(f: Intrinsics): { readonly K: number[]; readonly D: number[] } {
  return { K: [f[0], 0, f[2], 0, f[1], f[3], 0, 0, 1], D: [...f.subarray(4, 9)] };
}

/** Pixel of a point, and derivatives; the caller owns it. */
export interface Projection {
  u: number;
  v: number;
  /** What is projected: x, y, z in the camera's frame, m. */
  readonly point: Float64Array;
  /** By the point in the camera's frame, 2×3 row-major, pixels per m. */
  readonly by_point: Float64Array;
  /** By the intrinsics, 2×9 row-major. */
  readonly by_intrinsics: Float64Array;
}

export function createProjection(): Projection {
  return { u: 0, v: 0, point: new Float64Array(3), by_point: new Float64Array(6), by_intrinsics: new Float64Array(18) };
}

/** Projects the point x, y, z (m, optical frame, z > 0) with derivatives. */
export function projectPoint(f: Intrinsics, X: number, Y: number, Z: number, out: Projection): void {
  out.point[0] = X;
  out.point[1] = Y;
  out.point[2] = Z;
  project(f, out);
}

/** Projects `out.point`. Allocates nothing, as numbers that are handed over would. */
export function project(f: Intrinsics, out: Projection): void {
  const X = out.point[0];
  const Y = out.point[1];
  const Z = out.point[2];
  const fx = f[0];
  const fy = f[1];
  const k1 = f[4];
  const k2 = f[5];
  const p1 = f[6];
  const p2 = f[7];
  const k3 = f[8];
  const w = 1 / Z;
  const x = X * w;
  const y = Y * w;
  const r2 = x * x + y * y;
  const radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3));
  const slope = k1 + r2 * (2 * k2 + 3 * r2 * k3);
  const xd = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x);
  const yd = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y;
  out.u = fx * xd + f[2];
  out.v = fy * yd + f[3];
  const mixed = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y;
  const xx = fx * (radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x);
  const xy = fx * mixed;
  const yx = fy * mixed;
  const yy = fy * (radial + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x);
  const P = out.by_point;
  P[0] = xx * w;
  P[1] = xy * w;
  P[2] = -(xx * x + xy * y) * w;
  P[3] = yx * w;
  P[4] = yy * w;
  P[5] = -(yx * x + yy * y) * w;
  const I = out.by_intrinsics;
  I[0] = xd;
  I[1] = 0;
  I[2] = 1;
  I[3] = 0;
  I[4] = fx * x * r2;
  I[5] = I[4] * r2;
  I[6] = 2 * fx * x * y;
  I[7] = fx * (r2 + 2 * x * x);
  I[8] = I[5] * r2;
  I[9] = 0;
  I[10] = yd;
  I[11] = 0;
  I[12] = 1;
  I[13] = fy * y * r2;
  I[14] = I[13] * r2;
  I[15] = fy * (r2 + 2 * y * y);
  I[16] = 2 * fy * x * y;
  I[17] = I[14] * r2;
}

const UNDISTORT_ITERATIONS = 20;

/** Ray (x, y at optical depth 1) of a pixel by fixed-point iteration, into `out`; for lenses that do not fold. */
export function rayOfPixel(f: Intrinsics, u: number, v: number, out: Float64Array): void {
  const x0 = (u - f[2]) / f[0];
  const y0 = (v - f[3]) / f[1];
  let x = x0;
  let y = y0;
  for (let i = 0; i < UNDISTORT_ITERATIONS; i++) {
    const r2 = x * x + y * y;
    const radial = 1 + r2 * (f[4] + r2 * (f[5] + r2 * f[8]));
    const nx = (x0 - 2 * f[6] * x * y - f[7] * (r2 + 2 * x * x)) / radial;
    const ny = (y0 - f[6] * (r2 + 2 * y * y) - 2 * f[7] * x * y) / radial;
    const change = Math.abs(nx - x) + Math.abs(ny - y);
    x = nx;
    y = ny;
    if (change < 1e-12) break;
  }
  out[0] = x;
  out[1] = y;
}
