import type { RobotData } from './data.ts';
import type { RobotModel } from './model.ts';

/**
 * Pose, joint subspace and inertia of every body at `q` (nq): fills data.R, p, S, mc and I_origin, on which every other
 * algorithm builds. Root axes at the root origin; no allocation.
 */
export function forwardKinematics(model: RobotModel, data: RobotData, q: Float64Array): void {
  placeBodies(model, data, q, model.nb);
  placeInertias(model, data);
}

/** The part of forwardKinematics without inertias, for the first `bodies` bodies: fills data.R, p and S. */
export function placeBodies(model: RobotModel, data: RobotData, q: Float64Array, bodies: number): void {
  const { parent, joint_type, axis, tree_R, tree_p, coordinate, multiplier, offset } = model;
  const { R, p, S } = data;
  for (let b = 0; b < bodies; b++) {
    const pa = parent[b];
    const r = 9 * b;
    const t = 3 * b;
    const s = 6 * b;
    let p0 = 1;
    let p1 = 0;
    let p2 = 0;
    let p3 = 0;
    let p4 = 1;
    let p5 = 0;
    let p6 = 0;
    let p7 = 0;
    let p8 = 1;
    let px = 0;
    let py = 0;
    let pz = 0;
    if (pa >= 0) {
      const k = 9 * pa;
      p0 = R[k];
      p1 = R[k + 1];
      p2 = R[k + 2];
      p3 = R[k + 3];
      p4 = R[k + 4];
      p5 = R[k + 5];
      p6 = R[k + 6];
      p7 = R[k + 7];
      p8 = R[k + 8];
      px = p[3 * pa];
      py = p[3 * pa + 1];
      pz = p[3 * pa + 2];
    }
    const x = tree_p[t];
    const y = tree_p[t + 1];
    const z = tree_p[t + 2];
    px += p0 * x + p1 * y + p2 * z;
    py += p3 * x + p4 * y + p5 * z;
    pz += p6 * x + p7 * y + p8 * z;
    const a0 = tree_R[r];
    const a1 = tree_R[r + 1];
    const a2 = tree_R[r + 2];
    const a3 = tree_R[r + 3];
    const a4 = tree_R[r + 4];
    const a5 = tree_R[r + 5];
    const a6 = tree_R[r + 6];
    const a7 = tree_R[r + 7];
    const a8 = tree_R[r + 8];
    let m0 = p0 * a0 + p1 * a3 + p2 * a6;
    let m1 = p0 * a1 + p1 * a4 + p2 * a7;
    let m2 = p0 * a2 + p1 * a5 + p2 * a8;
    let m3 = p3 * a0 + p4 * a3 + p5 * a6;
    let m4 = p3 * a1 + p4 * a4 + p5 * a7;
    let m5 = p3 * a2 + p4 * a5 + p5 * a8;
    let m6 = p6 * a0 + p7 * a3 + p8 * a6;
    let m7 = p6 * a1 + p7 * a4 + p8 * a7;
    let m8 = p6 * a2 + p7 * a5 + p8 * a8;

    const k = multiplier[b];
    const value = k * q[coordinate[b]] + offset[b];
    const ux = axis[t];
    const uy = axis[t + 1];
    const uz = axis[t + 2];
    const wx = m0 * ux + m1 * uy + m2 * uz;
    const wy = m3 * ux + m4 * uy + m5 * uz;
    const wz = m6 * ux + m7 * uy + m8 * uz;
    if (joint_type[b] === 0) {
      const c = Math.cos(value);
      const sn = Math.sin(value);
      if (uz === 1) {
        const n0 = m0 * c + m1 * sn;
        const n3 = m3 * c + m4 * sn;
        const n6 = m6 * c + m7 * sn;
        m1 = m1 * c - m0 * sn;
        m4 = m4 * c - m3 * sn;
        m7 = m7 * c - m6 * sn;
        m0 = n0;
        m3 = n3;
        m6 = n6;
      } else {
        // Rodrigues: (1 − c) u uᵀ + c I + s [u]×
        const e = 1 - c;
        const r0 = e * ux * ux + c;
        const r1 = e * ux * uy - sn * uz;
        const r2 = e * ux * uz + sn * uy;
        const r3 = e * ux * uy + sn * uz;
        const r4 = e * uy * uy + c;
        const r5 = e * uy * uz - sn * ux;
        const r6 = e * ux * uz - sn * uy;
        const r7 = e * uy * uz + sn * ux;
        const r8 = e * uz * uz + c;
        const n0 = m0 * r0 + m1 * r3 + m2 * r6;
        const n1 = m0 * r1 + m1 * r4 + m2 * r7;
        const n2 = m0 * r2 + m1 * r5 + m2 * r8;
        const n3 = m3 * r0 + m4 * r3 + m5 * r6;
        const n4 = m3 * r1 + m4 * r4 + m5 * r7;
        const n5 = m3 * r2 + m4 * r5 + m5 * r8;
        const n6 = m6 * r0 + m7 * r3 + m8 * r6;
        const n7 = m6 * r1 + m7 * r4 + m8 * r7;
        const n8 = m6 * r2 + m7 * r5 + m8 * r8;
        m0 = n0;
        m1 = n1;
        m2 = n2;
        m3 = n3;
        m4 = n4;
        m5 = n5;
        m6 = n6;
        m7 = n7;
        m8 = n8;
      }
      S[s] = k * wx;
      S[s + 1] = k * wy;
      S[s + 2] = k * wz;
      S[s + 3] = k * (py * wz - pz * wy);
      S[s + 4] = k * (pz * wx - px * wz);
      S[s + 5] = k * (px * wy - py * wx);
    } else {
      px += wx * value;
      py += wy * value;
      pz += wz * value;
      S[s] = 0;
      S[s + 1] = 0;
      S[s + 2] = 0;
      S[s + 3] = k * wx;
      S[s + 4] = k * wy;
      S[s + 5] = k * wz;
    }
    R[r] = m0;
    R[r + 1] = m1;
    R[r + 2] = m2;
    R[r + 3] = m3;
    R[r + 4] = m4;
    R[r + 5] = m5;
    R[r + 6] = m6;
    R[r + 7] = m7;
    R[r + 8] = m8;
    p[t] = px;
    p[t + 1] = py;
    p[t + 2] = pz;
  }
}

