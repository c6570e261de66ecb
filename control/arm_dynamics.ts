import { InputError } from '../contracts/index.ts';
import {
  choleskyFactor,
  crba,
  forwardKinematics,
  frameIndex,
  frameJacobian,
  framePose,
  GRAVITY,
  RobotData,
  type RobotModel,
  rnea,
} from '../dynamics/index.ts';
import { type Payload, type Robot, withPayload } from '../robots/index.ts';

/** Inertia that stands for a coordinate that the arm's controllers do not move (kg m²). */
const LOCKED = 1e12;

/**
 * What torque controllers of an arm know of it in one cycle: bias torques, inertia, and its tool's pose, twist and
 * Jacobian. Coordinates beyond the arm (fingers) count as locked. One object may serve several controllers; nothing is
 * allocated but by `setPayload`.
 */
export class ArmDynamics {
  readonly robot: Robot;
  readonly joints: number;
  readonly data: RobotData;
  /** Written by update: Coriolis, centrifugal and gravity torques, nq (Nm). */
  readonly bias: Float64Array;
  /** Written by update: T_base_tool, rotation row-major and position (m), 12. */
  readonly pose = new Float64Array(12);
  /** Written by updateTool: 6×nq in root axes, linear rows over angular rows; zero for coordinates beyond the arm. */
  readonly J: Float64Array;
  /** Written by updateTool: velocity of the tool's origin and angular velocity, root axes (m/s, rad/s). */
  readonly twist = new Float64Array(6);
  private current: RobotModel;
  private readonly frame: number;
  private readonly locked: Float64Array;

  /** @param frame  link frame that is the tool; throws InputError where no joint moves it */
  constructor(robot: Robot, frame: string = robot.tcp_frame) {
    const { model, arm_joints } = robot;
    this.robot = robot;
    this.joints = arm_joints;
    this.current = model;
    this.data = new RobotData(model);
    this.bias = new Float64Array(model.nq);
    this.J = new Float64Array(6 * model.nq);
    this.frame = frameIndex(model, frame);
    this.locked = Float64Array.from({ length: model.nq }, (_, i) => (i < arm_joints ? 0 : LOCKED));
    if (this.frame < 0 || model.frames[this.frame].body < 0) {
      throw new InputError(`tool frame ${frame} of ${robot.name}`, 'must be a link that a joint moves');
    }
  }

  /** The robot's model, with its payload if it has one. */
  get model(): RobotModel {
    return this.current;
  }

  /** Number of coordinates, fingers included. */
  get nq(): number {
    return this.current.nq;
  }

  /** What the tool carries from now on, null for nothing. Allocates; throws InputError for what no body is. */
  setPayload(payload: Payload | null): void {
    this.current = payload === null ? this.robot.model : withPayload(this.robot, payload).model;
  }

  /** At the measured state, nq each (rad, rad/s): fills bias and pose. */
  update(q: Float64Array, v: Float64Array): void {
    const { current, data } = this;
    forwardKinematics(current, data, q);
    rnea(current, data, v, null, this.bias);
    framePose(current, data, this.frame, this.pose);
  }

  /** After update: fills data.M and its factor, data.L. */
  updateInertia(): void {
    crba(this.current, this.data);
    choleskyFactor(this.data, this.locked);
  }

  /** After update: fills J and twist. */
  updateTool(v: Float64Array): void {
    const { J, twist, joints } = this;
    const { nq } = this.current;
    frameJacobian(this.current, this.data, this.frame, J);
    for (let r = 0; r < 6; r++) {
      let sum = 0;
      for (let i = 0; i < joints; i++) sum += J[r * nq + i] * v[i];
      for (let i = joints; i < nq; i++) J[r * nq + i] = 0;
      twist[r] = sum;
    }
  }

  /** After update and updateTool: J̇ q̇, the tool's acceleration at unaccelerated joints, root axes, into `out` (6). */
  toolBiasAcceleration(out: Float64Array): void {
    const { data, pose, twist } = this;
    const b = 6 * this.current.frames[this.frame].body;
    const { a } = data;
    const x = pose[9];
    const y = pose[10];
    const z = pose[11];
    const wx = twist[3];
    const wy = twist[4];
    const wz = twist[5];
    // Inverse dynamics accelerates the root against gravity, which is no part of the motion.
    out[0] = a[b + 3] + GRAVITY[0] + a[b + 1] * z - a[b + 2] * y + wy * twist[2] - wz * twist[1];
    out[1] = a[b + 4] + GRAVITY[1] + a[b + 2] * x - a[b] * z + wz * twist[0] - wx * twist[2];
    out[2] = a[b + 5] + GRAVITY[2] + a[b] * y - a[b + 1] * x + wx * twist[1] - wy * twist[0];
    out[3] = a[b];
    out[4] = a[b + 1];
    out[5] = a[b + 2];
  }
}
