import { InputError, type Pose } from '../../contracts/index.ts';
import { type JointLimits, multiplyMatrices, quaternionToMatrix } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type CommandRequest, isOperating, type SafetyMode, usableLimits } from '../../safety/index.ts';
import type { RobotState } from '../driver.ts';
import type { CommandSource } from '../loop.ts';
import type { CollisionSlowdown } from './collision_slowdown.ts';
import { JointHistory } from './joint_history.ts';
import { ReferenceMotion } from './reference_motion.ts';
import { ServoCommand, takeNumbers } from './servo_command.ts';
import { ServoFrames } from './servo_frames.ts';
import { DEFAULT_SERVO_OPTIONS, type ServoOptions } from './servo_options.ts';
import { AGE, type ServoReason, type ServoState, ServoStatus, SHARE, SINGULAR } from './servo_status.ts';
import { stoppingShare, timeLeft } from './stopping_share.ts';
import { TargetVelocity } from './target_velocity.ts';
import { ToolKinematics } from './tool_kinematics.ts';
import { TwistSolver } from './twist_solver.ts';

/** The gate sent what was asked for, within rounding (rad). */
const FOLLOWED_RAD = 1e-9;
/** A share of the speed that counts as all of it. */
const WHOLE = 1 - 1e-9;
/** Time ahead at which the singular value is compared (s). */
const LOOK_AHEAD_S = 1e-3;
/** Cycles between a command and the arm. */
const DELAY_CYCLES = 2;
const HISTORY_S = 1;

/** What the servo must know of the gate: whether motion is allowed, and what was last sent (rad, rad/s, rad/s²). */
export interface ServoGateView {
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
  /** Wanted against measured positions and limits of the tool are judged in these limits. */
  readonly limits: JointLimits;
  private readonly robot: Robot;
  private readonly hz: number;
  private readonly options: ServoOptions;
  private readonly guard: CollisionSlowdown | null;
  private readonly command: ServoCommand;
  private readonly frames: ServoFrames;
  private readonly here: ToolKinematics;
  private readonly ahead: ToolKinematics;
  private readonly solver: TwistSolver;
  private readonly motion: ReferenceMotion;
  private readonly history: JointHistory;
  private readonly target: TargetVelocity;
  private readonly sent: Float64Array;
  private readonly zeros: Float64Array;
  /** Joint velocities wanted before anything slows them, and after (rad/s). */
  private readonly nominal: Float64Array;
  private readonly slowed: Float64Array;
  private readonly ahead_J: Float64Array;
  private readonly frame_pose = new Float64Array(12);
  private readonly past_q: Float64Array;
  private readonly scalar = new Float64Array(1);
  /** Least singular value, and time to the target at the nominal velocities (s). */
  private readonly numbers = new Float64Array(2);
  private readonly nothing_left_out = new Uint8Array(6);
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
    this.here = new ToolKinematics(robot);
    this.ahead = new ToolKinematics(robot);
    this.solver = new TwistSolver(n, this.options.singular_slow);
    this.motion = new ReferenceMotion(this.limits, hz);
    this.history = new JointHistory(n, Math.ceil(HISTORY_S * hz) + 1);
    this.target = new TargetVelocity(n, this.limits.velocity, this.options);
    this.sent = new Float64Array(n);
    this.zeros = new Float64Array(n);
    this.nominal = new Float64Array(n);
    this.slowed = new Float64Array(n);
    this.ahead_J = new Float64Array(6 * n);
    this.past_q = new Float64Array(n);
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

  /** Brings the tool frame to a pose in the root frame. */
  setPose({ position, orientation }: Pose, age_s = 0): void {
    const { scratch_pose } = this.target;
    takeNumbers(position, this.target.scratch_position, 'position');
    takeNumbers(orientation, this.target.scratch_orientation, 'orientation');
    requireUnit(this.target.scratch_orientation);
    quaternionToMatrix(orientation, 0, scratch_pose);
    scratch_pose.set(this.target.scratch_position, 9);
    this.command.pose.set(scratch_pose);
    this.command.take('pose', age_s);
  }