/** Mass times centre of mass and inertia of every body, after placeBodies: fills data.mc and I_origin. */
function placeInertias(model: RobotModel, data: RobotData): void {
  const { nb, mass, com, inertia } = model;
  const { R, p, mc, I_origin } = data;
  for (let b = 0; b < nb; b++) {
    const r = 9 * b;
    const t = 3 * b;
    const s = 6 * b;
    const m0 = R[r];
    const m1 = R[r + 1];
    const m2 = R[r + 2];
    const m3 = R[r + 3];
    const m4 = R[r + 4];
    const m5 = R[r + 5];
    const m6 = R[r + 6];
    const m7 = R[r + 7];
    const m8 = R[r + 8];
    const px = p[t];
    const py = p[t + 1];
    const pz = p[t + 2];
    const m = mass[b];
    const bx = com[t];
    const by = com[t + 1];
    const bz = com[t + 2];
    const cx = px + m0 * bx + m1 * by + m2 * bz;
    const cy = py + m3 * bx + m4 * by + m5 * bz;
    const cz = pz + m6 * bx + m7 * by + m8 * bz;
    mc[t] = m * cx;
    mc[t + 1] = m * cy;
    mc[t + 2] = m * cz;
    const xx = inertia[s];
    const yy = inertia[s + 1];
    const zz = inertia[s + 2];
    const xy = inertia[s + 3];
    const xz = inertia[s + 4];
    const yz = inertia[s + 5];
    const b0 = m0 * xx + m1 * xy + m2 * xz;
    const b1 = m0 * xy + m1 * yy + m2 * yz;
    const b2 = m0 * xz + m1 * yz + m2 * zz;
    const b3 = m3 * xx + m4 * xy + m5 * xz;
    const b4 = m3 * xy + m4 * yy + m5 * yz;
    const b5 = m3 * xz + m4 * yz + m5 * zz;
    const b6 = m6 * xx + m7 * xy + m8 * xz;
    const b7 = m6 * xy + m7 * yy + m8 * yz;
    const b8 = m6 * xz + m7 * yz + m8 * zz;
    I_origin[s] = b0 * m0 + b1 * m1 + b2 * m2 + m * (cy * cy + cz * cz);
    I_origin[s + 1] = b3 * m3 + b4 * m4 + b5 * m5 + m * (cx * cx + cz * cz);
    I_origin[s + 2] = b6 * m6 + b7 * m7 + b8 * m8 + m * (cx * cx + cy * cy);
    I_origin[s + 3] = b0 * m3 + b1 * m4 + b2 * m5 - m * cx * cy;
    I_origin[s + 4] = b0 * m6 + b1 * m7 + b2 * m8 - m * cx * cz;
    I_origin[s + 5] = b3 * m6 + b4 * m7 + b5 * m8 - m * cy * cz;
  }
}

