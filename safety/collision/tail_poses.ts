import type { RobotModel } from '../../dynamics/index.ts';
import type { JointGuard } from '../joint_guard.ts';

/** Longest stop that can be asked for (cycles). */
export const LONGEST_STOP = 16_384;

/**
 * Joint positions and body poses along the stop from the joints' proposals, each cycle computed once and only when asked
 * for. A pose lies in a slot; there are few, and a full table says so. Bodies that other coordinates than these joints'
 * move are left out. Allocates nothing after construction.
 */
export class TailPoses {
  /** Number of the pose before the proposals: the committed positions. */
  readonly present = LONGEST_STOP + 1;
  /** Bodies: rotations 9 and positions 3 each, nb a slot. */
  readonly R: Float64Array;
  readonly p: Float64Array;
  /** Joint positions, one a joint in every slot. */
  readonly q: Float64Array;
  /** Slots in use, and poses computed since the start. */
  used = 0;
  computed = 0;
  readonly nb: number;
  /** Poses that can be kept at once. */
  readonly slots: number;
  private readonly joints: readonly JointGuard[];
  private readonly model: RobotModel;
  private readonly bodies: Int32Array;
  private readonly slot_of: Int16Array;
  private readonly cycle_of: Int32Array;

  constructor(model: RobotModel, joints: readonly JointGuard[], slots: number) {
    this.model = model;
    this.joints = joints;
    this.nb = model.nb;
    this.slots = slots;
    this.R = new Float64Array(9 * model.nb * slots);
    this.p = new Float64Array(3 * model.nb * slots);
    this.q = new Float64Array(joints.length * slots);
    this.slot_of = new Int16Array(LONGEST_STOP + 2).fill(-1);
    this.cycle_of = new Int32Array(slots);
    const bodies: number[] = [];
    for (let b = 0; b < model.nb; b++) {
      const carried = model.parent[b] < 0 || bodies.includes(model.parent[b]);
      if (carried && model.coordinate[b] < joints.length) bodies.push(b);
    }
    this.bodies = Int32Array.from(bodies);
  }

  /** Forgets all poses: the proposals have changed. */
  clear(): void {
    for (let i = 0; i < this.used; i++) this.slot_of[this.cycle_of[i]] = -1;
    this.used = 0;
  }

  /** Slot of the pose `cycle` cycles after the proposals (or `present`), −1 if there is none left for it. */
  at(cycle: number): number {
    const known = this.slot_of[cycle];
    if (known >= 0) return known;
    const slot = this.used;
    if (slot === this.cycle_of.length) return -1;
    this.used = slot + 1;
    this.slot_of[cycle] = slot;
    this.cycle_of[slot] = cycle;
    const { joints, q } = this;
    const n = joints.length;
    const o = n * slot;
    for (let k = 0; k < n; k++) {
      const joint = joints[k];
      if (cycle === this.present) q[o + k] = joint.p;
      else {
        joint.tail.locate(cycle);
        q[o + k] = joint.next_p + joint.tail.displacement;
      }
    }
    this.place(slot);
    return slot;
  }

  /** A slot for the joint positions `values`, whatever the proposals; forgets all others. */
  atPositions(values: ArrayLike<number>): number {
    this.clear();
    this.used = 1;
    this.cycle_of[0] = this.present;
    this.slot_of[this.present] = 0;
    for (let k = 0; k < this.joints.length; k++) this.q[k] = values[k];
    this.place(0);
    return 0;
  }

