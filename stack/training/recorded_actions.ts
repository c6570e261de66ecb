import { InputError } from '../../contracts/index.ts';
import { frameIndex, framePose, placeBodies, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { ACTION_SPEEDS } from '../env/actions.ts';
import { closingYaw } from '../env/tool_target.ts';
import type { RecordedCommands } from '../replay/recorded_commands.ts';

/** Of a full action: the arm runs after its target, and has to keep up with what was faster. */
const SHARE = 0.8;
/** Where the target counts as having come to what was recorded. */
const NEAR = { tool_m: 1e-4, yaw_rad: 1e-3 } as const;
/** Steps at rest before the fingers begin to move, for the arm to arrive. */
const SETTLING_STEPS = 8;
/** Widths asked for that differ by less than this are one (m). */
const SAME_WIDTH_M = 1e-3;
/** Greatest angle of the tool from straight down (rad), which is all that actions can say. */
const MOST_TILT_RAD = 0.15;
const WIDTH = 5;

/**
 * What an arm was told as actions `ee_delta` (rows of dx, dy, dz, dyaw, gripper) at a policy's rate: the tool's target goes
 * the recorded way, in more time where the arm was told to go faster than full actions do.
 *
 * @param from_s  where in the recording it begins
 * @throws InputError if the tool is tilted, there is no gripper, or more than `most_steps` are needed
 */
export function recordedActions(
  commands: RecordedCommands,
  robot: Robot,
  {
    period_s,
    from_s,
    most_steps,
    where,
  }: {
    readonly period_s: number;
    readonly from_s: number;
    readonly most_steps: number;
    readonly where: string;
  },
): Float32Array {
  const { time_s, gripper_width_m } = commands;
  const { gripper } = robot;
  if (gripper === null || gripper_width_m.length !== time_s.length)
    throw new InputError(`${where}: no commands of a gripper`, 'those of arm and fingers');
  const first = time_s.findIndex((time) => time >= from_s);
  if (first < 0) throw new InputError(`${where}: from_s ${from_s}`, `before its end, ${time_s[time_s.length - 1]} s`);
  const tool = new ToolPath(commands, robot, where);
  const [step_m, step_rad] = [SHARE * ACTION_SPEEDS.tool_m_s * period_s, SHARE * ACTION_SPEEDS.yaw_rad_s * period_s];
  const target = tool.home();
  const goal = new Float64Array(4);
  const actions: number[] = [];
  let width = gripper.max_width_m;
  let settled = SETTLING_STEPS;
  const last = time_s.length - 1;
  for (let row = first, due_s = time_s[first]; ; ) {
    tool.at(row, goal);
    const grips = () => Math.abs(gripper_width_m[row] - width) > SAME_WIDTH_M;
    if (!grips()) settled = Math.max(0, settled - 1);
    else if (near(target, goal)) {
      if (settled === SETTLING_STEPS) width = gripper_width_m[row];
      else settled++;
    }
    for (let k = 0; k < 4; k++) {
      const step = k < 3 ? step_m : step_rad;
      const left = k < 3 ? goal[k] - target[k] : turn(goal[k] - target[k]);
      const moved = Math.min(step, Math.max(-step, left));
      target[k] += moved;
      actions.push((SHARE * moved) / step);
    }
    actions.push(Math.min(1, (2 * width) / gripper.max_width_m - 1));
    if (actions.length > most_steps * WIDTH)
      throw new InputError(`${where}: more than ${most_steps} steps`, 'an episode no longer than its task gives time');
    if (grips() || !near(target, goal)) continue;
    if (row === last) return Float32Array.from(actions);
    due_s = Math.max(due_s, time_s[row]) + period_s;
    while (row < last && time_s[row] < due_s - 1e-9) row++;
  }
}

function near(target: Float64Array, goal: Float64Array): boolean {
  const far = Math.hypot(goal[0] - target[0], goal[1] - target[1], goal[2] - target[2]);
  return far < NEAR.tool_m && Math.abs(turn(goal[3] - target[3])) < NEAR.yaw_rad;
}

/** An angle of turning, −π to π. */
function turn(angle_rad: number): number {
  return angle_rad - 2 * Math.PI * Math.round(angle_rad / (2 * Math.PI));
}

/** Where the tool was told to be: position (m) and yaw (rad), row by row. */
class ToolPath {
  private readonly commands: RecordedCommands;
  private readonly robot: Robot;
  private readonly where: string;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly q: Float64Array;
  private readonly pose = new Float64Array(12);

  constructor(commands: RecordedCommands, robot: Robot, where: string) {
    this.commands = commands;
    this.robot = robot;
    this.where = where;
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    this.q = robot.home_q.slice();
  }

  /** Where episodes begin. */
  home(): Float64Array {
    this.q.set(this.robot.home_q);
    const out = new Float64Array(4);
    this.locate(out);
    return out;
  }

  at(row: number, out: Float64Array): void {
    const { arm_joints: n } = this.robot;
    this.q.set(this.commands.position.subarray(row * n, (row + 1) * n));
    this.locate(out);
    const tilt = Math.acos(Math.min(1, Math.max(-1, -this.pose[8])));
    if (tilt > MOST_TILT_RAD)
      throw new InputError(
        `${this.where}: tool tilted by ${((tilt * 180) / Math.PI).toFixed(0)} degrees at ${this.commands.time_s[row].toFixed(2)} s`,
        'pointing down all the time, as actions ee_delta have it',
      );
  }

  private locate(out: Float64Array): void {
    const { model } = this.robot;
    placeBodies(model, this.data, this.q, model.nb);
    framePose(model, this.data, this.frame, this.pose);
    for (let k = 0; k < 3; k++) out[k] = this.pose[9 + k];
    out[3] = closingYaw(this.pose);
  }
}