/** Index of a frame by its link name, or −1. */
export function frameIndex(model: RobotModel, name: string): number {
  for (let i = 0; i < model.frames.length; i++) if (model.frames[i].name === name) return i;
  return -1;
}

/** Pose of a frame in the root frame, after forwardKinematics: rotation row-major 9, then position 3 (m). */
export function framePose(
  model: RobotModel,
  data: RobotData,
  frame: number,
  out: Float64Array | number[],
  outOffset = 0,
): void {
  const { body, R: F, p: f } = model.frames[frame];
  const o = outOffset;
  if (body < 0) {
    for (let k = 0; k < 9; k++) out[o + k] = F[k];
    for (let k = 0; k < 3; k++) out[o + 9 + k] = f[k];
    return;
  }
  const { R, p } = data;
  for (let row = 0; row < 3; row++) {
    const x = R[9 * body + 3 * row];
    const y = R[9 * body + 3 * row + 1];
    const z = R[9 * body + 3 * row + 2];
    out[o + 3 * row] = x * F[0] + y * F[3] + z * F[6];
    out[o + 3 * row + 1] = x * F[1] + y * F[4] + z * F[7];
    out[o + 3 * row + 2] = x * F[2] + y * F[5] + z * F[8];
    out[o + 9 + row] = x * f[0] + y * f[1] + z * f[2] + p[3 * body + row];
  }
}

/** Position of a frame's origin in the root frame, after placeBodies: 3 numbers from `outOffset` (m). */
export function framePoint(
  model: RobotModel,
  data: RobotData,
  frame: number,
  out: Float64Array,
  outOffset: number,
): void {
  const { body, p: f } = model.frames[frame];
  const { R, p } = data;
  const r = 9 * body;
  const x = f[0];
  const y = f[1];
  const z = f[2];
  if (body < 0) {
    out[outOffset] = x;
    out[outOffset + 1] = y;
    out[outOffset + 2] = z;
    return;
  }
  out[outOffset] = R[r] * x + R[r + 1] * y + R[r + 2] * z + p[3 * body];
  out[outOffset + 1] = R[r + 3] * x + R[r + 4] * y + R[r + 5] * z + p[3 * body + 1];
  out[outOffset + 2] = R[r + 6] * x + R[r + 7] * y + R[r + 8] * z + p[3 * body + 2];
}

/**
 * Jacobian of a frame's origin, after forwardKinematics: 6×nq row-major, linear rows (m/s) over angular rows (rad/s),
 * root axes: [v; ω] = J v_joints. Columns of joints that mimic one another are summed.
 */
export function frameJacobian(
  model: RobotModel,
  data: RobotData,
  frame: number,
  out: Float64Array | number[],
  outOffset = 0,
): void {
  const { body, p: f } = model.frames[frame];
  const { R, p, point } = data;
  const r = 9 * body;
  const t = 3 * body;
  for (let k = 0; k < 3; k++) {
    point[k] = body < 0 ? f[k] : p[t + k] + R[r + 3 * k] * f[0] + R[r + 3 * k + 1] * f[1] + R[r + 3 * k + 2] * f[2];
  }
  pointJacobian(model, data, body, point, 0, out, outOffset);
}

/** As frameJacobian, for the point (m, root frame) at `point[pointOffset]` carried by `body` (−1: the root, all zero). */
export function pointJacobian(
  model: RobotModel,
  data: RobotData,
  body: number,
  point: Float64Array,
  pointOffset: number,
  out: Float64Array | number[],
  outOffset = 0,
): void {
  const x = point[pointOffset];
  const y = point[pointOffset + 1];
  const z = point[pointOffset + 2];
  const { nq, parent, coordinate } = model;
  const { S } = data;
  for (let k = 0; k < 6 * nq; k++) out[outOffset + k] = 0;
  for (let b = body; b >= 0; b = parent[b]) {
    const s = 6 * b;
    const o = outOffset + coordinate[b];
    const wx = S[s];
    const wy = S[s + 1];
    const wz = S[s + 2];
    out[o] += S[s + 3] + wy * z - wz * y;
    out[o + nq] += S[s + 4] + wz * x - wx * z;
    out[o + 2 * nq] += S[s + 5] + wx * y - wy * x;
    out[o + 3 * nq] += wx;
    out[o + 4 * nq] += wy;
    out[o + 5 * nq] += wz;
  }
}
