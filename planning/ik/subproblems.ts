/**
 * Canonical subproblems of inverse kinematics (Paden, 1986; Kahan; Elias and Wen, "IK-Geo", Mechanism and Machine Theory
 * 209, 2025): angles that bring rotated vectors onto points, circles, spheres and planes. Axes are unit vectors, vectors
 * three numbers. Where no angle fits exactly the nearest is given. Numbers go in and out by arrays, so that none is boxed.
 */

/** out = R(axis, angle) v by Rodrigues' formula, the angle given by its cosine and sine; `out` may be `v`. */
export function rotateAbout(axis: Float64Array, turn: Float64Array, v: Float64Array, out: Float64Array): void {
  const c = turn[0];
  const s = turn[1];
  const hx = axis[0];
  const hy = axis[1];
  const hz = axis[2];
  const x = v[0];
  const y = v[1];
  const z = v[2];
  const e = (1 - c) * (hx * x + hy * y + hz * z);
  out[0] = c * x + s * (hy * z - hz * y) + e * hx;
  out[1] = c * y + s * (hz * x - hx * z) + e * hy;
  out[2] = c * z + s * (hx * y - hy * x) + e * hz;
}

/** out[at] = the angle about `axis` that brings `from` nearest to `to`. */
export function angleOnto(
  axis: Float64Array,
  from: Float64Array,
  to: Float64Array,
  out: Float64Array,
  at: number,
): void {
  const hx = axis[0];
  const hy = axis[1];
  const hz = axis[2];
  const ax = from[0];
  const ay = from[1];
  const az = from[2];
  const bx = to[0];
  const by = to[1];
  const bz = to[2];
  const sine = hx * (ay * bz - az * by) + hy * (az * bx - ax * bz) + hz * (ax * by - ay * bx);
  const cosine = ax * bx + ay * by + az * bz - (hx * ax + hy * ay + hz * az) * (hx * bx + hy * by + hz * bz);
  out[at] = Math.atan2(sine, cosine);
}

/**
 * The two angles with a · R(axis, angle) v = d, d being out[0]: out[0], out[1]; out[2] is how far d is beyond what can be
 * reached, as a part of the reach (0: both exact). Where a or v lies along the axis any angle is as good.
 */
export function anglesToPlane(axis: Float64Array, v: Float64Array, a: Float64Array, out: Float64Array): void {
  const d = out[0];
  const hx = axis[0];
  const hy = axis[1];
  const hz = axis[2];
  const x = v[0];
  const y = v[1];
  const z = v[2];
  const ax = a[0];
  const ay = a[1];
  const az = a[2];
  const hv = hx * x + hy * y + hz * z;
  const constant = (ax * hx + ay * hy + az * hz) * hv;
  const cosine = ax * x + ay * y + az * z - constant;
  const sine = ax * (hy * z - hz * y) + ay * (hz * x - hx * z) + az * (hx * y - hy * x);
  const reach = Math.sqrt(cosine * cosine + sine * sine);
  if (reach < 1e-12) {
    out[0] = out[1] = 0;
    out[2] = Math.abs(d - constant) < 1e-9 ? 0 : 1;
    return;
  }
  const part = (d - constant) / reach;
  const middle = Math.atan2(sine, cosine);
  const half = part >= 1 ? 0 : part <= -1 ? Math.PI : Math.acos(part);
  out[0] = middle + half;
  out[1] = middle - half;
  out[2] = Math.max(0, Math.abs(part) - 1);
}

/** As anglesToPlane, with |R(axis, angle) v − a|² = out[0]. */
export function anglesToSphere(axis: Float64Array, v: Float64Array, a: Float64Array, out: Float64Array): void {
  const v2 = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
  const a2 = a[0] * a[0] + a[1] * a[1] + a[2] * a[2];
  out[0] = (v2 + a2 - out[0]) / 2;
  anglesToPlane(axis, v, a, out);
}

/**
 * The two pairs with R(axis1, θ1) R(axis2, θ2) v = w for axes that are not parallel: out[0], out[1] and out[2], out[3];
 * out[4] as out[2] of anglesToPlane.
 */
export function anglesOfTwo(
  axis1: Float64Array,
  axis2: Float64Array,
  v: Float64Array,
  w: Float64Array,
  out: Float64Array,
): void {
  const ax = axis1[0];
  const ay = axis1[1];
  const az = axis1[2];
  const bx = axis2[0];
  const by = axis2[1];
  const bz = axis2[2];
  const c = ax * bx + ay * by + az * bz;
  const aw = ax * w[0] + ay * w[1] + az * w[2];
  const bv = bx * v[0] + by * v[1] + bz * v[2];
  const v2 = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
  const det = 1 - c * c;
  const alpha = (aw - c * bv) / det;
  const beta = (bv - c * aw) / det;
  const rest = v2 - (alpha * alpha + beta * beta + 2 * alpha * beta * c);
  out[4] = rest < 0 ? Math.min(1, -rest / (v2 + 1e-30)) : 0;
  const gamma = rest > 0 ? Math.sqrt(rest / det) : 0;
  const nx = ay * bz - az * by;
  const ny = az * bx - ax * bz;
  const nz = ax * by - ay * bx;
  for (let k = 0; k < 2; k++) {
    const g = k === 0 ? gamma : -gamma;
    middle[0] = alpha * ax + beta * bx + g * nx;
    middle[1] = alpha * ay + beta * by + g * ny;
    middle[2] = alpha * az + beta * bz + g * nz;
    angleOnto(axis1, middle, w, out, 2 * k);
    angleOnto(axis2, v, middle, out, 2 * k + 1);
  }
}

const middle = new Float64Array(3);