  /**
   * Brings the tool frame to a pose that camera `frame` saw `age_s` ago: it is placed by where the camera was then, and
   * stays there until the next. InputError if that is longer ago than what is remembered.
   */
  setCameraPose(frame: string, { position, orientation }: Pose, age_s: number): void {
    const index = this.frames.indexOf(frame);
    const { target, command, frame_pose } = this;
    takeNumbers(position, target.scratch_position, 'position');
    takeNumbers(orientation, target.scratch_orientation, 'orientation');
    requireUnit(target.scratch_orientation);
    if (!(age_s >= 0) || !this.history.at(age_s * this.hz, this.past_q)) {
      throw new InputError(
        `age_s ${age_s} of what ${frame} saw`,
        `at least 0 and within ${HISTORY_S} s of the servo's run`,
      );
    }
    this.ahead.place(this.past_q, this.zeros, 0);
    this.frames.pose(index, this.ahead.data, frame_pose);
    const { scratch_pose } = target;
    quaternionToMatrix(orientation, 0, scratch_pose);
    multiplyMatrices(frame_pose, 0, scratch_pose, 0, command.pose, 0);
    for (let k = 0; k < 3; k++) {
      const row = 3 * k;
      const [x, y, z] = position;
      command.pose[9 + k] = frame_pose[9 + k] + frame_pose[row] * x + frame_pose[row + 1] * y + frame_pose[row + 2] * z;
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
    const { motion, command, status, history } = this;
    history.push(state.position);
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
      command.findAge(motion_s, status.numbers, AGE);
      if (command.stale(status.numbers, AGE)) this.drop('stale');
    }
    if (!this.commanded) {
      this.comeToRest(request);
      return;
    }
    this.report('following', 'none');
    this.findNominal();
    this.slowDown();
    motion.proposeVelocity(this.slowed);
    const joint = motion.limitBroken();
    const clear = joint < 0 && (this.guard === null || this.guard.allows(motion, status));
    if (!clear) {
      motion.proposeStop();
      this.report('slowed', joint < 0 ? 'collision' : 'joint_limit');
      if (joint >= 0) status.joint = joint;
      status.numbers[SHARE] = 0;
    }
    this.send(request);
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
    this.report('halted', reason);
    this.status.numbers[SHARE] = 0;
  }

