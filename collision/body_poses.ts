import type { RobotModel } from '../dynamics/index.ts';

/**
 * Poses of a robot's bodies and nothing else, for contact checks: no joint subspaces, no inertias. A pose is 12 numbers,
 * rotation row-major 9 and position 3 (m), in the root frame. Allocates nothing after construction.
 */
export class BodyPoses {
  /** Written by `place`, 12·nb. */
  readonly pose: Float64Array;
  private readonly nb: number;
  private readonly parent: Int32Array;
  private readonly coordinate: Int32Array;
  /** Multiplier and offset of the joint, its axis 3, and the pose of the joint's frame in its parent 12; 17 each. */
  private readonly constants: Float64Array;
  /** What a joint is: turning about z, turning, or sliding. */
  private readonly kind: Uint8Array;
  /** How a joint's frame lies in its parent: not turned, turned about x, or turned anyhow. */
  private readonly tree: Uint8Array;

  constructor(model: RobotModel) {
    const { nb, axis } = model;
    this.nb = nb;
    this.pose = new Float64Array(12 * nb);
    this.parent = model.parent;
    this.coordinate = model.coordinate;
    this.constants = new Float64Array(STRIDE * nb);
    this.kind = new Uint8Array(nb);
    this.tree = new Uint8Array(nb);
    for (let b = 0; b < nb; b++) {
      const at = STRIDE * b;
      this.constants[at] = model.multiplier[b];
      this.constants[at + 1] = model.offset[b];
      this.constants.set(axis.subarray(3 * b, 3 * b + 3), at + 2);
      this.constants.set(model.tree_R.subarray(9 * b, 9 * b + 9), at + 5);
      this.constants.set(model.tree_p.subarray(3 * b, 3 * b + 3), at + 14);
      this.tree[b] = treeKind(model.tree_R.subarray(9 * b, 9 * b + 9));
      this.kind[b] = model.joint_type[b] === 1 ? SLIDING : axis[3 * b + 2] === 1 ? ABOUT_Z : TURNING;
    }
  }

