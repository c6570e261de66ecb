import {
  OCTAGON_COS,
  OCTAGON_INRADIUS,
  OCTAGON_NORMAL_COS,
  OCTAGON_NORMAL_SIN,
  OCTAGON_SIN,
  supportPoint,
} from './box_cylinder.ts';
import type { Colliders } from './colliders.ts';
import { HYSTERESIS, type Manifold } from './manifold.ts';

const PARALLEL = 0.9998;
const CAP_COSINE = 0.7;
const TILT = 0.02;
/** Cosine below which a direction counts as across an axis. */
const SIDE_ON = 0.02;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const SECTIONS = 24;
const ASCENTS = 24;

/** Separation of two cylinders along a direction: the greatest over all directions is their distance. */
interface Pair {
  dx: number;
  dy: number;
  dz: number;
  ax: number;
  ay: number;
  az: number;
  bx: number;
  by: number;
  bz: number;
  ra: number;
  la: number;
  rb: number;
  lb: number;
}

function separation(q: Pair, x: number, y: number, z: number): number {
  const t = x * q.ax + y * q.ay + z * q.az;
  const u = x * q.bx + y * q.by + z * q.bz;
  return (
    x * q.dx +
    y * q.dy +
    z * q.dz -
    q.la * Math.abs(t) -
    q.ra * Math.sqrt(Math.max(0, 1 - t * t)) -
    q.lb * Math.abs(u) -
    q.rb * Math.sqrt(Math.max(0, 1 - u * u))
  );
}

/**
 * Contact of two cylinders. Separating axes: both axes, across both, and, unless they are parallel, the best of the
 * directions across either (side to rim) and of all near the best so far (rim to rim), by search. Caps touch in a polygon
 * (octagons), a side on a cap and parallel sides in two points, all else in one.
 */
export function cylinderCylinder(c: Colliders, a: number, b: number, margin: number, out: Manifold): void {
  out.count = 0;
  const { R, p, size } = c;
  const A = 9 * a;
  const B = 9 * b;
  const q = pair;
  q.dx = p[3 * b] - p[3 * a];
  q.dy = p[3 * b + 1] - p[3 * a + 1];
  q.dz = p[3 * b + 2] - p[3 * a + 2];
  q.ax = R[A + 2];
  q.ay = R[A + 5];
  q.az = R[A + 8];
  q.bx = R[B + 2];
  q.by = R[B + 5];
  q.bz = R[B + 8];
  q.ra = size[3 * a];
  q.la = size[3 * a + 1];
  q.rb = size[3 * b];
  q.lb = size[3 * b + 1];
  const { dx, dy, dz, ax, ay, az, bx, by, bz } = q;
  const n = out.normal;

  const alongA = dx * ax + dy * ay + dz * az;
  const alongB = dx * bx + dy * by + dz * bz;
  const signA = alongA < 0 ? -1 : 1;
  const signB = alongB < 0 ? -1 : 1;
  let best = separation(q, signA * ax, signA * ay, signA * az);
  if (best > margin) return;
  let feature: 'cap a' | 'cap b' | 'point' | 'line' = 'cap a';
  let s = separation(q, signB * bx, signB * by, signB * bz);
  if (s > margin) return;
  if (s > best + HYSTERESIS.face_m + HYSTERESIS.face * Math.abs(best)) {
    best = s;
    feature = 'cap b';
  }
  let deepest = best + HYSTERESIS.edge_m + HYSTERESIS.edge * Math.abs(best);
  const cosine = ax * bx + ay * by + az * bz;
  const parallel = Math.abs(cosine) > PARALLEL;

  // From the axis of a to the centre of b.
  let px = dx - alongA * ax;
  let py = dy - alongA * ay;
  let pz = dz - alongA * az;
  let length = Math.hypot(px, py, pz);
  if (length > 1e-9) {
    px /= length;
    py /= length;
    pz /= length;
    s = separation(q, px, py, pz);
    if (s > margin) return;
    if (s > deepest) {
      deepest = s;
      feature = parallel ? 'line' : 'point';
      setNormal(n, px, py, pz);
    }
  }
  if (!parallel) {
    let cx = ay * bz - az * by;
    let cy = az * bx - ax * bz;
    let cz = ax * by - ay * bx;
    length = Math.hypot(cx, cy, cz);
    const scale = (cx * dx + cy * dy + cz * dz < 0 ? -1 : 1) / length;
    cx *= scale;
    cy *= scale;
    cz *= scale;
    s = separation(q, cx, cy, cz);
    if (s > margin) return;
    if (s > deepest) {
      deepest = s;
      feature = 'point';
      setNormal(n, cx, cy, cz);
    }
    for (let side = 0; side < 2; side++) {
      s = acrossAxis(q, side, direction);
      if (s > margin) return;
      if (s > deepest + 1e-7) {
        deepest = s;
        feature = 'point';
        n.set(direction);
      }
    }
    if (feature === 'cap a') setNormal(direction, signA * ax, signA * ay, signA * az);
    else if (feature === 'cap b') setNormal(direction, signB * bx, signB * by, signB * bz);
    else direction.set(n);
    s = ascend(q, direction);
    if (s > margin) return;
    if (s > deepest + 1e-7) {
      deepest = s;
      feature = 'point';
      n.set(direction);
    }
  }

  if (feature === 'cap a') {
    if (Math.abs(cosine) > CAP_COSINE) capCap(c, a, b, signA, 1, margin, out);
    else capSide(c, a, b, signA, 1, margin, out);
  } else if (feature === 'cap b') {
    if (Math.abs(cosine) > CAP_COSINE) capCap(c, b, a, -signB, -1, margin, out);
    else capSide(c, b, a, -signB, -1, margin, out);
  } else if (feature === 'line') sideSide(c, a, q, margin, out);
  else point(c, a, b, q, deepest, out);
  // Octagons miss what lies between them and their rims.
  if (out.count === 0 && best < 0 && feature !== 'line') point(c, a, b, q, best, out);
}

