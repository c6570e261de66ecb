import { frameIndex, framePose, placeBodies, RobotData } from '../../dynamics/index.ts';
import { toolDown, type Workcell } from '../../planning/index.ts';
import type { Robot } from '../../robots/index.ts';

/** Target pose of a tool that points down: a position and a yaw that move on from where they were. */
export class ToolTarget {
  /** Rotation row-major 9 and position 3 (m), frame world. */
  readonly pose: Float64Array;
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly lower: readonly number[];
  private readonly upper: readonly number[];
  private readonly leash: { readonly tool_m: number; readonly yaw_rad: number };
  private readonly full: Float64Array;
  private readonly sent = new Float64Array(12);
  private readonly yaw = new Float64Array(1);

  /** @param leash  how far the target may be from where the arm is sent */
  constructor(
    robot: Robot,
    workcell: Workcell,
    least_z_m: number,
    leash: { readonly tool_m: number; readonly yaw_rad: number },
  ) {
    const [x, y, z] = workcell.tool_lower_m;
    this.robot = robot;
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    this.lower = [x, y, Math.max(z, least_z_m)];
    this.upper = workcell.tool_upper_m;
    this.leash = leash;
    this.full = robot.home_q.slice();
    this.pose = toolDown(0, 0, 0, 0);
  }

  /** The tool's place and yaw at arm joints `q` (rad). */
  reset(q: Float64Array): void {
    const { pose, sent } = this;
    this.locate(q);
    for (let k = 9; k < 12; k++) pose[k] = sent[k];
    this.turnTo(closingYaw(sent));
  }

  /** Moves on by metres along the world's axes and radians of yaw, no farther than the leash from `q_sent` (rad). */
  move(dx_m: number, dy_m: number, dz_m: number, dyaw_rad: number, q_sent: Float64Array): void {
    const { pose, sent, leash, lower, upper, yaw } = this;
    this.locate(q_sent);
    let x = pose[9] + dx_m - sent[9];
    let y = pose[10] + dy_m - sent[10];
    let z = pose[11] + dz_m - sent[11];
    const ahead = Math.sqrt(x * x + y * y + z * z);
    const part = ahead > leash.tool_m ? leash.tool_m / ahead : 1;
    x = sent[9] + part * x;
    y = sent[10] + part * y;
    z = sent[11] + part * z;
    pose[9] = clamp(x, lower[0], upper[0]);
    pose[10] = clamp(y, lower[1], upper[1]);
    pose[11] = clamp(z, lower[2], upper[2]);
    const at = closingYaw(sent);
    const turn = Math.PI * 2;
    const difference = yaw[0] + dyaw_rad - at;
    const nearest = difference - turn * Math.round(difference / turn);
    this.turnTo(at + clamp(nearest, -leash.yaw_rad, leash.yaw_rad));
  }

  private locate(q: Float64Array): void {
    const { model } = this.robot;
    this.full.set(q);
    placeBodies(model, this.data, this.full, model.nb);
    framePose(model, this.data, this.frame, this.sent);
  }

  private turnTo(yaw_rad: number): void {
    const { pose } = this;
    this.yaw[0] = yaw_rad;
    const c = Math.cos(yaw_rad);
    const s = Math.sin(yaw_rad);
    pose[0] = -s;
    pose[1] = c;
    pose[3] = c;
    pose[4] = s;
  }
}

/** Direction of a tool's y axis, along which its fingers close, in the table's plane (rad). */
export function closingYaw(R: ArrayLike<number>): number {
  return Math.atan2(R[4], R[1]);
}

function clamp(value: number, lower: number, upper: number): number {
  return value < lower ? lower : value > upper ? upper : value;
}
