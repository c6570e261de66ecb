import type { RobotData } from './data.ts';
import type { RobotModel } from './model.ts';
import { GRAVITY } from './rnea.ts';

/**
 * Forward dynamics by the articulated body algorithm (Featherstone 2008, table 7.1, in root axes, so that passing inertia
 * to the parent is a rank-1 update), after forwardKinematics: accelerations `qdd` (nq) under torques `tau` at velocity
 * `v`. `diagonal` (nq) is added to the joint-space inertia: armature. Throws for models with mimic joints, whose
 * coordinates act on several bodies; forwardDynamics takes those.
 */
export function aba(
  model: RobotModel,
  data: RobotData,
  v: Float64Array,
  tau: Float64Array,
  qdd: Float64Array,
  diagonal: Float64Array | null = null,
  gravity: readonly [number, number, number] = GRAVITY,
): void {
  if (model.nb !== model.nq) throw new RangeError(`${model.name} has mimic joints: use forwardDynamics`);
  velocities(model, data, v);
  articulate(model, data, tau, diagonal);
  accelerations(model, data, qdd, gravity);
}

/** Velocities, velocity-product accelerations c, rigid-body inertias and bias forces (data.f). */
function velocities(model: RobotModel, data: RobotData, v: Float64Array): void {
  const { nb, parent, coordinate, mass } = model;
  const { S, mc, I_origin, c, f, articulated_A: A, articulated_B: B, articulated_D: D } = data;
  const V = data.v;
  for (let b = 0; b < nb; b++) {
    const k = 6 * b;
    const t = 3 * b;
    const n = 9 * b;
    const pa = parent[b];
    const rate = v[coordinate[b]];
    const j0 = S[k] * rate;
    const j1 = S[k + 1] * rate;
    const j2 = S[k + 2] * rate;
    const j3 = S[k + 3] * rate;
    const j4 = S[k + 4] * rate;
    const j5 = S[k + 5] * rate;
    let w0 = j0;
    let w1 = j1;
    let w2 = j2;
    let v0 = j3;
    let v1 = j4;
    let v2 = j5;
    if (pa >= 0) {
      const z = 6 * pa;
      w0 += V[z];
      w1 += V[z + 1];
      w2 += V[z + 2];
      v0 += V[z + 3];
      v1 += V[z + 4];
      v2 += V[z + 5];
    }
    V[k] = w0;
    V[k + 1] = w1;
    V[k + 2] = w2;
    V[k + 3] = v0;
    V[k + 4] = v1;
    V[k + 5] = v2;
    c[k] = w1 * j2 - w2 * j1;
    c[k + 1] = w2 * j0 - w0 * j2;
    c[k + 2] = w0 * j1 - w1 * j0;
    c[k + 3] = w1 * j5 - w2 * j4 + v1 * j2 - v2 * j1;
    c[k + 4] = w2 * j3 - w0 * j5 + v2 * j0 - v0 * j2;
    c[k + 5] = w0 * j4 - w1 * j3 + v0 * j1 - v1 * j0;
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
    A[k] = xx;
    A[k + 1] = yy;
    A[k + 2] = zz;
    A[k + 3] = xy;
    A[k + 4] = xz;
    A[k + 5] = yz;
    D[k] = m;
    D[k + 1] = m;
    D[k + 2] = m;
    D[k + 3] = 0;
    D[k + 4] = 0;
    D[k + 5] = 0;
    B[n] = 0;
    B[n + 1] = -hz;
    B[n + 2] = hy;
    B[n + 3] = hz;
    B[n + 4] = 0;
    B[n + 5] = -hx;
    B[n + 6] = -hy;
    B[n + 7] = hx;
    B[n + 8] = 0;
    const L0 = xx * w0 + xy * w1 + xz * w2 + hy * v2 - hz * v1;
    const L1 = xy * w0 + yy * w1 + yz * w2 + hz * v0 - hx * v2;
    const L2 = xz * w0 + yz * w1 + zz * w2 + hx * v1 - hy * v0;
    const q0 = m * v0 - hy * w2 + hz * w1;
    const q1 = m * v1 - hz * w0 + hx * w2;
    const q2 = m * v2 - hx * w1 + hy * w0;
    f[k] = w1 * L2 - w2 * L1 + v1 * q2 - v2 * q1;
    f[k + 1] = w2 * L0 - w0 * L2 + v2 * q0 - v0 * q2;
    f[k + 2] = w0 * L1 - w1 * L0 + v0 * q1 - v1 * q0;
    f[k + 3] = w1 * q2 - w2 * q1;
    f[k + 4] = w2 * q0 - w0 * q2;
    f[k + 5] = w0 * q1 - w1 * q0;
  }
}