const pair: Pair = { dx: 0, dy: 0, dz: 0, ax: 0, ay: 0, az: 0, bx: 0, by: 0, bz: 0, ra: 0, la: 0, rb: 0, lb: 0 };
const direction = new Float64Array(3);

function setNormal(n: Float64Array, x: number, y: number, z: number): void {
  n[0] = x;
  n[1] = y;
  n[2] = z;
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(value, -limit), limit);
}

/** Best direction across the axis of a (side 0) or b (side 1), within 1 rad of the way between the centres. */
function acrossAxis(q: Pair, side: number, result: Float64Array): number {
  const x = side === 0 ? q.ax : q.bx;
  const y = side === 0 ? q.ay : q.by;
  const z = side === 0 ? q.az : q.bz;
  const t = q.dx * x + q.dy * y + q.dz * z;
  const ux = q.dx - t * x;
  const uy = q.dy - t * y;
  const uz = q.dz - t * z;
  const length = Math.hypot(ux, uy, uz);
  if (length < 1e-9) return Number.NEGATIVE_INFINITY;
  const vx = y * uz - z * uy;
  const vy = z * ux - x * uz;
  const vz = x * uy - y * ux;
  const at = (angle: number) => {
    const cos = Math.cos(angle) / length;
    const sin = Math.sin(angle) / length;
    setNormal(result, cos * ux + sin * vx, cos * uy + sin * vy, cos * uz + sin * vz);
    return separation(q, result[0], result[1], result[2]);
  };
  let low = -1;
  let high = 1;
  let m0 = high - GOLDEN * (high - low);
  let m1 = low + GOLDEN * (high - low);
  let s0 = at(m0);
  let s1 = at(m1);
  for (let k = 0; k < SECTIONS; k++) {
    if (s0 > s1) {
      high = m1;
      m1 = m0;
      s1 = s0;
      m0 = high - GOLDEN * (high - low);
      s0 = at(m0);
    } else {
      low = m0;
      m0 = m1;
      s0 = s1;
      m1 = low + GOLDEN * (high - low);
      s1 = at(m1);
    }
  }
  return at(0.5 * (low + high));
}