  private report(state: ServoState, reason: ServoReason): void {
    this.status.state = state;
    this.status.reason = reason;
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

  /** Joint velocities for the command, within the limits of joints and tool, before anything near slows them. */
  private findNominal(): void {
    const { command, motion, here, nominal, target, numbers } = this;
    here.place(motion.p, this.zeros, 0);
    numbers[TIME_LEFT] = Number.POSITIVE_INFINITY;
    target.share[0] = 1;
    if (command.kind === 'joint_velocity') nominal.set(command.joints);
    else if (command.kind === 'joint_position') {
      target.towardsJoints(motion.p, command.joints, nominal);
      numbers[TIME_LEFT] = target.time_left[0];
    } else {
      if (command.kind === 'pose') {
        target.towardsPose(here.pose, command.pose);
        numbers[TIME_LEFT] = target.time_left[0];
        this.solveTwist(target.twist, IDENTITY, this.nothing_left_out);
      } else {
        this.frames.pose(command.frame, here.data, this.frame_pose);
        target.limitTwist(command.twist, command.commanded);
        this.solveTwist(target.twist, this.frame_pose, command.drifting);
      }
      nominal.set(this.solver.velocity);
    }
    this.limitNominal();
    const to_target = command.kind === 'joint_position' || command.kind === 'pose';
    if (target.share[0] < WHOLE && !to_target) this.report('slowed', 'velocity_limit');
    this.status.numbers[SHARE] = target.share[0];
  }

  /** Joint velocities for a twist along the axes of R, rotation row-major. */
  private solveTwist(twist: Float64Array, R: Float64Array, left_out: Uint8Array): void {
    const { here, ahead, solver, options, motion, numbers } = this;
    const { turn_length_m } = options;
    solver.rows = here.writeTask(R, left_out, turn_length_m, solver.J);
    let row = 0;
    for (let d = 0; d < 6; d++) {
      if (left_out[d] === 0) solver.wanted[row++] = d < 3 ? twist[d] : turn_length_m * twist[d];
    }
    solver.solve();
    numbers[SIGMA] = solver.least[0];
    this.status.numbers[SINGULAR] = solver.least[0];
    ahead.place(motion.p, solver.velocity, LOOK_AHEAD_S);
    ahead.writeTask(R, left_out, turn_length_m, this.ahead_J);
    solver.strengthOf(this.ahead_J, this.scalar);
  }

  /** Slows the nominal velocities as a whole to what joints and tool may do. */
  private limitNominal(): void {
    const { limits, here, options, nominal: velocity, target } = this;
    let share = 1;
    for (let i = 0; i < velocity.length; i++) {
      const speed = Math.abs(velocity[i]);
      if (speed * share > limits.velocity[i]) share = limits.velocity[i] / speed;
    }
    const { J, nq } = here;
    for (let block = 0; block < 2; block++) {
      let square = 0;
      for (let row = 0; row < 3; row++) {
        let sum = 0;
        for (let i = 0; i < velocity.length; i++) sum += J[(3 * block + row) * nq + i] * velocity[i];
        square += sum * sum;
      }
      const top = block === 0 ? options.tool_speed_m_s : options.tool_turn_rad_s;
      if (square * share * share > top * top) share = top / Math.sqrt(square);
    }
    for (let i = 0; i < velocity.length; i++) velocity[i] *= share;
    target.share[0] *= share;
  }

  /** Slows the nominal velocities as a whole by the worst of what they come nearer to. */
  private slowDown(): void {
    const { nominal, slowed, motion, limits, options, numbers, status, command } = this;
    const n = nominal.length;
    let slowing = Number.POSITIVE_INFINITY;
    let reaction = 0;
    for (let i = 0; i < n; i++) {
      const speed = Math.abs(nominal[i]);
      if (speed * slowing > STOP_SHARE * limits.acceleration[i])
        slowing = (STOP_SHARE * limits.acceleration[i]) / speed;
      reaction = Math.max(reaction, limits.acceleration[i] / limits.jerk[i]);
    }
    reaction += DELAY_CYCLES / this.hz;
    const gentle = reaction + options.approach_s;
    let reason: ServoReason = 'none';
    if (slowing === Number.POSITIVE_INFINITY) {
      slowed.fill(0);
      return;
    }
    // A target is met after what is left of the way, in time at the nominal speed.
    let least = numbers[TIME_LEFT];
    for (let i = 0; i < n; i++) {
      const room = nominal[i] > 0 ? limits.position_upper[i] - motion.p[i] : motion.p[i] - limits.position_lower[i];
      const time = timeLeft(room, Math.abs(nominal[i]));
      if (time >= least) continue;
      least = time;
      reason = 'joint_limit';
      status.joint = i;
    }
    if (command.kind === 'twist' || command.kind === 'pose') {
      const loss = (numbers[SIGMA] - this.scalar[0]) / LOOK_AHEAD_S;
      const time = timeLeft(numbers[SIGMA] - options.singular_stop, loss);
      if (time < least) {
        least = time;
        reason = 'singularity';
      }
    }
    if (this.guard !== null) {
      this.scalar[0] = gentle + 0.5 / slowing;
      this.guard.findTime(motion, this.here.data, nominal, this.scalar);
      if (this.guard.time_left_s[0] < least) {
        least = this.guard.time_left_s[0];
        reason = 'collision';
      }
    }
    const share = stoppingShare(least, slowing, gentle);
    if (share < WHOLE && reason !== 'none') {
      this.report('slowed', reason);
      if (reason === 'collision') this.guard?.name(status);
    }
    for (let i = 0; i < n; i++) slowed[i] = share * nominal[i];
    status.numbers[SHARE] *= share;
  }
}

function requireUnit(q: Float64Array): void {
  const norm = Math.hypot(q[0], q[1], q[2], q[3]);
  if (!(Math.abs(norm - 1) < 1e-3)) throw new InputError(`orientation of length ${norm}`, 'must be a unit quaternion');
}

const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
/** Share of the acceleration that slowing down before something counts on. */
const STOP_SHARE = 0.5;
const SIGMA = 0;
const TIME_LEFT = 1;
