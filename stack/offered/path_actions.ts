import { frameIndex, framePose, placeBodies, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { ACTION_SPEEDS, type ActionKind } from '../env/actions.ts';
import { wrapAngle } from '../env/expert/grasp_choice.ts';
import { closingYaw } from '../env/tool_target.ts';

/** A tool that is tilted by more than this is where no action of the tool leads (cosine of 6°). */
const UPRIGHT = Math.cos((6 * Math.PI) / 180);

/** A place on the path of an arm's target: joints (rad), and the tool frame there, rotation row-major 9, position 3 (m). */
export interface PathPlace {
  readonly q: Float64Array;
  readonly tool: Float64Array;
  /** Width that the fingers are sent to (m). */
  width_m: number;
}

/** The actions that move an arm's target along a path: the inverse of an action map. Nothing is allocated. */
export class PathActions {
  private readonly robot: Robot;
  private readonly kind: ActionKind;
  private readonly period_s: number;
  private readonly data: RobotData;
  private readonly frame: number;
  private readonly full: Float64Array;

  /** @param period_s  time between two actions */
  constructor(robot: Robot, kind: ActionKind, period_s: number) {
    this.robot = robot;
    this.kind = kind;
    this.period_s = period_s;
    this.data = new RobotData(robot.model);
    this.frame = frameIndex(robot.model, robot.tcp_frame);
    this.full = robot.home_q.slice();
  }

  place(): PathPlace {
    return { q: new Float64Array(this.robot.arm_joints), tool: new Float64Array(12), width_m: 0 };
  }

  /** Puts a place where the arm joints are sent to `q`. */
  put(place: PathPlace, q: Float64Array, width_m: number): void {
    const { model } = this.robot;
    place.q.set(q);
    place.width_m = width_m;
    this.full.set(q);
    placeBodies(model, this.data, this.full, model.nb);
    framePose(model, this.data, this.frame, place.tool);
  }

  /** Whether actions of this kind lead to places like this one. */
  reaches({ tool }: PathPlace): boolean {
    return this.kind === 'joint' || -tool[8] > UPRIGHT;
  }

  /** Writes the action that leads from one place to the next, −1..1, with the fingers as `width_m` has them. */
  write(from: PathPlace, to: PathPlace, width_m: number, out: Float32Array): void {
    const { period_s, robot } = this;
    if (this.kind === 'joint') {
      const step_rad = ACTION_SPEEDS.joint_rad_s * period_s;
      for (let j = 0; j < robot.arm_joints; j++) out[j] = unit((to.q[j] - from.q[j]) / step_rad);
    } else {
      const step_m = ACTION_SPEEDS.tool_m_s * period_s;
      for (let k = 0; k < 3; k++) out[k] = unit((to.tool[9 + k] - from.tool[9 + k]) / step_m);
      const turn_rad = wrapAngle(closingYaw(to.tool) - closingYaw(from.tool));
      out[3] = unit(turn_rad / (ACTION_SPEEDS.yaw_rad_s * period_s));
    }
    const most_m = robot.gripper?.max_width_m ?? 0;
    out[out.length - 1] = most_m === 0 ? 0 : unit((2 * width_m) / most_m - 1);
  }
}

function unit(value: number): number {
  return Math.min(1, Math.max(-1, value));
}
