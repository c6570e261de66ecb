import { InputError } from '../../contracts/index.ts';
import { frameIndex, framePoint, placeBodies, RobotData } from '../../dynamics/index.ts';
import { fingertipReach, IkSolver, TABLE_WORKCELL, type Workcell } from '../../planning/index.ts';
import type { Robot } from '../../robots/index.ts';
import { ToolTarget } from './tool_target.ts';

/** What a full action asks for: speeds of the tool, of its yaw and of every joint. */
export const ACTION_SPEEDS = { tool_m_s: 0.5, yaw_rad_s: 2.5, joint_rad_s: 1 } as const;
/** A target may run ahead of the arm by what so many full actions ask for. */
const LEASH_STEPS = 4;
/** Least distance of the fingertips from the table that a target may have (m). */
const TIP_CLEARANCE_M = 0.002;

export type ActionKind = 'joint' | 'ee_delta';

/** Turns actions of −1..1 into joint targets: every action moves the target on from where it was. */
export interface ActionMap {
  /** One name for each entry of an action. */
  readonly names: readonly string[];
  /** Starts with the arm at rest at `q` (rad). */
  reset(q: Float64Array): void;
  /**
   * @param action  its entries from `offset`; used as if clamped to −1..1
   * @param q_sent  joint positions last sent to the arm (rad)
   * @param target  joint target (rad), moved on in place
   */
  apply(action: ArrayLike<number>, offset: number, q_sent: Float64Array, target: Float64Array): void;
}

/** @param period_s  time between two actions */
export function createActionMap(kind: ActionKind, robot: Robot, period_s: number): ActionMap {
  switch (kind) {
    case 'joint':
      return new JointActions(robot, period_s);
    case 'ee_delta':
      return new ToolActions(robot, period_s);
  }
}

/** One name for each entry of an action of a kind. */
export function actionNames(kind: ActionKind, { arm_joints, model }: Robot): readonly string[] {
  return kind === 'joint' ? [...model.joint_names.slice(0, arm_joints), 'gripper'] : TOOL_ACTIONS;
}

const TOOL_ACTIONS = ['dx', 'dy', 'dz', 'dyaw', 'gripper'] as const;

/** Throws InputError naming the entry of an action that is not a number. */
export function checkActions(actions: Float32Array, size: number): void {
  for (let i = 0; i < actions.length; i++) {
    if (Number.isFinite(actions[i])) continue;
    throw new InputError(
      `action[${i % size}] = ${actions[i]} of environment ${Math.floor(i / size)}`,
      'must be a finite number, used within −1..1',
    );
  }
}

/** Joint targets moved by a full action as far as 1 rad/s goes; the tool is kept off the table. */
class JointActions implements ActionMap {
  readonly names: readonly string[];
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly step_rad: number;
  private readonly least_z_m: number;
  private readonly full: Float64Array;
  private readonly wanted: Float64Array;
  private readonly tool = new Float64Array(3);

  constructor(robot: Robot, period_s: number) {
    const n = robot.arm_joints;
    this.robot = robot;
    this.names = actionNames('joint', robot);
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    this.step_rad = ACTION_SPEEDS.joint_rad_s * period_s;
    this.least_z_m = leastToolHeight(robot, TABLE_WORKCELL);
    this.full = robot.home_q.slice();
    this.wanted = new Float64Array(n);
  }

  reset(): void {}

  apply(action: ArrayLike<number>, offset: number, q_sent: Float64Array, target: Float64Array): void {
    const { wanted, step_rad, robot } = this;
    const { position_lower, position_upper } = robot.limits;
    const leash = LEASH_STEPS * step_rad;
    for (let j = 0; j < wanted.length; j++) {
      const next = target[j] + step_rad * unit(action[offset + j]);
      const near = clamp(next, q_sent[j] - leash, q_sent[j] + leash);
      wanted[j] = clamp(near, position_lower[j] + LIMIT_MARGIN_RAD, position_upper[j] - LIMIT_MARGIN_RAD);
    }
    const z = this.height(wanted);
    if (z < this.least_z_m) {
      const before = this.height(target);
      // To the table and no farther; the height is nearly linear over one step.
      const part = z < before ? clamp((before - this.least_z_m) / (before - z), 0, 1) : 1;
      for (let j = 0; j < wanted.length; j++) wanted[j] = target[j] + part * (wanted[j] - target[j]);
    }
    target.set(wanted);
  }

  /** Height of the tool's origin above the base, m. */
  private height(q: Float64Array): number {
    const { model } = this.robot;
    this.full.set(q);
    placeBodies(model, this.data, this.full, model.nb);
    framePoint(model, this.data, this.frame, this.tool, 0);
    return this.tool[2];
  }
}

/** A target of the tool, pointing down, moved by a full action as far as 0.5 m/s and 2.5 rad/s of yaw go. */
class ToolActions implements ActionMap {
  readonly names = TOOL_ACTIONS;
  private readonly target: ToolTarget;
  private readonly ik: IkSolver;
  private readonly period_s: number;
  /** Joint target as the last action left it (rad). */
  private readonly left: Float64Array;

  constructor(robot: Robot, period_s: number) {
    this.period_s = period_s;
    this.left = new Float64Array(robot.arm_joints);
    this.target = new ToolTarget(robot, TABLE_WORKCELL, leastToolHeight(robot, TABLE_WORKCELL), {
      tool_m: LEASH_STEPS * ACTION_SPEEDS.tool_m_s * period_s,
      yaw_rad: LEASH_STEPS * ACTION_SPEEDS.yaw_rad_s * period_s,
    });
    this.ik = new IkSolver(robot, {
      position_tolerance_m: 1e-5,
      rotation_tolerance_rad: 1e-4,
      max_iterations: 12,
      max_restarts: 0,
      limit_margin_rad: LIMIT_MARGIN_RAD,
    });
  }

  reset(q: Float64Array): void {
    this.left.set(q);
    this.target.reset(q);
  }

  apply(action: ArrayLike<number>, offset: number, q_sent: Float64Array, target: Float64Array): void {
    const { period_s, ik } = this;
    const step_m = ACTION_SPEEDS.tool_m_s * period_s;
    // A target that gave way to what holds the arm is where the next action moves on from.
    if (!this.isLeft(target)) this.target.reset(target);
    this.target.move(
      step_m * unit(action[offset]),
      step_m * unit(action[offset + 1]),
      step_m * unit(action[offset + 2]),
      ACTION_SPEEDS.yaw_rad_s * period_s * unit(action[offset + 3]),
      q_sent,
    );
    const result = ik.solve(this.target.pose, target, null, HOME_GAIN);
    target.set(result.q);
    this.left.set(result.q);
    // Out of reach: the nearest pose becomes the target, so that the way back begins at once.
    if (!result.ok) this.target.reset(result.q);
  }

  private isLeft(target: Float64Array): boolean {
    for (let j = 0; j < target.length; j++) if (target[j] !== this.left[j]) return false;
    return true;
  }
}

const LIMIT_MARGIN_RAD = 0.02;
/** Draws the spare freedom towards the home posture, slowly beside the motion of the tool. */
const HOME_GAIN = 0.02;

/** Least height of the tool's origin at which the fingertips stay off the table (m). */
function leastToolHeight(robot: Robot, workcell: Workcell): number {
  return workcell.table_top_m + fingertipReach(robot) + TIP_CLEARANCE_M;
}

function unit(value: number): number {
  return clamp(value, -1, 1);
}

function clamp(value: number, lower: number, upper: number): number {
  return value < lower ? lower : value > upper ? upper : value;
}
