import type { Quaternion, Vector3 } from '../contracts/index.ts';

/** Nine numbers row by row: a rotation matrix that maps b to a. */
export type Matrix3 = readonly [number, number, number, number, number, number, number, number, number];

/** Any array the routines below read from, and any they write to. */
export type Source = ArrayLike<number>;
export type Sink = Float64Array | Float32Array | number[];

export const IDENTITY3: Matrix3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** R = Rz(yaw) Ry(pitch) Rx(roll), the `rpy` of URDF; radians. */
export function rpyToMatrix(roll: number, pitch: number, yaw: number, out: Sink, offset = 0): void {
  const cr = Math.cos(roll);
  const sr = Math.sin(roll);
  const cp = Math.cos(pitch);
  const sp = Math.sin(pitch);
  const cy = Math.cos(yaw);
  const sy = Math.sin(yaw);
  out[offset] = cy * cp;
  out[offset + 1] = cy * sp * sr - sy * cr;
  out[offset + 2] = cy * sp * cr + sy * sr;
  out[offset + 3] = sy * cp;
  out[offset + 4] = sy * sp * sr + cy * cr;
  out[offset + 5] = sy * sp * cr - cy * sr;
  out[offset + 6] = -sp;
  out[offset + 7] = cp * sr;
  out[offset + 8] = cp * cr;
}

/** Rotation row-major to unit quaternion x, y, z, w with w ≥ 0 (Shepperd 1978: the largest component first). */
export function matrixToQuaternion(R: Source, rOffset: number, out: Sink, offset = 0): void {
  const m00 = R[rOffset];
  const m11 = R[rOffset + 4];
  const m22 = R[rOffset + 8];
  const xy = R[rOffset + 3] + R[rOffset + 1];
  const xz = R[rOffset + 2] + R[rOffset + 6];
  const yz = R[rOffset + 7] + R[rOffset + 5];
  const wx = R[rOffset + 7] - R[rOffset + 5];
  const wy = R[rOffset + 2] - R[rOffset + 6];
  const wz = R[rOffset + 3] - R[rOffset + 1];
  const trace = m00 + m11 + m22;
  let x: number;
  let y: number;
  let z: number;
  let w: number;
  if (trace >= m00 && trace >= m11 && trace >= m22) {
    w = 1 + trace;
    x = wx;
    y = wy;
    z = wz;
  } else if (m00 >= m11 && m00 >= m22) {
    x = 1 + m00 - m11 - m22;
    y = xy;
    z = xz;
    w = wx;
  } else if (m11 >= m22) {
    x = xy;
    y = 1 + m11 - m00 - m22;
    z = yz;
    w = wy;
  } else {
    x = xz;
    y = yz;
    z = 1 + m22 - m00 - m11;
    w = wz;
  }
  const scale = (w < 0 ? -1 : 1) / Math.sqrt(x * x + y * y + z * z + w * w);
  out[offset] = x * scale;
  out[offset + 1] = y * scale;
  out[offset + 2] = z * scale;
  out[offset + 3] = w * scale;
}

/** Quaternion x, y, z, w (normalised here) to rotation row-major. */
export function quaternionToMatrix(q: Source, qOffset: number, out: Sink, offset = 0): void {
  const x = q[qOffset];
  const y = q[qOffset + 1];
  const z = q[qOffset + 2];
  const w = q[qOffset + 3];
  const s = 2 / (x * x + y * y + z * z + w * w);
  out[offset] = 1 - s * (y * y + z * z);
  out[offset + 1] = s * (x * y - w * z);
  out[offset + 2] = s * (x * z + w * y);
  out[offset + 3] = s * (x * y + w * z);
  out[offset + 4] = 1 - s * (x * x + z * z);
  out[offset + 5] = s * (y * z - w * x);
  out[offset + 6] = s * (x * z - w * y);
  out[offset + 7] = s * (y * z + w * x);
  out[offset + 8] = 1 - s * (x * x + y * y);
}

/** out = a b of two 3×3 row-major matrices; `out` may be one of them. */
export function multiplyMatrices(a: Source, aOffset: number, b: Source, bOffset: number, out: Sink, offset = 0): void {
  const b0 = b[bOffset];
  const b1 = b[bOffset + 1];
  const b2 = b[bOffset + 2];
  const b3 = b[bOffset + 3];
  const b4 = b[bOffset + 4];
  const b5 = b[bOffset + 5];
  const b6 = b[bOffset + 6];
  const b7 = b[bOffset + 7];
  const b8 = b[bOffset + 8];
  for (let row = 0; row < 3; row++) {
    const x = a[aOffset + 3 * row];
    const y = a[aOffset + 3 * row + 1];
    const z = a[aOffset + 3 * row + 2];
    out[offset + 3 * row] = x * b0 + y * b3 + z * b6;
    out[offset + 3 * row + 1] = x * b1 + y * b4 + z * b7;
    out[offset + 3 * row + 2] = x * b2 + y * b5 + z * b8;
  }
}

