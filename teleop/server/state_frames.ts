import { stampToSeconds } from '../../contracts/index.ts';
import { poseFrom12 } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { TickRing } from '../control/index.ts';
import type { LeaseView, StateFrame } from '../protocol/index.ts';
import { LOST_MS, type RobotSide } from './robot_side.ts';
import { ToolPoint } from './tool_point.ts';

/** What of a frame others than the robot tell. */
export interface OperatorView {
  readonly task: StateFrame['task'];
  readonly speed: number;
  readonly lease: Omit<LeaseView, 'yours'>;
}

/** Makes the frames of the state stream. */
export class StateFrames {
  /** Of the newest frame; 0 before the first. */
  tick = 0;
  private readonly robot: Robot;
  private readonly side: RobotSide;
  private readonly tool: ToolPoint;
  /** When each of the newest ticks was made, and of which joint state. */
  readonly ticks = new TickRing();
  private last: { readonly x: readonly number[]; readonly s: number } | null = null;

  constructor(robot: Robot, side: RobotSide) {
    this.robot = robot;
    this.side = side;
    this.tool = new ToolPoint(robot);
  }

  /** The next frame, as it is for a page that does not hold the lease. */
  next(operator: OperatorView): StateFrame {
    const { side, robot } = this;
    const now_ms = side.now_ms();
    const joints = side.joints;
    this.ticks.note(++this.tick, now_ms, joints?.message.stamp_ns ?? 0n);
    const q = joints?.message.position ?? null;
    const safety = side.safety?.message ?? null;
    return {
      type: 'state',
      tick: this.tick,
      sent_ms: now_ms,
      robot_ms: joints === null ? 0 : 1000 * stampToSeconds(joints.message.stamp_ns),
      age_ms: joints === null ? 0 : now_ms - joints.arrived_ms,
      q: rounded(q),
      v: rounded(joints?.message.velocity ?? null),
      effort: rounded(joints?.message.effort ?? null, 1e3),
      commanded: rounded(this.sentTo(now_ms, q)),
      gripper_width_m: q === null || robot.gripper === null ? null : 2 * q[robot.gripper.coordinate],
      tool: joints === null ? null : this.toolOf(joints.message.position, joints.message.stamp_ns),
      wrench: side.wrench === null ? null : rounded([...side.wrench.message.force, ...side.wrench.message.torque], 1e3),
      safety: safety === null ? null : shown(safety),
      servo: side.servo === null ? null : servoOf(side.servo.message),
      ...operator,
      lease: { ...operator.lease, yours: false },
      pictures_ms: { overview: side.pictureAge_ms('overview'), wrist: side.pictureAge_ms('wrist') },
      lost: side.lost,
    };
  }

  /** What was sent lately, in the order of the model's joints; null where that is not told of the whole arm. */
  private sentTo(now_ms: number, q: Float64Array | null): readonly number[] | null {
    const { side, robot } = this;
    if (side.sent === null || q === null || now_ms - side.sent.arrived_ms > LOST_MS) return null;
    const { joint_names, reference } = side.sent.message;
    const told = robot.model.joint_names.map((name) => reference.position[joint_names.indexOf(name)] ?? Number.NaN);
    if (told.slice(0, robot.arm_joints).some(Number.isNaN)) return null;
    return told.map((value, i) => (Number.isNaN(value) ? q[i] : value));
  }

  private toolOf(q: Float64Array, stamp_ns: bigint): StateFrame['tool'] {
    if (!this.tool.place(q)) return null;
    const { position, orientation } = poseFrom12(this.tool.pose);
    const s = stampToSeconds(stamp_ns);
    const dt_s = this.last === null ? 0 : s - this.last.s;
    const way_m = this.last === null ? 0 : Math.hypot(...position.map((x, i) => x - (this.last?.x[i] ?? x)));
    const speed_m_s = dt_s > 0 ? way_m / dt_s : 0;
    if (dt_s !== 0 || this.last === null) this.last = { x: position, s };
    return { pose: { position, orientation }, speed_m_s: Math.round(1e5 * speed_m_s) / 1e5 };
  }
}

function shown({
  mode,
  latched,
  reasons,
  stop_category,
  drives_on,
  stop_time_s,
  lease_valid,
  degradation,
  pace,
  separation_m,
  protective_distance_m,
}: NonNullable<RobotSide['safety']>['message']): NonNullable<StateFrame['safety']> {
  return {
    ...{ mode, latched, reasons, stop_category, drives_on, stop_time_s, lease_valid, degradation, pace },
    ...{ separation_m, protective_distance_m },
  };
}

function servoOf({
  state,
  reason,
  share,
  detail,
}: NonNullable<RobotSide['servo']>['message']): NonNullable<StateFrame['servo']> {
  return { state, reason, share, detail };
}

/** Short in JSON: to 1 / `per`. */
function rounded(values: ArrayLike<number> | null, per = 1e6): number[] {
  return values === null ? [] : Array.from(values, (value) => Math.round(per * value) / per);
}