/** Articulated inertias and bias forces, leaves to root. */
function articulate(model: RobotModel, data: RobotData, tau: Float64Array, diagonal: Float64Array | null): void {
  const { nb, parent, coordinate } = model;
  const { S, c, f, U, D_inv, u, articulated_A: A, articulated_B: B, articulated_D: D } = data;
  for (let b = nb - 1; b >= 0; b--) {
    const k = 6 * b;
    const n = 9 * b;
    const pa = parent[b];
    const s0 = S[k];
    const s1 = S[k + 1];
    const s2 = S[k + 2];
    const s3 = S[k + 3];
    const s4 = S[k + 4];
    const s5 = S[k + 5];
    const A0 = A[k];
    const A1 = A[k + 1];
    const A2 = A[k + 2];
    const A3 = A[k + 3];
    const A4 = A[k + 4];
    const A5 = A[k + 5];
    const D0 = D[k];
    const D1 = D[k + 1];
    const D2 = D[k + 2];
    const D3 = D[k + 3];
    const D4 = D[k + 4];
    const D5 = D[k + 5];
    const B0 = B[n];
    const B1 = B[n + 1];
    const B2 = B[n + 2];
    const B3 = B[n + 3];
    const B4 = B[n + 4];
    const B5 = B[n + 5];
    const B6 = B[n + 6];
    const B7 = B[n + 7];
    const B8 = B[n + 8];
    const U0 = A0 * s0 + A3 * s1 + A4 * s2 + B0 * s3 + B1 * s4 + B2 * s5;
    const U1 = A3 * s0 + A1 * s1 + A5 * s2 + B3 * s3 + B4 * s4 + B5 * s5;
    const U2 = A4 * s0 + A5 * s1 + A2 * s2 + B6 * s3 + B7 * s4 + B8 * s5;
    const U3 = B0 * s0 + B3 * s1 + B6 * s2 + D0 * s3 + D3 * s4 + D4 * s5;
    const U4 = B1 * s0 + B4 * s1 + B7 * s2 + D3 * s3 + D1 * s4 + D5 * s5;
    const U5 = B2 * s0 + B5 * s1 + B8 * s2 + D4 * s3 + D5 * s4 + D2 * s5;
    U[k] = U0;
    U[k + 1] = U1;
    U[k + 2] = U2;
    U[k + 3] = U3;
    U[k + 4] = U4;
    U[k + 5] = U5;
    const i = coordinate[b];
    const armature = diagonal === null ? 0 : diagonal[i];
    const inverse = 1 / (s0 * U0 + s1 * U1 + s2 * U2 + s3 * U3 + s4 * U4 + s5 * U5 + armature);
    D_inv[b] = inverse;
    const drive = tau[i] - (s0 * f[k] + s1 * f[k + 1] + s2 * f[k + 2] + s3 * f[k + 3] + s4 * f[k + 4] + s5 * f[k + 5]);
    u[b] = drive;
    if (pa >= 0) {
      const z = 6 * pa;
      const y = 9 * pa;
      const e0 = U0 * inverse;
      const e1 = U1 * inverse;
      const e2 = U2 * inverse;
      const e3 = U3 * inverse;
      const e4 = U4 * inverse;
      const e5 = U5 * inverse;
      const a0 = A0 - e0 * U0;
      const a1 = A1 - e1 * U1;
      const a2 = A2 - e2 * U2;
      const a3 = A3 - e0 * U1;
      const a4 = A4 - e0 * U2;
      const a5 = A5 - e1 * U2;
      const b0 = B0 - e0 * U3;
      const b1 = B1 - e0 * U4;
      const b2 = B2 - e0 * U5;
      const b3 = B3 - e1 * U3;
      const b4 = B4 - e1 * U4;
      const b5 = B5 - e1 * U5;
      const b6 = B6 - e2 * U3;
      const b7 = B7 - e2 * U4;
      const b8 = B8 - e2 * U5;
      const d0 = D0 - e3 * U3;
      const d1 = D1 - e4 * U4;
      const d2 = D2 - e5 * U5;
      const d3 = D3 - e3 * U4;
      const d4 = D4 - e3 * U5;
      const d5 = D5 - e4 * U5;
      A[z] += a0;
      A[z + 1] += a1;
      A[z + 2] += a2;
      A[z + 3] += a3;
      A[z + 4] += a4;
      A[z + 5] += a5;
      B[y] += b0;
      B[y + 1] += b1;
      B[y + 2] += b2;
      B[y + 3] += b3;
      B[y + 4] += b4;
      B[y + 5] += b5;
      B[y + 6] += b6;
      B[y + 7] += b7;
      B[y + 8] += b8;
      D[z] += d0;
      D[z + 1] += d1;
      D[z + 2] += d2;
      D[z + 3] += d3;
      D[z + 4] += d4;
      D[z + 5] += d5;
      const c0 = c[k];
      const c1 = c[k + 1];
      const c2 = c[k + 2];
      const c3 = c[k + 3];
      const c4 = c[k + 4];
      const c5 = c[k + 5];
      f[z] += f[k] + a0 * c0 + a3 * c1 + a4 * c2 + b0 * c3 + b1 * c4 + b2 * c5 + e0 * drive;
      f[z + 1] += f[k + 1] + a3 * c0 + a1 * c1 + a5 * c2 + b3 * c3 + b4 * c4 + b5 * c5 + e1 * drive;
      f[z + 2] += f[k + 2] + a4 * c0 + a5 * c1 + a2 * c2 + b6 * c3 + b7 * c4 + b8 * c5 + e2 * drive;
      f[z + 3] += f[k + 3] + b0 * c0 + b3 * c1 + b6 * c2 + d0 * c3 + d3 * c4 + d4 * c5 + e3 * drive;
      f[z + 4] += f[k + 4] + b1 * c0 + b4 * c1 + b7 * c2 + d3 * c3 + d1 * c4 + d5 * c5 + e4 * drive;
      f[z + 5] += f[k + 5] + b2 * c0 + b5 * c1 + b8 * c2 + d4 * c3 + d5 * c4 + d2 * c5 + e5 * drive;
    }
  }
}