/** Climbs from `n` to a near local maximum of the separation, by gradient steps that are halved when they fail. */
function ascend(q: Pair, n: Float64Array): number {
  let value = separation(q, n[0], n[1], n[2]);
  let step = 0.2;
  for (let k = 0; k < ASCENTS; k++) {
    const t = n[0] * q.ax + n[1] * q.ay + n[2] * q.az;
    const u = n[0] * q.bx + n[1] * q.by + n[2] * q.bz;
    const ka = (t < 0 ? -q.la : q.la) - (q.ra * t) / Math.sqrt(Math.max(1e-9, 1 - t * t));
    const kb = (u < 0 ? -q.lb : q.lb) - (q.rb * u) / Math.sqrt(Math.max(1e-9, 1 - u * u));
    let gx = q.dx - ka * q.ax - kb * q.bx;
    let gy = q.dy - ka * q.ay - kb * q.by;
    let gz = q.dz - ka * q.az - kb * q.bz;
    const along = gx * n[0] + gy * n[1] + gz * n[2];
    gx -= along * n[0];
    gy -= along * n[1];
    gz -= along * n[2];
    const length = Math.hypot(gx, gy, gz);
    if (length < 1e-9) break;
    let x = n[0] + (step * gx) / length;
    let y = n[1] + (step * gy) / length;
    let z = n[2] + (step * gz) / length;
    const scale = 1 / Math.hypot(x, y, z);
    x *= scale;
    y *= scale;
    z *= scale;
    const next = separation(q, x, y, z);
    if (next > value) {
      value = next;
      setNormal(n, x, y, z);
    } else step *= 0.5;
  }
  return value;
}

/** One point midway along the normal: between the axes if both sides meet, else on the rim that meets the other. */
function point(c: Colliders, a: number, b: number, q: Pair, gap: number, out: Manifold): void {
  const { p } = c;
  const [x, y, z] = out.normal;
  const t = x * q.ax + y * q.ay + z * q.az;
  const u = x * q.bx + y * q.by + z * q.bz;
  if (Math.abs(t) < SIDE_ON && Math.abs(u) < SIDE_ON) {
    // Closest point of a's axis to b's.
    const cosine = q.ax * q.bx + q.ay * q.by + q.az * q.bz;
    const alongA = q.dx * q.ax + q.dy * q.ay + q.dz * q.az;
    const alongB = q.dx * q.bx + q.dy * q.by + q.dz * q.bz;
    const sa = clamp((alongA - cosine * alongB) / Math.max(1e-9, 1 - cosine * cosine), q.la);
    const g = q.ra + 0.5 * gap;
    out.add(p[3 * a] + sa * q.ax + g * x, p[3 * a + 1] + sa * q.ay + g * y, p[3 * a + 2] + sa * q.az + g * z, gap, 1);
    return;
  }
  if (Math.abs(t) > Math.abs(u) && 1 - t * t > 1e-9) {
    const radial = q.ra / Math.sqrt(Math.max(1e-18, 1 - t * t));
    const axial = (t > 0 ? q.la : -q.la) - radial * t;
    const g = radial + 0.5 * gap;
    out.add(
      p[3 * a] + axial * q.ax + g * x,
      p[3 * a + 1] + axial * q.ay + g * y,
      p[3 * a + 2] + axial * q.az + g * z,
      gap,
      2,
    );
    return;
  }
  supportPoint(c, a, b, gap, 3, out);
}

/** Parallel sides: the two ends of the overlap of the generators. */
function sideSide(c: Colliders, a: number, q: Pair, margin: number, out: Manifold): void {
  const { p } = c;
  const [x, y, z] = out.normal;
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
    if (gap > margin) continue;
    const g = q.ra + 0.5 * gap;
    out.add(
      p[3 * a] + s * q.ax + g * x,
      p[3 * a + 1] + s * q.ay + g * y,
      p[3 * a + 2] + s * q.az + g * z,
      gap,
      4 + end,
    );
  }
}