  /** Kinematics of the positions in `slot`. */
  private place(slot: number): void {
    this.computed++;
    const { bodies, model, R, p, q, nb } = this;
    const { parent, coordinate, multiplier, offset, axis, tree_R, tree_p, joint_type } = model;
    const first = nb * slot;
    const at_q = this.joints.length * slot;
    for (let i = 0; i < bodies.length; i++) {
      const b = bodies[i];
      const r = 9 * b;
      const t = 3 * b;
      const to = 9 * (first + b);
      const to_p = 3 * (first + b);
      const pa = parent[b];
      let m0 = tree_R[r];
      let m1 = tree_R[r + 1];
      let m2 = tree_R[r + 2];
      let m3 = tree_R[r + 3];
      let m4 = tree_R[r + 4];
      let m5 = tree_R[r + 5];
      let m6 = tree_R[r + 6];
      let m7 = tree_R[r + 7];
      let m8 = tree_R[r + 8];
      let px = tree_p[t];
      let py = tree_p[t + 1];
      let pz = tree_p[t + 2];
      if (pa >= 0) {
        const k = 9 * (first + pa);
        const kp = 3 * (first + pa);
        const p0 = R[k];
        const p1 = R[k + 1];
        const p2 = R[k + 2];
        const p3 = R[k + 3];
        const p4 = R[k + 4];
        const p5 = R[k + 5];
        const p6 = R[k + 6];
        const p7 = R[k + 7];
        const p8 = R[k + 8];
        const x = px;
        const y = py;
        const z = pz;
        px = p0 * x + p1 * y + p2 * z + p[kp];
        py = p3 * x + p4 * y + p5 * z + p[kp + 1];
        pz = p6 * x + p7 * y + p8 * z + p[kp + 2];
        const a0 = m0;
        const a1 = m1;
        const a2 = m2;
        const a3 = m3;
        const a4 = m4;
        const a5 = m5;
        const a6 = m6;
        const a7 = m7;
        const a8 = m8;
        m0 = p0 * a0 + p1 * a3 + p2 * a6;
        m1 = p0 * a1 + p1 * a4 + p2 * a7;
        m2 = p0 * a2 + p1 * a5 + p2 * a8;
        m3 = p3 * a0 + p4 * a3 + p5 * a6;
        m4 = p3 * a1 + p4 * a4 + p5 * a7;
        m5 = p3 * a2 + p4 * a5 + p5 * a8;
        m6 = p6 * a0 + p7 * a3 + p8 * a6;
        m7 = p6 * a1 + p7 * a4 + p8 * a7;
        m8 = p6 * a2 + p7 * a5 + p8 * a8;
      }
      const value = multiplier[b] * q[at_q + coordinate[b]] + offset[b];
      const ux = axis[t];
      const uy = axis[t + 1];
      const uz = axis[t + 2];
      if (joint_type[b] === 1) {
        px += (m0 * ux + m1 * uy + m2 * uz) * value;
        py += (m3 * ux + m4 * uy + m5 * uz) * value;
        pz += (m6 * ux + m7 * uy + m8 * uz) * value;
        R[to] = m0;
        R[to + 1] = m1;
        R[to + 2] = m2;
        R[to + 3] = m3;
        R[to + 4] = m4;
        R[to + 5] = m5;
        R[to + 6] = m6;
        R[to + 7] = m7;
        R[to + 8] = m8;
      } else {
        const c = Math.cos(value);
        const s = Math.sin(value);
        if (uz === 1) {
          R[to] = m0 * c + m1 * s;
          R[to + 1] = m1 * c - m0 * s;
          R[to + 2] = m2;
          R[to + 3] = m3 * c + m4 * s;
          R[to + 4] = m4 * c - m3 * s;
          R[to + 5] = m5;
          R[to + 6] = m6 * c + m7 * s;
          R[to + 7] = m7 * c - m6 * s;
          R[to + 8] = m8;
        } else {
          // Rodrigues: (1 − c) u uᵀ + c I + s [u]×
          const e = 1 - c;
          const r0 = e * ux * ux + c;
          const r1 = e * ux * uy - s * uz;
          const r2 = e * ux * uz + s * uy;
          const r3 = e * ux * uy + s * uz;
          const r4 = e * uy * uy + c;
          const r5 = e * uy * uz - s * ux;
          const r6 = e * ux * uz - s * uy;
          const r7 = e * uy * uz + s * ux;
          const r8 = e * uz * uz + c;
          R[to] = m0 * r0 + m1 * r3 + m2 * r6;
          R[to + 1] = m0 * r1 + m1 * r4 + m2 * r7;
          R[to + 2] = m0 * r2 + m1 * r5 + m2 * r8;
          R[to + 3] = m3 * r0 + m4 * r3 + m5 * r6;
          R[to + 4] = m3 * r1 + m4 * r4 + m5 * r7;
          R[to + 5] = m3 * r2 + m4 * r5 + m5 * r8;
          R[to + 6] = m6 * r0 + m7 * r3 + m8 * r6;
          R[to + 7] = m6 * r1 + m7 * r4 + m8 * r7;
          R[to + 8] = m6 * r2 + m7 * r5 + m8 * r8;
        }
      }
      p[to_p] = px;
      p[to_p + 1] = py;
      p[to_p + 2] = pz;
    }
  }
}
