import { InputError, type Pose, type ServoReason } from '../../contracts/index.ts';
import { type JointLimits, multiplyMatrices } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type CommandRequest, isOperating, type SafetyMode, usableLimits } from '../../safety/index.ts';
import type { RobotState } from '../driver.ts';
import type { CommandSource } from '../loop.ts';
import type { Pacer } from '../path_pace.ts';
import type { CollisionSlowdown } from './collision_slowdown.ts';
import { JointHistory } from './joint_history.ts';
import { ReferenceMotion } from './reference_motion.ts';
import { ServoCommand, takeNumbers, takePose } from './servo_command.ts';
import { ServoFrames } from './servo_frames.ts';
import { DEFAULT_SERVO_OPTIONS, type ServoOptions } from './servo_options.ts';
import { AGE, ServoStatus, SHARE } from './servo_status.ts';
import { ServoVelocity } from './servo_velocity.ts';
import { ToolKinematics } from './tool_kinematics.ts';

/** The gate sent what was asked for, within rounding (rad). */
const FOLLOWED_RAD = 1e-9;
const HISTORY_S = 1;

/** What the servo must know of the gate: whether motion is allowed, and what was last sent (rad, rad/s, rad/s²). */
export interface ServoGateView extends Pacer {
  readonly mode: SafetyMode;
  readonly lastCommand: {
    readonly position: Float64Array;
    readonly velocity: Float64Array;
    readonly acceleration: Float64Array;
  };
}

/**
 * Moves the tool as it is told now: by a twist, to a pose, to joint positions or at joint velocities, for teleoperation and
 * visual servoing. What is asked for is slowed as a whole, so that its direction stays, by what comes nearer: contact, a
 * singularity, a joint's limit; what is left behind never slows. Changes keep the limits of acceleration and jerk, and
 * each step is taken only if the stop from it is known to keep every limit and clear of contact. A command that grows old
 * halts. Commands positions, one a cycle; `update` allocates nothing.
 */
export class Servo implements CommandSource {
  readonly status: ServoStatus;
  /** What the commanded motion keeps. */
  readonly limits: JointLimits;
  private readonly robot: Robot;
  private readonly hz: number;
  private readonly options: ServoOptions;
  private readonly guard: CollisionSlowdown | null;
  private readonly command: ServoCommand;
  private readonly frames: ServoFrames;
  private readonly velocity: ServoVelocity;
  private readonly motion: ReferenceMotion;
  private readonly history: JointHistory;
  private readonly sent: Float64Array;
  /** The arm when a picture was taken. */
  private readonly past: ToolKinematics;
  private readonly past_q: Float64Array;
  private readonly zeros: Float64Array;
  private readonly seen_pose = new Float64Array(12);
  private readonly frame_pose = new Float64Array(12);
  private active = false;

  /**
   * @param hz  cycles of the control loop a second
   * @param guard  what keeps the arm from contact; without it only the safety gate does
   */
  constructor(robot: Robot, hz: number, options: Partial<ServoOptions> = {}, guard: CollisionSlowdown | null = null) {
    const n = robot.arm_joints;
    this.robot = robot;
    this.hz = hz;
    this.options = { ...DEFAULT_SERVO_OPTIONS, ...options };
    this.limits = this.options.limits ?? usableLimits(robot.limits);
    this.guard = guard;
    this.status = new ServoStatus(robot.model.joint_names);
    this.command = new ServoCommand(n, this.options.stale_s, this.options.camera_stale_s);
    this.frames = new ServoFrames(robot, this.options.frames);
    this.motion = new ReferenceMotion(this.limits, hz);
    this.history = new JointHistory(n, Math.ceil(HISTORY_S * hz) + 1);
    this.sent = new Float64Array(n);
    this.past = new ToolKinematics(robot);
    this.past_q = new Float64Array(n);
    this.zeros = new Float64Array(n);
    const { limits, frames, status } = this;
    this.velocity = new ServoVelocity({ robot, hz, limits, options: this.options, frames, guard, status });
  }

  /** Whether a command is in force. */
  get commanded(): boolean {
    return this.command.kind !== 'none';
  }

  /**
   * Moves the tool frame's origin and turns about it: `twist` linear (m/s) over angular (rad/s), 6, along the axes of
   * `frame` (a link of the robot or a frame of the options; the root link by default). InputError for what is not finite,
   * of another length, or in an unknown frame.
   */
  setTwist(twist: ArrayLike<number>, frame = this.robot.model.root_link, age_s = 0): void {
    const index = this.frames.indexOf(frame);
    takeNumbers(twist, this.command.twist, 'twist');
    this.command.frame = index;
    this.command.take('twist', age_s);
  }

  /**
   * Dimensions of twists in their frame, 6 each: those that are not commanded count as 0; those that drift are left to
   * whatever the arm does with the others.
   */
  setDimensions(commanded: readonly boolean[], drifting: readonly boolean[]): void {
    if (commanded.length !== 6 || drifting.length !== 6) {
      throw new InputError(`dimensions ${commanded.length} and ${drifting.length}`, 'must be 6 each');
    }
    if (drifting.every((free) => free)) throw new InputError('drifting dimensions', 'at least one must be left');
    for (let d = 0; d < 6; d++) {
      this.command.commanded[d] = commanded[d] ? 1 : 0;
      this.command.drifting[d] = drifting[d] ? 1 : 0;
    }
  }

