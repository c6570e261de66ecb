import { InputError } from '../../contracts/index.ts';
import { frameIndex } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';

/**
 * The arm from the root link to one frame as a chain of one-axis joints, every joint's axis the z axis of its own frame;
 * joints beyond the arm's are held at the home pose. Forward kinematics and Jacobian of this frame alone, several times
 * as fast as those of the whole tree. Root axes, m and rad.
 */
export class SerialChain {
  /** Joints of the arm, all of them: the length of q. */
  readonly n: number;
  /** Joints on the way to the frame. */
  readonly count: number;
  /** Arm joint that moves chain joint k, and joint value = multiplier · q + offset. */
  readonly coordinate: Int32Array;
  readonly multiplier: Float64Array;
  readonly offset: Float64Array;
  readonly prismatic: Uint8Array;
  /** Written by place: pose of the frame, rotation row-major 9 and position 3 (m). */
  readonly tool = new Float64Array(12);
  /** Written by place: joint axes and points on them, 3·count. */
  readonly axes: Float64Array;
  readonly points: Float64Array;
  /** Written by differentiate: 6×n row-major, linear rows over angular rows. */
  readonly J: Float64Array;
  /** From the previous joint's frame to this one's at zero, and from the last to the frame: 12 numbers each. */
  private readonly links: Float64Array;

  /** Throws InputError when the robot has no such frame or no joint of the arm moves it. */
  constructor(robot: Robot, frame: string = robot.tcp_frame) {
    const { model, arm_joints, home_q } = robot;
    const index = frameIndex(model, frame);
    if (index < 0) {
      const names = model.frames.map(({ name }) => name).join(', ');
      throw new InputError(`frame ${frame} of ${robot.name}`, `must be one of ${names}`);
    }
    const bodies: number[] = [];
    for (let b = model.frames[index].body; b >= 0; b = model.parent[b]) bodies.unshift(b);
    const moving = bodies.filter((b) => model.coordinate[b] < arm_joints);
    if (moving.length === 0) {
      throw new InputError(`frame ${frame} of ${robot.name}`, 'must be moved by a joint of the arm');
    }
    this.n = arm_joints;
    this.count = moving.length;
    this.coordinate = Int32Array.from(moving, (b) => model.coordinate[b]);
    this.multiplier = Float64Array.from(moving, (b) => model.multiplier[b]);
    this.offset = Float64Array.from(moving, (b) => model.offset[b]);
    this.prismatic = Uint8Array.from(moving, (b) => model.joint_type[b]);
    this.axes = new Float64Array(3 * this.count);
    this.points = new Float64Array(3 * this.count);
    this.J = new Float64Array(6 * arm_joints);
    this.links = new Float64Array(12 * (this.count + 1));
    let T = IDENTITY;
    let k = 0;
    for (const b of bodies) {
      const axis = model.axis.subarray(3 * b, 3 * b + 3);
      T = compose(T, poseOf(model.tree_R.subarray(9 * b, 9 * b + 9), model.tree_p.subarray(3 * b, 3 * b + 3)));
      const toAxis = zTo(axis);
      T = compose(T, poseOf(toAxis, [0, 0, 0]));
      if (model.coordinate[b] < arm_joints) {
        this.links.set(T, 12 * k++);
        T = IDENTITY;
      } else {
        const value = model.multiplier[b] * home_q[model.coordinate[b]] + model.offset[b];
        T = compose(T, model.joint_type[b] === 0 ? poseOf(aboutZ(value), [0, 0, 0]) : poseOf(EYE, [0, 0, value]));
      }
      // the way back from the axis belongs to the next link
      T = compose(T, poseOf(transpose(toAxis), [0, 0, 0]));
    }
    const { R, p } = model.frames[index];
    this.links.set(compose(T, poseOf(R, p)), 12 * k);
  }