  /** Writes `pose` for all coordinates of the model (rad or m). */
  place(q: Float64Array): void {
    const { nb, parent, coordinate, constants: C, kind, tree, pose: P } = this;
    // the pose of the body before, which most often is the parent
    let r0 = 1;
    let r1 = 0;
    let r2 = 0;
    let r3 = 0;
    let r4 = 1;
    let r5 = 0;
    let r6 = 0;
    let r7 = 0;
    let r8 = 1;
    let x = 0;
    let y = 0;
    let z = 0;
    for (let b = 0; b < nb; b++) {
      const pa = parent[b];
      if (pa !== b - 1) {
        const k = 12 * pa;
        r0 = pa < 0 ? 1 : P[k];
        r1 = pa < 0 ? 0 : P[k + 1];
        r2 = pa < 0 ? 0 : P[k + 2];
        r3 = pa < 0 ? 0 : P[k + 3];
        r4 = pa < 0 ? 1 : P[k + 4];
        r5 = pa < 0 ? 0 : P[k + 5];
        r6 = pa < 0 ? 0 : P[k + 6];
        r7 = pa < 0 ? 0 : P[k + 7];
        r8 = pa < 0 ? 1 : P[k + 8];
        x = pa < 0 ? 0 : P[k + 9];
        y = pa < 0 ? 0 : P[k + 10];
        z = pa < 0 ? 0 : P[k + 11];
      }
      const c = STRIDE * b;
      const tx = C[c + 14];
      const ty = C[c + 15];
      const tz = C[c + 16];
      x += r0 * tx + r1 * ty + r2 * tz;
      y += r3 * tx + r4 * ty + r5 * tz;
      z += r6 * tx + r7 * ty + r8 * tz;
      let m0 = r0;
      let m1 = r1;
      let m3 = r3;
      let m4 = r4;
      let m6 = r6;
      let m7 = r7;
      if (tree[b] === ABOUT_X) {
        const cos = C[c + 9];
        const sin = C[c + 12];
        m1 = r1 * cos + r2 * sin;
        r2 = r2 * cos - r1 * sin;
        m4 = r4 * cos + r5 * sin;
        r5 = r5 * cos - r4 * sin;
        m7 = r7 * cos + r8 * sin;
        r8 = r8 * cos - r7 * sin;
      } else if (tree[b] === ANY) {
        const a0 = C[c + 5];
        const a1 = C[c + 6];
        const a2 = C[c + 7];
        const a3 = C[c + 8];
        const a4 = C[c + 9];
        const a5 = C[c + 10];
        const a6 = C[c + 11];
        const a7 = C[c + 12];
        const a8 = C[c + 13];
        m0 = r0 * a0 + r1 * a3 + r2 * a6;
        m1 = r0 * a1 + r1 * a4 + r2 * a7;
        m3 = r3 * a0 + r4 * a3 + r5 * a6;
        m4 = r3 * a1 + r4 * a4 + r5 * a7;
        m6 = r6 * a0 + r7 * a3 + r8 * a6;
        m7 = r6 * a1 + r7 * a4 + r8 * a7;
        r2 = r0 * a2 + r1 * a5 + r2 * a8;
        r5 = r3 * a2 + r4 * a5 + r5 * a8;
        r8 = r6 * a2 + r7 * a5 + r8 * a8;
      }
      const value = C[c] * q[coordinate[b]] + C[c + 1];
      if (kind[b] === ABOUT_Z) {
        const cos = Math.cos(value);
        const sin = Math.sin(value);
        r0 = m0 * cos + m1 * sin;
        r1 = m1 * cos - m0 * sin;
        r3 = m3 * cos + m4 * sin;
        r4 = m4 * cos - m3 * sin;
        r6 = m6 * cos + m7 * sin;
        r7 = m7 * cos - m6 * sin;
      } else if (kind[b] === SLIDING) {
        const ux = C[c + 2] * value;
        const uy = C[c + 3] * value;
        const uz = C[c + 4] * value;
        x += m0 * ux + m1 * uy + r2 * uz;
        y += m3 * ux + m4 * uy + r5 * uz;
        z += m6 * ux + m7 * uy + r8 * uz;
        r0 = m0;
        r1 = m1;
        r3 = m3;
        r4 = m4;
        r6 = m6;
        r7 = m7;
      } else {
        // Rodrigues: (1 − c) u uᵀ + c I + s [u]×
        const ux = C[c + 2];
        const uy = C[c + 3];
        const uz = C[c + 4];
        const cos = Math.cos(value);
        const sin = Math.sin(value);
        const e = 1 - cos;
        const q0 = e * ux * ux + cos;
        const q1 = e * ux * uy - sin * uz;
        const q2 = e * ux * uz + sin * uy;
        const q3 = e * ux * uy + sin * uz;
        const q4 = e * uy * uy + cos;
        const q5 = e * uy * uz - sin * ux;
        const q6 = e * ux * uz - sin * uy;
        const q7 = e * uy * uz + sin * ux;
        const q8 = e * uz * uz + cos;
        r0 = m0 * q0 + m1 * q3 + r2 * q6;
        r1 = m0 * q1 + m1 * q4 + r2 * q7;
        r2 = m0 * q2 + m1 * q5 + r2 * q8;
        r3 = m3 * q0 + m4 * q3 + r5 * q6;
        r4 = m3 * q1 + m4 * q4 + r5 * q7;
        r5 = m3 * q2 + m4 * q5 + r5 * q8;
        r6 = m6 * q0 + m7 * q3 + r8 * q6;
        r7 = m6 * q1 + m7 * q4 + r8 * q7;
        r8 = m6 * q2 + m7 * q5 + r8 * q8;
      }
      const o = 12 * b;
      P[o] = r0;
      P[o + 1] = r1;
      P[o + 2] = r2;
      P[o + 3] = r3;
      P[o + 4] = r4;
      P[o + 5] = r5;
      P[o + 6] = r6;
      P[o + 7] = r7;
      P[o + 8] = r8;
      P[o + 9] = x;
      P[o + 10] = y;
      P[o + 11] = z;
    }
  }
}

const STRIDE = 17;
const NOT_TURNED = 0;
const ABOUT_X = 1;
const ANY = 2;

function treeKind(R: Float64Array): number {
  const [a, b, c, d, , , g] = R;
  if (a !== 1 || b !== 0 || c !== 0 || d !== 0 || g !== 0) return ANY;
  return R[4] === 1 && R[5] === 0 && R[7] === 0 ? NOT_TURNED : ABOUT_X;
}

const ABOUT_Z = 0;
const TURNING = 1;
const SLIDING = 2;