/** Joint accelerations, root to leaves. */
function accelerations(
  model: RobotModel,
  data: RobotData,
  qdd: Float64Array,
  gravity: readonly [number, number, number],
): void {
  const { nb, parent, coordinate } = model;
  const { S, c, U, D_inv, u, a: A } = data;
  for (let b = 0; b < nb; b++) {
    const k = 6 * b;
    const pa = parent[b];
    let a0 = c[k];
    let a1 = c[k + 1];
    let a2 = c[k + 2];
    let a3 = c[k + 3];
    let a4 = c[k + 4];
    let a5 = c[k + 5];
    if (pa >= 0) {
      const z = 6 * pa;
      a0 += A[z];
      a1 += A[z + 1];
      a2 += A[z + 2];
      a3 += A[z + 3];
      a4 += A[z + 4];
      a5 += A[z + 5];
    } else {
      a3 -= gravity[0];
      a4 -= gravity[1];
      a5 -= gravity[2];
    }
    const inertial = U[k] * a0 + U[k + 1] * a1 + U[k + 2] * a2 + U[k + 3] * a3 + U[k + 4] * a4 + U[k + 5] * a5;
    const acceleration = (u[b] - inertial) * D_inv[b];
    qdd[coordinate[b]] = acceleration;
    A[k] = a0 + S[k] * acceleration;
    A[k + 1] = a1 + S[k + 1] * acceleration;
    A[k + 2] = a2 + S[k + 2] * acceleration;
    A[k + 3] = a3 + S[k + 3] * acceleration;
    A[k + 4] = a4 + S[k + 4] * acceleration;
    A[k + 5] = a5 + S[k + 5] * acceleration;
  }
}
