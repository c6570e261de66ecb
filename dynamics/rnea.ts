import type { RobotData } from './data.ts';
import type { RobotModel } from './model.ts';

/** Gravity in root axes, m/s²: the standard value of the robots here, z up. */
export const GRAVITY: readonly [number, number, number] = [0, 0, -9.81];

/**
 * Inverse dynamics by the recursive Newton-Euler algorithm (Featherstone 2008, table 5.1, in root axes), after
 * forwardKinematics: tau (nq; Nm or N) that gives acceleration `a` at velocity `v`; null stands for zeros, so that
 * rnea(model, data, null, null, tau) is the gravity torque. Rigid-body terms only. Writes data.v, a, f.
 */
export function rnea(
  model: RobotModel,
  data: RobotData,
  v: Float64Array | null,
  a: Float64Array | null,
  tau: Float64Array,
  gravity: readonly [number, number, number] = GRAVITY,
): void {
  const { nb, nq, parent, coordinate, mass } = model;
  const { S, mc, I_origin, f } = data;
  const V = data.v;
  const A = data.a;
  for (let b = 0; b < nb; b++) {
    const k = 6 * b;
    const t = 3 * b;
    const pa = parent[b];
    const rate = v === null ? 0 : v[coordinate[b]];
    const acceleration = a === null ? 0 : a[coordinate[b]];
    const s0 = S[k];
    const s1 = S[k + 1];
    const s2 = S[k + 2];
    const s3 = S[k + 3];
    const s4 = S[k + 4];
    const s5 = S[k + 5];
    let w0 = 0;
    let w1 = 0;
    let w2 = 0;
    let v0 = 0;
    let v1 = 0;
    let v2 = 0;
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    // the root accelerates against gravity, so weight appears as inertia
    let l0 = -gravity[0];
    let l1 = -gravity[1];
    let l2 = -gravity[2];
    if (pa >= 0) {
      const z = 6 * pa;
      w0 = V[z];
      w1 = V[z + 1];
      w2 = V[z + 2];
      v0 = V[z + 3];
      v1 = V[z + 4];
      v2 = V[z + 5];
      a0 = A[z];
      a1 = A[z + 1];
      a2 = A[z + 2];
      l0 = A[z + 3];
      l1 = A[z + 4];
      l2 = A[z + 5];
    }
    const j0 = s0 * rate;
    const j1 = s1 * rate;
    const j2 = s2 * rate;
    const j3 = s3 * rate;
    const j4 = s4 * rate;
    const j5 = s5 * rate;
    w0 += j0;
    w1 += j1;
    w2 += j2;
    v0 += j3;
    v1 += j4;
    v2 += j5;
    a0 += s0 * acceleration + w1 * j2 - w2 * j1;
    a1 += s1 * acceleration + w2 * j0 - w0 * j2;
    a2 += s2 * acceleration + w0 * j1 - w1 * j0;
    l0 += s3 * acceleration + w1 * j5 - w2 * j4 + v1 * j2 - v2 * j1;
    l1 += s4 * acceleration + w2 * j3 - w0 * j5 + v2 * j0 - v0 * j2;
    l2 += s5 * acceleration + w0 * j4 - w1 * j3 + v0 * j1 - v1 * j0;
    V[k] = w0;
    V[k + 1] = w1;
    V[k + 2] = w2;
    V[k + 3] = v0;
    V[k + 4] = v1;
    V[k + 5] = v2;
    A[k] = a0;
    A[k + 1] = a1;
    A[k + 2] = a2;
    A[k + 3] = l0;
    A[k + 4] = l1;
    A[k + 5] = l2;
    const m = mass[b];
    const hx = mc[t];
    const hy = mc[t + 1];
    const hz = mc[t + 2];
    const xx = I_origin[k];
    const yy = I_origin[k + 1];
    const zz = I_origin[k + 2];
    const xy = I_origin[k + 3];
    const xz = I_origin[k + 4];
    const yz = I_origin[k + 5];
    const L0 = xx * w0 + xy * w1 + xz * w2 + hy * v2 - hz * v1;
    const L1 = xy * w0 + yy * w1 + yz * w2 + hz * v0 - hx * v2;
    const L2 = xz * w0 + yz * w1 + zz * w2 + hx * v1 - hy * v0;
    const q0 = m * v0 - hy * w2 + hz * w1;
    const q1 = m * v1 - hz * w0 + hx * w2;
    const q2 = m * v2 - hx * w1 + hy * w0;
    f[k] = xx * a0 + xy * a1 + xz * a2 + hy * l2 - hz * l1 + w1 * L2 - w2 * L1 + v1 * q2 - v2 * q1;
    f[k + 1] = xy * a0 + yy * a1 + yz * a2 + hz * l0 - hx * l2 + w2 * L0 - w0 * L2 + v2 * q0 - v0 * q2;
    f[k + 2] = xz * a0 + yz * a1 + zz * a2 + hx * l1 - hy * l0 + w0 * L1 - w1 * L0 + v0 * q1 - v1 * q0;
    f[k + 3] = m * l0 - hy * a2 + hz * a1 + w1 * q2 - w2 * q1;
    f[k + 4] = m * l1 - hz * a0 + hx * a2 + w2 * q0 - w0 * q2;
    f[k + 5] = m * l2 - hx * a1 + hy * a0 + w0 * q1 - w1 * q0;
  }
  for (let i = 0; i < nq; i++) tau[i] = 0;
  for (let b = nb - 1; b >= 0; b--) {
    const k = 6 * b;
    tau[coordinate[b]] +=
      S[k] * f[k] +
      S[k + 1] * f[k + 1] +
      S[k + 2] * f[k + 2] +
      S[k + 3] * f[k + 3] +
      S[k + 4] * f[k + 4] +
      S[k + 5] * f[k + 5];
    if (parent[b] >= 0) {
      const z = 6 * parent[b];
      f[z] += f[k];
      f[z + 1] += f[k + 1];
      f[z + 2] += f[k + 2];
      f[z + 3] += f[k + 3];
      f[z + 4] += f[k + 4];
      f[z + 5] += f[k + 5];
    }
  }
}
