import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Where a robot's tool frame is in the root link's frame. */
export class ToolPoint {
  /** Rotation row-major 9, then position 3 (m), of the last `place`. */
  readonly pose = new Float64Array(12);
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly frame: number;

  constructor(robot: Robot) {
    this.robot = robot;
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
  }

  /** Computes `pose` for joint positions (nq); false where there are not as many. */
  place(q: Float64Array): boolean {
    const { model } = this.robot;
    if (q.length !== model.nq) return false;
    forwardKinematics(model, this.data, q);
    framePose(model, this.data, this.frame, this.pose);
    return true;
  }

  /** Its origin for joint positions, m; null where there are not as many as joints. */
  at(q: Float64Array): readonly number[] | null {
    return this.place(q) ? [...this.pose.subarray(9)] : null;
  }
}
