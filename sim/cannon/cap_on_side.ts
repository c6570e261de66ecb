import type { Colliders } from './colliders.ts';
import type { Manifold } from './manifold.ts';
import { setCapFrame } from './reference_face.ts';

/**
 * The cap of cylinder a at the end `sign` (±1) of its axis on the side of b: the two ends of the generator of b nearest
 * to the cap, clipped to its disc. `order` −1: the caller's a and b are swapped.
 */
export function capOnSide(
  c: Colliders,
  a: number,
  b: number,
  sign: number,
  order: number,
  margin: number,
  out: Manifold,
): void {
  const { R, p, size } = c;
  const B = 9 * b;
  setCapFrame(c, a, sign, out);
  out.takeNormal(order);
  const { frame: f } = out;
  const bx = R[B + 2];
  const by = R[B + 5];
  const bz = R[B + 8];
  const t = bx * f[9] + by * f[10] + bz * f[11];
  // Middle of the generator, from the centre of the cap.
  const m = size[3 * b] / Math.sqrt(1 - t * t);
  const gx = p[3 * b] + m * (t * bx - f[9]) - f[0];
  const gy = p[3 * b + 1] + m * (t * by - f[10]) - f[1];
  const gz = p[3 * b + 2] + m * (t * bz - f[11]) - f[2];
  // Across the normal: |g + s b|² ≤ ra².
  const gn = gx * f[9] + gy * f[10] + gz * f[11];
  const bb = 1 - t * t;
  const gb = gx * bx + gy * by + gz * bz - gn * t;
  const gg = gx * gx + gy * gy + gz * gz - gn * gn - size[3 * a] * size[3 * a];
  const root = gb * gb - bb * gg;
  if (root < 0) return;
  const half = size[3 * b + 1];
  const low = Math.max(-half, (-gb - Math.sqrt(root)) / bb);
  const high = Math.min(half, (-gb + Math.sqrt(root)) / bb);
  if (low > high) return;
  for (let end = 0; end < 2; end++) {
    const s = end === 0 ? low : high;
    const gap = gn + s * t;
    if (gap > margin) continue;
    const h = 0.5 * gap;
    const clip = Math.abs(s) < half ? 2 : 0;
    out.add(
      f[0] + gx + s * bx - h * f[9],
      f[1] + gy + s * by - h * f[10],
      f[2] + gz + s * bz - h * f[11],
      gap,
      16 + (sign > 0 ? 4 : 0) + clip + end + (order > 0 ? 0 : 8),
    );
  }
}
