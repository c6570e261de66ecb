import { frameIndex, frameJacobian, framePose, placeBodies, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Pose and Jacobian of the tool frame at one position of the arm. The rest of the robot stands as at home. */
export class ToolKinematics {
  readonly data: RobotData;
  /** T_base_tool: rotation row-major 9 and position 3 (m). */
  readonly pose = new Float64Array(12);
  /** 6×nq row-major, linear rows over angular, axes of the root link. */
  readonly J: Float64Array;
  readonly nq: number;
  private readonly robot: Robot;
  private readonly frame: number;
  private readonly q: Float64Array;

  constructor(robot: Robot) {
    const { model } = robot;
    this.robot = robot;
    this.nq = model.nq;
    this.data = new RobotData(model);
    this.frame = frameIndex(model, robot.tcp_frame);
    this.q = robot.home_q.slice();
    this.J = new Float64Array(6 * model.nq);
  }

  /** Places the arm at `q` (rad) moved on by `step_s` of `velocity` (rad/s). */
  place(q: Float64Array, velocity: Float64Array, step_s: number): void {
    const { robot, data } = this;
    for (let i = 0; i < robot.arm_joints; i++) this.q[i] = q[i] + step_s * velocity[i];
    placeBodies(robot.model, data, this.q, robot.model.nb);
    framePose(robot.model, data, this.frame, this.pose);
    frameJacobian(robot.model, data, this.frame, this.J);
  }

  /** The Jacobian in the axes of `R` (row-major), angular rows times `length_m`: the rows that are not left out, n each. */
  writeTask(R: Float64Array, left_out: Uint8Array, length_m: number, out: Float64Array): number {
    const { J, nq } = this;
    const n = this.robot.arm_joints;
    let rows = 0;
    for (let d = 0; d < 6; d++) {
      if (left_out[d] !== 0) continue;
      const block = d < 3 ? 0 : 3 * nq;
      const axis = d % 3;
      const scale = d < 3 ? 1 : length_m;
      const x = scale * R[axis];
      const y = scale * R[3 + axis];
      const z = scale * R[6 + axis];
      for (let k = 0; k < n; k++) {
        out[rows * n + k] = x * J[block + k] + y * J[block + nq + k] + z * J[block + 2 * nq + k];
      }
      rows++;
    }
    return rows;
  }
}
