import type { RobotData } from './data.ts';
import type { RobotModel } from './model.ts';

/**
 * Joint-space inertia data.M by the composite rigid body algorithm (Featherstone 2008, table 6.2, in root axes), after
 * forwardKinematics: nq×nq, symmetric. Joints that mimic one another share a row: M = Gᵀ M_tree G.
 */
export function crba(model: RobotModel, data: RobotData): void {
  const { nb, nq, parent, coordinate, mass } = model;
  const { S, M, mc, I_origin, composite_mass: cm, composite_mc: ch, composite_I: cI } = data;
  cm.set(mass);
  ch.set(mc);
  cI.set(I_origin);
  M.fill(0);
  for (let b = nb - 1; b >= 0; b--) {
    const k = 6 * b;
    const t = 3 * b;
    const pa = parent[b];
    const m = cm[b];
    const hx = ch[t];
    const hy = ch[t + 1];
    const hz = ch[t + 2];
    const xx = cI[k];
    const yy = cI[k + 1];
    const zz = cI[k + 2];
    const xy = cI[k + 3];
    const xz = cI[k + 4];
    const yz = cI[k + 5];
    if (pa >= 0) {
      cm[pa] += m;
      ch[3 * pa] += hx;
      ch[3 * pa + 1] += hy;
      ch[3 * pa + 2] += hz;
      cI[6 * pa] += xx;
      cI[6 * pa + 1] += yy;
      cI[6 * pa + 2] += zz;
      cI[6 * pa + 3] += xy;
      cI[6 * pa + 4] += xz;
      cI[6 * pa + 5] += yz;
    }
    const w0 = S[k];
    const w1 = S[k + 1];
    const w2 = S[k + 2];
    const v0 = S[k + 3];
    const v1 = S[k + 4];
    const v2 = S[k + 5];
    const f0 = xx * w0 + xy * w1 + xz * w2 + hy * v2 - hz * v1;
    const f1 = xy * w0 + yy * w1 + yz * w2 + hz * v0 - hx * v2;
    const f2 = xz * w0 + yz * w1 + zz * w2 + hx * v1 - hy * v0;
    const f3 = m * v0 - hy * w2 + hz * w1;
    const f4 = m * v1 - hz * w0 + hx * w2;
    const f5 = m * v2 - hx * w1 + hy * w0;
    const row = coordinate[b];
    for (let j = b; j >= 0; j = parent[j]) {
      const z = 6 * j;
      const column = coordinate[j];
      const value = S[z] * f0 + S[z + 1] * f1 + S[z + 2] * f2 + S[z + 3] * f3 + S[z + 4] * f4 + S[z + 5] * f5;
      M[row * nq + column] += value;
      if (j !== b) M[column * nq + row] += value;
    }
  }
}
