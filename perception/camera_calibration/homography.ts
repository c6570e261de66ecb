import { symmetricEigen } from './symmetric_eigen.ts';

/**
 * Plane to picture, row-major 3×3, by the direct linear transform on normalised coordinates (Hartley and Zisserman,
 * Multiple View Geometry, 4.4). Points x, y and pixels u, v, two each, at least four.
 */
export function homography(points: ArrayLike<number>, pixels: ArrayLike<number>): Float64Array {
  const a = normalisation(points);
  const b = normalisation(pixels);
  const n = points.length / 2;
  const M = new Float64Array(81);
  const row = new Float64Array(9);
  for (let i = 0; i < n; i++) {
    const x = a.scale * (points[2 * i] - a.x);
    const y = a.scale * (points[2 * i + 1] - a.y);
    const u = b.scale * (pixels[2 * i] - b.x);
    const v = b.scale * (pixels[2 * i + 1] - b.y);
    row.set([x, y, 1, 0, 0, 0, -u * x, -u * y, -u]);
    addOuter(M, row);
    row.set([0, 0, 0, x, y, 1, -v * x, -v * y, -v]);
    addOuter(M, row);
  }
  const { vectors } = symmetricEigen(M, 9);
  const h = Float64Array.from({ length: 9 }, (_, k) => vectors[9 * k + 8]);
  // H = B⁻¹ h A with A, B the normalisations.
  const left = new Float64Array(9);
  for (let k = 0; k < 3; k++) {
    left[k] = h[k] / b.scale + b.x * h[6 + k];
    left[3 + k] = h[3 + k] / b.scale + b.y * h[6 + k];
    left[6 + k] = h[6 + k];
  }
  const H = new Float64Array(9);
  for (let r = 0; r < 9; r += 3) {
    H[r] = a.scale * left[r];
    H[r + 1] = a.scale * left[r + 1];
    H[r + 2] = left[r + 2] - a.scale * (left[r] * a.x + left[r + 1] * a.y);
  }
  return H.map((value) => value / H[8]);
}

/** Pixel of a point of the plane into `out` (2). */
export function applyHomography(H: ArrayLike<number>, x: number, y: number, out: Float64Array): void {
  const w = H[6] * x + H[7] * y + H[8];
  out[0] = (H[0] * x + H[1] * y + H[2]) / w;
  out[1] = (H[3] * x + H[4] * y + H[5]) / w;
}

interface Normalisation {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Mean to the origin, mean distance from it to √2. */
function normalisation(points: ArrayLike<number>): Normalisation {
  const n = points.length / 2;
  let x = 0;
  let y = 0;
  for (let i = 0; i < n; i++) {
    x += points[2 * i] / n;
    y += points[2 * i + 1] / n;
  }
  let spread = 0;
  for (let i = 0; i < n; i++) spread += Math.hypot(points[2 * i] - x, points[2 * i + 1] - y) / n;
  return { x, y, scale: Math.SQRT2 / spread };
}

function addOuter(M: Float64Array, row: Float64Array): void {
  for (let i = 0; i < 9; i++) for (let j = 0; j < 9; j++) M[9 * i + j] += row[i] * row[j];
}
