/** A rigid transform T_a_b: rotation row-major 9, then translation 3 (m), as `framePose` of the dynamics gives it. */
export type RigidTransform = Float64Array;

export function identity(): RigidTransform {
  return Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0);
}

/** T_a_c = T_a_b T_b_c into `out`, which may be neither. */
export function compose(
  A: RigidTransform,
  B: RigidTransform,
  out: RigidTransform = new Float64Array(12),
): RigidTransform {
  for (let r = 0; r < 3; r++) {
    const [x, y, z] = [A[3 * r], A[3 * r + 1], A[3 * r + 2]];
    for (let k = 0; k < 3; k++) out[3 * r + k] = x * B[k] + y * B[3 + k] + z * B[6 + k];
    out[9 + r] = x * B[9] + y * B[10] + z * B[11] + A[9 + r];
  }
  return out;
}

export function inverse(A: RigidTransform): RigidTransform {
  const out = new Float64Array(12);
  for (let r = 0; r < 3; r++) {
    for (let k = 0; k < 3; k++) out[3 * r + k] = A[3 * k + r];
    out[9 + r] = -(A[r] * A[9] + A[3 + r] * A[10] + A[6 + r] * A[11]);
  }
  return out;
}

/** exp of a rotation vector (rad; Rodrigues) into the first nine entries of `out`. */
export function rotationFromVector(x: number, y: number, z: number, out: Float64Array): void {
  const angle = Math.sqrt(x * x + y * y + z * z);
  const a = angle > 1e-8 ? Math.sin(angle) / angle : 1;
  const half = angle > 1e-8 ? Math.sin(angle / 2) / (angle / 2) : 1;
  const b = 0.5 * half * half;
  out[0] = 1 - b * (y * y + z * z);
  out[1] = b * x * y - a * z;
  out[2] = b * x * z + a * y;
  out[3] = b * x * y + a * z;
  out[4] = 1 - b * (x * x + z * z);
  out[5] = b * y * z - a * x;
  out[6] = b * x * z - a * y;
  out[7] = b * y * z + a * x;
  out[8] = 1 - b * (x * x + y * y);
}

/** Rotation vector (rad) of length at most π of a rotation, row-major 9. */
export function vectorFromRotation(R: ArrayLike<number>): Float64Array {
  const s = Float64Array.of(R[7] - R[5], R[2] - R[6], R[3] - R[1]);
  const sine = 0.5 * Math.hypot(s[0], s[1], s[2]);
  const cosine = 0.5 * (R[0] + R[4] + R[8] - 1);
  const angle = Math.atan2(sine, cosine);
  if (sine > 1e-7) return s.map((value) => (value * angle) / (2 * sine));
  if (cosine > 0) return s.map((value) => value / 2);
  // Near π: the largest column of (R + I) / 2 = u uᵀ.
  const k = R[0] >= R[4] && R[0] >= R[8] ? 0 : R[4] >= R[8] ? 1 : 2;
  const u = Float64Array.of(R[k], R[3 + k], R[6 + k]);
  u[k] += 1;
  const length = Math.hypot(u[0], u[1], u[2]);
  const sign = u[0] * s[0] + u[1] * s[1] + u[2] * s[2] < 0 ? -1 : 1;
  return u.map((value) => (sign * value * angle) / length);
}

/** Turns T by a small rotation vector (rad) about a's axes and then shifts it (m): step is rotation 3, translation 3. */
export function moved(T: RigidTransform, step: ArrayLike<number>, offset = 0): RigidTransform {
  const E = new Float64Array(12);
  rotationFromVector(step[offset], step[offset + 1], step[offset + 2], E);
  const out = compose(E, T);
  // The rotation is about T's own origin, so that rotation and translation stay apart.
  for (let k = 0; k < 3; k++) out[9 + k] = T[9 + k] + step[offset + 3 + k];
  return out;
}

/** Row-major 4×4 to a rigid transform, and back. */
export function fromMatrix(M: ArrayLike<number>): RigidTransform {
  return Float64Array.of(M[0], M[1], M[2], M[4], M[5], M[6], M[8], M[9], M[10], M[3], M[7], M[11]);
}

export function toMatrix(T: RigidTransform): number[] {
  return [T[0], T[1], T[2], T[9], T[3], T[4], T[5], T[10], T[6], T[7], T[8], T[11], 0, 0, 0, 1];
}

/** Angle (rad) and distance (m) from one transform to another. */
export function distance(
  A: RigidTransform,
  B: RigidTransform,
): { readonly rotation_rad: number; readonly position_m: number } {
  const v = vectorFromRotation(compose(inverse(A), B));
  return {
    rotation_rad: Math.hypot(v[0], v[1], v[2]),
    position_m: Math.hypot(A[9] - B[9], A[10] - B[10], A[11] - B[11]),
  };
}
