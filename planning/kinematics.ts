import type { Pose } from '../contracts/index.ts';
import type { FrameModel, RobotModel } from '../dynamics/index.ts';

/**
 * Poses only, for the inner loops of search: forward kinematics of all bodies and of one tool frame, and that frame's
 * Jacobian. Owns its results; allocates nothing after construction. World = root link.
 */
export class PoseKinematics {
  readonly model: RobotModel;
  readonly tool: FrameModel;
  /** Pose of every body: rotation row-major 9 and position 3, 12·nb (m). */
  readonly bodies: Float64Array;
  /** Pose of the tool frame, 12. */
  readonly tool_pose = new Float64Array(12);
  /** Jacobian of the tool frame by the first `arm_joints` coordinates, world axes, linear over angular, 6×n row-major. */
  readonly jacobian: Float64Array;
  private readonly arm_joints: number;

  /** @param tool  name of a frame of the model */
  constructor(model: RobotModel, arm_joints: number, tool: string) {
    const frame = model.frames.find((candidate) => candidate.name === tool);
    if (frame === undefined || frame.body < 0) throw new RangeError(`frame ${tool} does not move with ${model.name}`);
    this.model = model;
    this.arm_joints = arm_joints;
    this.tool = frame;
    this.bodies = new Float64Array(12 * model.nb);
    this.jacobian = new Float64Array(6 * arm_joints);
  }

  /** Writes `bodies` and `tool_pose` for the coordinates that start at `offset` of q. */
  forward(q: Float64Array, offset = 0): void {
    const { model, bodies } = this;
    const { tree_R, tree_p, axis } = model;
    for (let b = 0; b < model.nb; b++) {
      const value = model.multiplier[b] * q[offset + model.coordinate[b]] + model.offset[b];
      const x = axis[3 * b];
      const y = axis[3 * b + 1];
      const z = axis[3 * b + 2];
      const t = 9 * b;
      const o = 12 * b;
      let l0 = tree_R[t];
      let l1 = tree_R[t + 1];
      let l2 = tree_R[t + 2];
      let l3 = tree_R[t + 3];
      let l4 = tree_R[t + 4];
      let l5 = tree_R[t + 5];
      let l6 = tree_R[t + 6];
      let l7 = tree_R[t + 7];
      let l8 = tree_R[t + 8];
      let px = tree_p[3 * b];
      let py = tree_p[3 * b + 1];
      let pz = tree_p[3 * b + 2];
      if (model.joint_type[b] === 1) {
        px += (l0 * x + l1 * y + l2 * z) * value;
        py += (l3 * x + l4 * y + l5 * z) * value;
        pz += (l6 * x + l7 * y + l8 * z) * value;
      } else {
        const s = Math.sin(value);
        const c = Math.cos(value);
        const k = 1 - c;
        const r0 = c + k * x * x;
        const r1 = k * x * y - s * z;
        const r2 = k * x * z + s * y;
        const r3 = k * x * y + s * z;
        const r4 = c + k * y * y;
        const r5 = k * y * z - s * x;
        const r6 = k * x * z - s * y;
        const r7 = k * y * z + s * x;
        const r8 = c + k * z * z;
        const m0 = l0 * r0 + l1 * r3 + l2 * r6;
        const m1 = l0 * r1 + l1 * r4 + l2 * r7;
        const m2 = l0 * r2 + l1 * r5 + l2 * r8;
        const m3 = l3 * r0 + l4 * r3 + l5 * r6;
        const m4 = l3 * r1 + l4 * r4 + l5 * r7;
        const m5 = l3 * r2 + l4 * r5 + l5 * r8;
        const m6 = l6 * r0 + l7 * r3 + l8 * r6;
        const m7 = l6 * r1 + l7 * r4 + l8 * r7;
        const m8 = l6 * r2 + l7 * r5 + l8 * r8;
        l0 = m0;
        l1 = m1;
        l2 = m2;
        l3 = m3;
        l4 = m4;
        l5 = m5;
        l6 = m6;
        l7 = m7;
        l8 = m8;
      }
      const p = 12 * model.parent[b];
      if (p >= 0) {
        const p0 = bodies[p];
        const p1 = bodies[p + 1];
        const p2 = bodies[p + 2];
        const p3 = bodies[p + 3];
        const p4 = bodies[p + 4];
        const p5 = bodies[p + 5];
        const p6 = bodies[p + 6];
        const p7 = bodies[p + 7];
        const p8 = bodies[p + 8];
        bodies[o] = p0 * l0 + p1 * l3 + p2 * l6;
        bodies[o + 1] = p0 * l1 + p1 * l4 + p2 * l7;
        bodies[o + 2] = p0 * l2 + p1 * l5 + p2 * l8;
        bodies[o + 3] = p3 * l0 + p4 * l3 + p5 * l6;
        bodies[o + 4] = p3 * l1 + p4 * l4 + p5 * l7;
        bodies[o + 5] = p3 * l2 + p4 * l5 + p5 * l8;
        bodies[o + 6] = p6 * l0 + p7 * l3 + p8 * l6;
        bodies[o + 7] = p6 * l1 + p7 * l4 + p8 * l7;
        bodies[o + 8] = p6 * l2 + p7 * l5 + p8 * l8;
        bodies[o + 9] = bodies[p + 9] + p0 * px + p1 * py + p2 * pz;
        bodies[o + 10] = bodies[p + 10] + p3 * px + p4 * py + p5 * pz;
        bodies[o + 11] = bodies[p + 11] + p6 * px + p7 * py + p8 * pz;
      } else {
        bodies[o] = l0;
        bodies[o + 1] = l1;
        bodies[o + 2] = l2;
        bodies[o + 3] = l3;
        bodies[o + 4] = l4;
        bodies[o + 5] = l5;
        bodies[o + 6] = l6;
        bodies[o + 7] = l7;
        bodies[o + 8] = l8;
        bodies[o + 9] = px;
        bodies[o + 10] = py;
        bodies[o + 11] = pz;
      }
    }
    composePose(bodies, 12 * this.tool.body, this.tool.R, this.tool.p, this.tool_pose, 0);
  }