  /** Brings the tool frame to a pose in the root frame. InputError for what is not finite or no unit quaternion. */
  setPose(T_base_tool: Pose, age_s = 0): void {
    takePose(T_base_tool, this.seen_pose);
    this.command.pose.set(this.seen_pose);
    this.command.take('pose', age_s);
  }

  /**
   * Brings the tool frame to a pose that camera `frame` saw `age_s` ago: it is placed by where the camera was then, and
   * stays there until the next. InputError if that is longer ago than what is remembered.
   */
  setCameraPose(frame: string, T_camera_tool: Pose, age_s: number): void {
    const index = this.frames.indexOf(frame);
    const { command, frame_pose, seen_pose, past, past_q } = this;
    takePose(T_camera_tool, seen_pose);
    if (!(age_s >= 0) || !this.history.at(age_s * this.hz, past_q)) {
      throw new InputError(
        `age_s ${age_s} of what ${frame} saw`,
        `at least 0, within ${HISTORY_S} s and the servo's run`,
      );
    }
    past.place(past_q, this.zeros, 0);
    this.frames.pose(index, past.data, frame_pose);
    multiplyMatrices(frame_pose, 0, seen_pose, 0, command.pose, 0);
    for (let k = 0; k < 3; k++) {
      let sum = frame_pose[9 + k];
      for (let c = 0; c < 3; c++) sum += frame_pose[3 * k + c] * seen_pose[9 + c];
      command.pose[9 + k] = sum;
    }
    command.take('pose', age_s, true);
  }

  /** Brings the joints to positions (rad), all together. */
  setJoints(position: ArrayLike<number>, age_s = 0): void {
    takeNumbers(position, this.command.joints, 'joint position');
    this.command.take('joint_position', age_s);
  }

  /** Moves the joints at velocities (rad/s). */
  setJointVelocity(velocity: ArrayLike<number>, age_s = 0): void {
    takeNumbers(velocity, this.command.joints, 'joint velocity');
    this.command.take('joint_velocity', age_s);
  }

  /** Comes to rest within the limits and holds. */
  halt(): void {
    this.drop('requested');
  }

  update(motion_s: number, state: RobotState, gate: ServoGateView, request: CommandRequest): void {
    const { motion, command, status, history, velocity: speeds } = this;
    request.source = 'servo';
    history.push(state.position);
    command.cycleAt(motion_s);
    const { position, velocity, acceleration } = gate.lastCommand;
    if (!isOperating(gate.mode)) {
      if (this.commanded) this.drop('gate');
      motion.set(position, velocity, acceleration);
      this.active = false;
      return;
    }
    if (!this.active || !this.followed(position)) motion.set(position, velocity, acceleration);
    if (this.commanded && this.heldBack(state.position, position)) this.drop('held');
    if (this.commanded) {
      command.findAge(status.numbers, AGE);
      if (command.stale(status.numbers, AGE)) this.drop('stale');
    }
    if (!this.commanded) {
      this.comeToRest(request);
      return;
    }
    this.status.report('following', 'none');
    this.guard?.follow(state.position);
    speeds.find(motion, command, gate);
    motion.proposeVelocity(speeds.slowed);
    const joint = motion.limitBroken();
    const clear = joint < 0 && (this.guard === null || this.guard.allows(motion, status));
    if (!clear) {
      motion.proposeStop();
      this.status.report('slowed', joint < 0 ? 'collision' : 'joint_limit');
      if (joint >= 0) status.joint = joint;
      status.numbers[SHARE] = 0;
    }
    this.send(request);
  }

  /** In place of `update` in a cycle in which something else moves the arm. */
  standBy(motion_s: number, state: RobotState): void {
    this.history.push(state.position);
    this.command.cycleAt(motion_s);
    this.active = false;
  }

  /** Nothing is asked for any more: the stop, then nothing. */
  private comeToRest(request: CommandRequest): void {
    const { motion } = this;
    if (!this.active) return;
    if (motion.atRest) {
      this.active = false;
      return;
    }
    motion.proposeStop();
    this.send(request);
  }

  private send(request: CommandRequest): void {
    const { motion, sent } = this;
    motion.commit();
    request.kind = 'position';
    for (let i = 0; i < sent.length; i++) {
      sent[i] = motion.p[i];
      request.values[i] = motion.p[i];
    }
    this.active = true;
  }

  private drop(reason: ServoReason): void {
    this.command.kind = 'none';
    this.status.report('halted', reason);
    this.status.numbers[SHARE] = 0;
  }

  private followed(position: Float64Array): boolean {
    for (let i = 0; i < this.sent.length; i++)
      if (!(Math.abs(position[i] - this.sent[i]) <= FOLLOWED_RAD)) return false;
    return true;
  }

  private heldBack(measured: Float64Array, position: Float64Array): boolean {
    const { held_rad } = this.options;
    for (let i = 0; i < this.sent.length; i++) if (!(Math.abs(measured[i] - position[i]) <= held_rad)) return true;
    return false;
  }
}