/** Cap of a on cap of b. `sign`: end of a's axis that touches; `order` −1: the caller's a and b are swapped. */
function capCap(c: Colliders, a: number, b: number, sign: number, order: number, margin: number, out: Manifold): void {
  const { R, p, size } = c;
  const A = 9 * a;
  const B = 9 * b;
  const nx = sign * R[A + 2];
  const ny = sign * R[A + 5];
  const nz = sign * R[A + 8];
  const ra = size[3 * a];
  const rb = size[3 * b];
  const cx = p[3 * a] + size[3 * a + 1] * nx;
  const cy = p[3 * a + 1] + size[3 * a + 1] * ny;
  const cz = p[3 * a + 2] + size[3 * a + 1] * nz;
  const t = R[B + 2] * nx + R[B + 5] * ny + R[B + 8] * nz;
  const end = t > 0 ? -size[3 * b + 1] : size[3 * b + 1];
  // Cap of b relative to the cap of a, in a's axes.
  const ex = p[3 * b] + end * R[B + 2] - cx;
  const ey = p[3 * b + 1] + end * R[B + 5] - cy;
  const ez = p[3 * b + 2] + end * R[B + 8] - cz;
  out.corners = 0;
  for (let k = 0; k < 8; k++) {
    const u = rb * OCTAGON_COS[k];
    const v = rb * OCTAGON_SIN[k];
    const x = ex + u * R[B] + v * R[B + 1];
    const y = ey + u * R[B + 3] + v * R[B + 4];
    const z = ez + u * R[B + 6] + v * R[B + 7];
    out.corner(
      x * R[A] + y * R[A + 3] + z * R[A + 6],
      x * R[A + 1] + y * R[A + 4] + z * R[A + 7],
      x * nx + y * ny + z * nz,
      k,
    );
  }
  for (let k = 0; k < 8; k++) out.clip(OCTAGON_NORMAL_COS[k], OCTAGON_NORMAL_SIN[k], ra * OCTAGON_INRADIUS, 16 + k);
  setNormal(out.normal, order * nx, order * ny, order * nz);
  const base = 4096 * (sign > 0 ? 1 : 2) * (order > 0 ? 1 : 3);
  for (let k = 0; k < out.corners; k++) {
    const gap = out.polygon[3 * k + 2];
    if (gap > margin) continue;
    const x = out.polygon[3 * k];
    const y = out.polygon[3 * k + 1];
    const h = 0.5 * gap;
    out.add(
      cx + x * R[A] + y * R[A + 1] + h * nx,
      cy + x * R[A + 3] + y * R[A + 4] + h * ny,
      cz + x * R[A + 6] + y * R[A + 7] + h * nz,
      gap,
      base + out.cornerId(k),
    );
  }
  out.reduce(R, B, 0, 1, true);
  const sine = Math.sqrt(Math.max(0, 1 - t * t));
  if (sine < TILT) return;
  // The deepest point of the tilted rim.
  const m = rb / sine;
  const x = ex + m * (t * R[B + 2] - nx);
  const y = ey + m * (t * R[B + 5] - ny);
  const z = ez + m * (t * R[B + 8] - nz);
  const gap = x * nx + y * ny + z * nz;
  if (gap > margin || x * x + y * y + z * z - gap * gap > ra * ra) return;
  const h = 0.5 * gap;
  out.add(cx + x - h * nx, cy + y - h * ny, cz + z - h * nz, gap, base + 64 * 63);
}

/** Cap of a on the side of b: the generator of b nearest to the cap, clipped to its disc. */
function capSide(c: Colliders, a: number, b: number, sign: number, order: number, margin: number, out: Manifold): void {
  const { R, p, size } = c;
  const A = 9 * a;
  const B = 9 * b;
  const nx = sign * R[A + 2];
  const ny = sign * R[A + 5];
  const nz = sign * R[A + 8];
  setNormal(out.normal, order * nx, order * ny, order * nz);
  const bx = R[B + 2];
  const by = R[B + 5];
  const bz = R[B + 8];
  const cx = p[3 * a] + size[3 * a + 1] * nx;
  const cy = p[3 * a + 1] + size[3 * a + 1] * ny;
  const cz = p[3 * a + 2] + size[3 * a + 1] * nz;
  const t = bx * nx + by * ny + bz * nz;
  const m = size[3 * b] / Math.sqrt(1 - t * t);
  const gx = p[3 * b] + m * (t * bx - nx) - cx;
  const gy = p[3 * b + 1] + m * (t * by - ny) - cy;
  const gz = p[3 * b + 2] + m * (t * bz - nz) - cz;
  // Across the normal: |g + s b|² ≤ ra².
  const gn = gx * nx + gy * ny + gz * nz;
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
      cx + gx + s * bx - h * nx,
      cy + gy + s * by - h * ny,
      cz + gz + s * bz - h * nz,
      gap,
      16 + (sign > 0 ? 4 : 0) + clip + end + (order > 0 ? 0 : 8),
    );
  }
}
