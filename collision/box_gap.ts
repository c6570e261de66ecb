import type { ConvexSet } from './convex.ts';

/**
 * Writes, to `out[0]`, a lower bound of the signed distance of two bodies (m): how far the boxes about them are apart along
 * the best of the boxes' six axes (Gottschalk, Lin, Manocha 1996), less both balls.
 */
export function boxGap(a: ConvexSet, i: number, b: ConvexSet, j: number, out: Float64Array): void {
  const A = a.pose;
  const B = b.pose;
  const oa = 12 * i;
  const ob = 12 * j;
  const ax = a.half[3 * i];
  const ay = a.half[3 * i + 1];
  const az = a.half[3 * i + 2];
  const bx = b.half[3 * j];
  const by = b.half[3 * j + 1];
  const bz = b.half[3 * j + 2];
  const dx = A[oa + 9] - B[ob + 9];
  const dy = A[oa + 10] - B[ob + 10];
  const dz = A[oa + 11] - B[ob + 11];
  let gap = Number.NEGATIVE_INFINITY;
  let along = 0;
  let e0 = 0;
  let e1 = 0;
  let e2 = 0;
  for (let k = 0; k < 3; k++) {
    const x = B[ob + k];
    const y = B[ob + 3 + k];
    const z = B[ob + 6 + k];
    const m0 = Math.abs(x * A[oa] + y * A[oa + 3] + z * A[oa + 6]);
    const m1 = Math.abs(x * A[oa + 1] + y * A[oa + 4] + z * A[oa + 7]);
    const m2 = Math.abs(x * A[oa + 2] + y * A[oa + 5] + z * A[oa + 8]);
    const h = k === 0 ? bx : k === 1 ? by : bz;
    e0 += m0 * h;
    e1 += m1 * h;
    e2 += m2 * h;
    along = Math.abs(x * dx + y * dy + z * dz) - h - m0 * ax - m1 * ay - m2 * az;
    if (along > gap) gap = along;
  }
  along = Math.abs(A[oa] * dx + A[oa + 3] * dy + A[oa + 6] * dz) - ax - e0;
  if (along > gap) gap = along;
  along = Math.abs(A[oa + 1] * dx + A[oa + 4] * dy + A[oa + 7] * dz) - ay - e1;
  if (along > gap) gap = along;
  along = Math.abs(A[oa + 2] * dx + A[oa + 5] * dy + A[oa + 8] * dz) - az - e2;
  if (along > gap) gap = along;
  out[0] = gap - a.rounding[i] - b.rounding[j];
}
