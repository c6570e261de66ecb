import type { Colliders } from './colliders.ts';
import type { Manifold } from './manifold.ts';

/** Cosine from which a cylinder's axis counts as along a face normal: its cap touches, not its side. */
export const CAP_COSINE = 0.7;
/** Cosine from which a cylinder's axis counts as along an edge or another axis. */
export const PARALLEL = 0.9998;
/** A cap tilted less than this (sine) rests on fixed points of its rim alone. */
export const TILT = 0.02;
/** Sine below which a cap or a generator lies flat as a whole. */
const FLAT = 1e-3;

/**
 * Adds the point of cylinder b farthest against the normal in `out`, moved midway through `gap` (m); where a whole
 * generator or cap is farthest, its point nearest to the centre of collider a.
 */
export function supportPoint(c: Colliders, a: number, b: number, gap: number, id: number, out: Manifold): void {
  const { R, p, size } = c;
  const B = 9 * b;
  const [nx, ny, nz] = out.normal;
  const xx = R[B + 2];
  const xy = R[B + 5];
  const xz = R[B + 8];
  const r = size[3 * b];
  const l = size[3 * b + 1];
  const dx = p[3 * a] - p[3 * b];
  const dy = p[3 * a + 1] - p[3 * b + 1];
  const dz = p[3 * a + 2] - p[3 * b + 2];
  const along = dx * xx + dy * xy + dz * xz;
  const t = xx * nx + xy * ny + xz * nz;
  const sine = Math.sqrt(Math.max(0, 1 - t * t));
  const axial = Math.abs(t) < FLAT ? Math.min(Math.max(along, -l), l) : t > 0 ? -l : l;
  let qx = t * xx - nx;
  let qy = t * xy - ny;
  let qz = t * xz - nz;
  let scale = r / sine;
  if (sine < FLAT) {
    qx = dx - along * xx;
    qy = dy - along * xy;
    qz = dz - along * xz;
    scale = Math.min(1, r / Math.max(1e-12, Math.sqrt(qx * qx + qy * qy + qz * qz)));
  }
  const g = 0.5 * gap;
  out.add(
    p[3 * b] + axial * xx + scale * qx - g * nx,
    p[3 * b + 1] + axial * xy + scale * qy - g * ny,
    p[3 * b + 2] + axial * xz + scale * qz - g * nz,
    gap,
    id,
  );
}
