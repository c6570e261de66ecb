import type { Colliders } from './colliders.ts';
import type { CylinderPair } from './cylinder_pair.ts';
import { supportPoint } from './cylinder_support.ts';
import type { Manifold } from './manifold.ts';

/** Cosine below which a direction counts as across an axis. */
const SIDE_ON = 0.02;

/** Parallel sides of cylinders a and b: the two ends of the overlap of their generators. */
export function sideAlongSide(c: Colliders, a: number, q: CylinderPair, margin: number, out: Manifold): void {
  const { normal } = out;
  const x = normal[0];
  const y = normal[1];
  const z = normal[2];
  const same = q.ax * q.bx + q.ay * q.by + q.az * q.bz;
  const centre = q.dx * q.ax + q.dy * q.ay + q.dz * q.az;
  const low = Math.max(-q.la, centre - q.lb);
  const high = Math.min(q.la, centre + q.lb);
  if (low > high) return;
  for (let end = 0; end < 2; end++) {
    const s = end === 0 ? low : high;
    const along = (s - centre) * same;
    const gap =
      x * (q.dx + along * q.bx - s * q.ax) +
      y * (q.dy + along * q.by - s * q.ay) +
      z * (q.dz + along * q.bz - s * q.az) -
      q.ra -
      q.rb;
    if (gap <= margin) addBesideAxis(c, a, q, s, q.ra + 0.5 * gap, gap, 4 + end, out);
  }
}

/**
 * One point of cylinders a and b, midway through `gap` (m) along the normal in `out`: between the axes if both sides
 * meet, else on the rim that meets the other.
 */
export function singlePoint(c: Colliders, a: number, b: number, q: CylinderPair, gap: number, out: Manifold): void {
  const { normal } = out;
  const x = normal[0];
  const y = normal[1];
  const z = normal[2];
  const t = x * q.ax + y * q.ay + z * q.az;
  const u = x * q.bx + y * q.by + z * q.bz;
  if (Math.abs(t) < SIDE_ON && Math.abs(u) < SIDE_ON) {
    // Closest point of a's axis to b's.
    const cosine = q.ax * q.bx + q.ay * q.by + q.az * q.bz;
    const along_a = q.dx * q.ax + q.dy * q.ay + q.dz * q.az;
    const along_b = q.dx * q.bx + q.dy * q.by + q.dz * q.bz;
    const s = (along_a - cosine * along_b) / Math.max(1e-9, 1 - cosine * cosine);
    addBesideAxis(c, a, q, Math.min(Math.max(s, -q.la), q.la), q.ra + 0.5 * gap, gap, 1, out);
  } else if (Math.abs(t) > Math.abs(u) && 1 - t * t > 1e-9) {
    const radial = q.ra / Math.sqrt(Math.max(1e-18, 1 - t * t));
    addBesideAxis(c, a, q, (t > 0 ? q.la : -q.la) - radial * t, radial + 0.5 * gap, gap, 2, out);
  } else supportPoint(c, a, b, gap, 3, out);
}

/** Adds the point `axial` along the axis of cylinder a from its centre, then `along` the normal (m). */
function addBesideAxis(
  c: Colliders,
  a: number,
  q: CylinderPair,
  axial: number,
  along: number,
  gap: number,
  id: number,
  out: Manifold,
): void {
  const { p } = c;
  const { normal } = out;
  out.add(
    p[3 * a] + axial * q.ax + along * normal[0],
    p[3 * a + 1] + axial * q.ay + along * normal[1],
    p[3 * a + 2] + axial * q.az + along * normal[2],
    gap,
    id,
  );
}