  /** Writes `jacobian` at the coordinates of the last `forward`. Joints that do not carry the tool have zero columns. */
  computeJacobian(): void {
    const { model, bodies, jacobian, tool_pose, arm_joints: n } = this;
    jacobian.fill(0);
    for (let b = this.tool.body; b >= 0; b = model.parent[b]) {
      const c = model.coordinate[b];
      if (c >= n) continue;
      const o = 12 * b;
      const x = model.axis[3 * b];
      const y = model.axis[3 * b + 1];
      const z = model.axis[3 * b + 2];
      const k = model.multiplier[b];
      const ax = k * (bodies[o] * x + bodies[o + 1] * y + bodies[o + 2] * z);
      const ay = k * (bodies[o + 3] * x + bodies[o + 4] * y + bodies[o + 5] * z);
      const az = k * (bodies[o + 6] * x + bodies[o + 7] * y + bodies[o + 8] * z);
      if (model.joint_type[b] === 1) {
        jacobian[c] += ax;
        jacobian[n + c] += ay;
        jacobian[2 * n + c] += az;
        continue;
      }
      const dx = tool_pose[9] - bodies[o + 9];
      const dy = tool_pose[10] - bodies[o + 10];
      const dz = tool_pose[11] - bodies[o + 11];
      jacobian[c] += ay * dz - az * dy;
      jacobian[n + c] += az * dx - ax * dz;
      jacobian[2 * n + c] += ax * dy - ay * dx;
      jacobian[3 * n + c] += ax;
      jacobian[4 * n + c] += ay;
      jacobian[5 * n + c] += az;
    }
  }
}

/** T_world_child = T_world_parent · T_parent_child, all rotation row-major 9 and position 3. */
export function composePose(
  parent: Float64Array,
  parent_at: number,
  R: ArrayLike<number>,
  p: ArrayLike<number>,
  out: Float64Array,
  at: number,
): void {
  for (let r = 0; r < 3; r++) {
    const a = parent[parent_at + 3 * r];
    const b = parent[parent_at + 3 * r + 1];
    const c = parent[parent_at + 3 * r + 2];
    out[at + 3 * r] = a * R[0] + b * R[3] + c * R[6];
    out[at + 3 * r + 1] = a * R[1] + b * R[4] + c * R[7];
    out[at + 3 * r + 2] = a * R[2] + b * R[5] + c * R[8];
    out[at + 9 + r] = a * p[0] + b * p[1] + c * p[2] + parent[parent_at + 9 + r];
  }
}

/** Rotation row-major 9 and position 3 of a pose given by quaternion. */
export function writePose(pose: Pose, out: Float64Array, at: number): void {
  const [x, y, z, w] = pose.orientation;
  out[at] = 1 - 2 * (y * y + z * z);
  out[at + 1] = 2 * (x * y - w * z);
  out[at + 2] = 2 * (x * z + w * y);
  out[at + 3] = 2 * (x * y + w * z);
  out[at + 4] = 1 - 2 * (x * x + z * z);
  out[at + 5] = 2 * (y * z - w * x);
  out[at + 6] = 2 * (x * z - w * y);
  out[at + 7] = 2 * (y * z + w * x);
  out[at + 8] = 1 - 2 * (x * x + y * y);
  for (let k = 0; k < 3; k++) out[at + 9 + k] = pose.position[k];
}