const scratch = new Float64Array(9);

/** out = a ⊗ b (Hamilton), x, y, z, w with w ≥ 0; `out` may be one of them. */
export function multiplyQuaternions(
  a: Source,
  aOffset: number,
  b: Source,
  bOffset: number,
  out: Sink,
  offset = 0,
): void {
  const ax = a[aOffset];
  const ay = a[aOffset + 1];
  const az = a[aOffset + 2];
  const aw = a[aOffset + 3];
  const bx = b[bOffset];
  const by = b[bOffset + 1];
  const bz = b[bOffset + 2];
  const bw = b[bOffset + 3];
  const w = aw * bw - ax * bx - ay * by - az * bz;
  const sign = w < 0 ? -1 : 1;
  out[offset] = sign * (aw * bx + ax * bw + ay * bz - az * by);
  out[offset + 1] = sign * (aw * by - ax * bz + ay * bw + az * bx);
  out[offset + 2] = sign * (aw * bz + ax * by - ay * bx + az * bw);
  out[offset + 3] = sign * w;
}

/** Rotation by `angle_rad` about a unit axis (Rodrigues' formula). */
export function matrixFromAxisAngle([x, y, z]: Vector3, angle_rad: number): Matrix3 {
  const c = Math.cos(angle_rad);
  const s = Math.sin(angle_rad);
  const t = 1 - c;
  return [
    t * x * x + c,
    t * x * y - s * z,
    t * x * z + s * y,
    t * x * y + s * z,
    t * y * y + c,
    t * y * z - s * x,
    t * x * z - s * y,
    t * y * z + s * x,
    t * z * z + c,
  ];
}

/** Rotation vector (axis times angle in [0, π], rad) of a rotation row-major; exact near 0 and near π. */
export function rotationLog(R: Source, rOffset: number, out: Sink, offset = 0): void {
  matrixToQuaternion(R, rOffset, quaternionScratch);
  const x = quaternionScratch[0];
  const y = quaternionScratch[1];
  const z = quaternionScratch[2];
  const w = quaternionScratch[3];
  const s = Math.sqrt(x * x + y * y + z * z);
  const scale = s < 1e-150 ? 2 : (2 * Math.atan2(s, w)) / s;
  out[offset] = x * scale;
  out[offset + 1] = y * scale;
  out[offset + 2] = z * scale;
}

const quaternionScratch = new Float64Array(4);

/** Rotation row-major of a rotation vector (rad); the inverse of rotationLog. */
export function rotationExp(x: number, y: number, z: number, out: Sink, offset = 0): void {
  const angle = Math.sqrt(x * x + y * y + z * z);
  const half = Math.sin(angle / 2);
  const k = angle < 1e-150 ? 0.5 : half / angle;
  quaternionScratch[0] = x * k;
  quaternionScratch[1] = y * k;
  quaternionScratch[2] = z * k;
  quaternionScratch[3] = Math.cos(angle / 2);
  quaternionToMatrix(quaternionScratch, 0, out, offset);
}

/** Angle between two rotations row-major, rad. */
export function rotationAngleBetween(a: Source, aOffset: number, b: Source, bOffset: number): number {
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += a[aOffset + 3 * k + i] * b[bOffset + 3 * k + j];
      scratch[3 * i + j] = sum;
    }
  }
  rotationLog(scratch, 0, scratch);
  return Math.hypot(scratch[0], scratch[1], scratch[2]);
}

/** Tuple forms of the above, for code that runs once. */
export function matrixFromRpy(rpy: Vector3): Matrix3 {
  const out: [number, number, number, number, number, number, number, number, number] = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  rpyToMatrix(rpy[0], rpy[1], rpy[2], out);
  return out;
}

export function matrixFromQuaternion(q: Quaternion): Matrix3 {
  const out: [number, number, number, number, number, number, number, number, number] = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  quaternionToMatrix(q, 0, out);
  return out;
}

export function quaternionFromMatrix(R: Source): Quaternion {
  const out: [number, number, number, number] = [0, 0, 0, 1];
  matrixToQuaternion(R, 0, out);
  return out;
}

/** R x for a rotation row-major and a vector. */
export function rotate(R: Source, x: Source): Vector3 {
  return [
    R[0] * x[0] + R[1] * x[1] + R[2] * x[2],
    R[3] * x[0] + R[4] * x[1] + R[5] * x[2],
    R[6] * x[0] + R[7] * x[1] + R[8] * x[2],
  ];
}

/** Rᵀ x. */
export function rotateInverse(R: Source, x: Source): Vector3 {
  return [
    R[0] * x[0] + R[3] * x[1] + R[6] * x[2],
    R[1] * x[0] + R[4] * x[1] + R[7] * x[2],
    R[2] * x[0] + R[5] * x[1] + R[8] * x[2],
  ];
}