  /** Places the chain at arm joints q (from `at`): fills tool, axes and points. */
  place(q: Float64Array, at = 0): void {
    const { count, links, coordinate, multiplier, offset, prismatic, axes, points, tool } = this;
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
    for (let k = 0; k <= count; k++) {
      const o = 12 * k;
      const c0 = links[o];
      const c1 = links[o + 1];
      const c2 = links[o + 2];
      const c3 = links[o + 3];
      const c4 = links[o + 4];
      const c5 = links[o + 5];
      const c6 = links[o + 6];
      const c7 = links[o + 7];
      const c8 = links[o + 8];
      const dx = links[o + 9];
      const dy = links[o + 10];
      const dz = links[o + 11];
      x += r0 * dx + r1 * dy + r2 * dz;
      y += r3 * dx + r4 * dy + r5 * dz;
      z += r6 * dx + r7 * dy + r8 * dz;
      const m0 = r0 * c0 + r1 * c3 + r2 * c6;
      const m1 = r0 * c1 + r1 * c4 + r2 * c7;
      const m3 = r3 * c0 + r4 * c3 + r5 * c6;
      const m4 = r3 * c1 + r4 * c4 + r5 * c7;
      const m6 = r6 * c0 + r7 * c3 + r8 * c6;
      const m7 = r6 * c1 + r7 * c4 + r8 * c7;
      r2 = r0 * c2 + r1 * c5 + r2 * c8;
      r5 = r3 * c2 + r4 * c5 + r5 * c8;
      r8 = r6 * c2 + r7 * c5 + r8 * c8;
      if (k === count) {
        r0 = m0;
        r1 = m1;
        r3 = m3;
        r4 = m4;
        r6 = m6;
        r7 = m7;
        break;
      }
      const value = multiplier[k] * q[at + coordinate[k]] + offset[k];
      axes[3 * k] = r2;
      axes[3 * k + 1] = r5;
      axes[3 * k + 2] = r8;
      points[3 * k] = x;
      points[3 * k + 1] = y;
      points[3 * k + 2] = z;
      if (prismatic[k] === 1) {
        x += r2 * value;
        y += r5 * value;
        z += r8 * value;
        r0 = m0;
        r1 = m1;
        r3 = m3;
        r4 = m4;
        r6 = m6;
        r7 = m7;
      } else {
        const c = Math.cos(value);
        const s = Math.sin(value);
        r0 = m0 * c + m1 * s;
        r1 = m1 * c - m0 * s;
        r3 = m3 * c + m4 * s;
        r4 = m4 * c - m3 * s;
        r6 = m6 * c + m7 * s;
        r7 = m7 * c - m6 * s;
      }
    }
    tool[0] = r0;
    tool[1] = r1;
    tool[2] = r2;
    tool[3] = r3;
    tool[4] = r4;
    tool[5] = r5;
    tool[6] = r6;
    tool[7] = r7;
    tool[8] = r8;
    tool[9] = x;
    tool[10] = y;
    tool[11] = z;
  }

  /** Jacobian of the frame's origin, after place: fills J. */
  differentiate(): void {
    const { n, count, coordinate, multiplier, prismatic, axes, points, tool, J } = this;
    J.fill(0);
    for (let k = 0; k < count; k++) {
      const j = coordinate[k];
      const m = multiplier[k];
      const wx = m * axes[3 * k];
      const wy = m * axes[3 * k + 1];
      const wz = m * axes[3 * k + 2];
      if (prismatic[k] === 1) {
        J[j] += wx;
        J[n + j] += wy;
        J[2 * n + j] += wz;
        continue;
      }
      const dx = tool[9] - points[3 * k];
      const dy = tool[10] - points[3 * k + 1];
      const dz = tool[11] - points[3 * k + 2];
      J[j] += wy * dz - wz * dy;
      J[n + j] += wz * dx - wx * dz;
      J[2 * n + j] += wx * dy - wy * dx;
      J[3 * n + j] += wx;
      J[4 * n + j] += wy;
      J[5 * n + j] += wz;
    }
  }
}

const EYE: readonly number[] = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const IDENTITY: readonly number[] = [...EYE, 0, 0, 0];

function poseOf(R: ArrayLike<number>, p: ArrayLike<number>): number[] {
  return [...Array.from(R), ...Array.from(p)];
}

/** T_a_b T_b_c, rotation row-major 9 and position 3. */
function compose(a: readonly number[], b: readonly number[]): number[] {
  const out = new Array<number>(12);
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++) out[3 * r + c] = a[3 * r] * b[c] + a[3 * r + 1] * b[3 + c] + a[3 * r + 2] * b[6 + c];
    out[9 + r] = a[9 + r] + a[3 * r] * b[9] + a[3 * r + 1] * b[10] + a[3 * r + 2] * b[11];
  }
  return out;
}

const transpose = (R: readonly number[]): number[] => [R[0], R[3], R[6], R[1], R[4], R[7], R[2], R[5], R[8]];

const aboutZ = (a: number): number[] => [Math.cos(a), -Math.sin(a), 0, Math.sin(a), Math.cos(a), 0, 0, 0, 1];

/** A rotation that brings z to a unit axis. */
function zTo(axis: ArrayLike<number>): number[] {
  const [x, y, z] = [axis[0], axis[1], axis[2]];
  if (z > 1 - 1e-15) return [...EYE];
  // the least of the axis' components leaves the cross product long
  const helper = Math.abs(x) <= Math.abs(y) ? [1, 0, 0] : [0, 1, 0];
  const ux = helper[1] * z;
  const uy = -helper[0] * z;
  const uz = helper[0] * y - helper[1] * x;
  const length = Math.hypot(ux, uy, uz);
  const [a, b, c] = [ux / length, uy / length, uz / length];
  return [a, y * c - z * b, x, b, z * a - x * c, y, c, x * b - y * a, z];
}
