import type { ServoReason } from '../../contracts/index.ts';
import type { JointLimits } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { Pacer } from '../path_pace.ts';
import type { CollisionSlowdown } from './collision_slowdown.ts';
import type { ReferenceMotion } from './reference_motion.ts';
import type { ServoCommand } from './servo_command.ts';
import type { ServoFrames } from './servo_frames.ts';
import type { ServoOptions } from './servo_options.ts';
import { type ServoStatus, SHARE, SINGULAR } from './servo_status.ts';
import { stoppingShare, timeLeft } from './stopping_share.ts';
import { TargetVelocity } from './target_velocity.ts';
import { ToolKinematics } from './tool_kinematics.ts';
import { TwistSolver } from './twist_solver.ts';

/** A share of the speed that counts as all of it. */
const WHOLE = 1 - 1e-9;
/** Time ahead at which the singular value is compared (s). */
const LOOK_AHEAD_S = 1e-3;
/** Cycles between a command and the arm. */
const DELAY_CYCLES = 2;
/** Share of the acceleration that slowing down before something counts on. */
const STOP_SHARE = 0.5;

/** What the servo's velocities depend on. */
export interface ServoVelocityParts {
  readonly robot: Robot;
  readonly hz: number;
  readonly limits: JointLimits;
  readonly options: ServoOptions;
  readonly frames: ServoFrames;
  readonly guard: CollisionSlowdown | null;
  readonly status: ServoStatus;
}

/**
 * Joint velocities for a servo's command: within the limits of joints and tool, and slowed as a whole by the first of what
 * comes nearer: a target, the limit of a joint, a singularity, contact. Says in the status by what. No allocation.
 */
export class ServoVelocity {
  /** Velocities to go on with (rad/s). */
  readonly slowed: Float64Array;
  /** The arm where it was last asked for. */
  readonly here: ToolKinematics;
  private readonly hz: number;
  private readonly limits: JointLimits;
  private readonly options: ServoOptions;
  private readonly frames: ServoFrames;
  private readonly guard: CollisionSlowdown | null;
  private readonly status: ServoStatus;
  private readonly ahead: ToolKinematics;
  private readonly solver: TwistSolver;
  private readonly target: TargetVelocity;
  private readonly zeros: Float64Array;
  /** Velocities before anything slows them (rad/s). */
  private readonly nominal: Float64Array;
  /** Least and greatest velocity of every joint (rad/s). */
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly ahead_J: Float64Array;
  private readonly frame_pose = new Float64Array(12);
  private readonly scalar = new Float64Array(1);
  /** Least singular value, and time to the target at the nominal velocities (s). */
  private readonly numbers = new Float64Array(2);
  private readonly nothing_left_out = new Uint8Array(6);

  constructor({ robot, hz, limits, options, frames, guard, status }: ServoVelocityParts) {
    const n = robot.arm_joints;
    this.hz = hz;
    this.limits = limits;
    this.options = options;
    this.frames = frames;
    this.guard = guard;
    this.status = status;
    this.here = new ToolKinematics(robot);
    this.ahead = new ToolKinematics(robot);
    this.solver = new TwistSolver(n, options.singular_slow);
    this.target = new TargetVelocity(n, limits.velocity, options);
    this.zeros = new Float64Array(n);
    this.nominal = new Float64Array(n);
    this.slowed = new Float64Array(n);
    this.low = new Float64Array(n);
    this.high = new Float64Array(n);
    this.ahead_J = new Float64Array(6 * n);
  }

  /** Finds the velocities for `command` from where `motion` is, at the pace that the gate asks for. */
  find(motion: ReferenceMotion, command: ServoCommand, gate: Pacer): void {
    this.findNominal(motion, command, gate);
    this.slowDown(motion, command);
  }

  /** Joint velocities for the command, within the limits of joints and tool, before anything near slows them. */
  private findNominal(motion: ReferenceMotion, command: ServoCommand, gate: Pacer): void {
    const { here, nominal, target, numbers, status } = this;
    here.place(motion.p, this.zeros, 0);
    this.findBounds(motion.p);
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
        this.solveTwist(motion, target.twist, IDENTITY, this.nothing_left_out);
      } else {
        this.frames.pose(command.frame, here.data, this.frame_pose);
        target.limitTwist(command.twist, command.commanded);
        this.solveTwist(motion, target.twist, this.frame_pose, command.drifting);
      }
      nominal.set(this.solver.velocity);
    }
    this.limitNominal(gate);
    const to_target = command.kind === 'joint_position' || command.kind === 'pose';
    if (target.share[0] < WHOLE && !to_target) status.report('slowed', 'velocity_limit');
    status.numbers[SHARE] = target.share[0];
  }

  /** Joint velocities for a twist along the axes of R, rotation row-major. */
  private solveTwist(motion: ReferenceMotion, twist: Float64Array, R: Float64Array, left_out: Uint8Array): void {
    const { here, ahead, solver, options, numbers } = this;
    const { turn_length_m } = options;
    solver.rows = here.writeTask(R, left_out, turn_length_m, solver.J);
    let row = 0;
    for (let d = 0; d < 6; d++) {
      if (left_out[d] === 0) solver.wanted[row++] = d < 3 ? twist[d] : turn_length_m * twist[d];
    }
    solver.locked.fill(0);
    solver.solve();
    this.lockSaturated();
    numbers[SIGMA] = solver.least[0];
    this.status.numbers[SINGULAR] = solver.least[0];
    ahead.place(motion.p, solver.velocity, LOOK_AHEAD_S);
    ahead.writeTask(R, left_out, turn_length_m, this.ahead_J);
    solver.strengthOf(this.ahead_J, this.scalar);
  }

  /**
   * Where a joint would have to be faster than it may be, it is set to that and the others make up for it as long as the
   * arm has joints to spare (saturation in the null space: Flacco, De Luca, Khatib, 2012); else nothing is changed.
   */
  private lockSaturated(): void {
    const { solver, high, low, options } = this;
    const { velocity, locked, n, rows } = solver;
    let worst = this.mostSaturated();
    if (worst < 0) return;
    for (let spare = n - rows; spare > 0 && worst >= 0; spare--) {
      locked[worst] = 1;
      velocity[worst] = velocity[worst] > 0 ? high[worst] : low[worst];
      solver.solve();
      if (solver.least[0] < options.singular_slow) break;
      worst = this.mostSaturated();
    }
    if (worst < 0) return;
    locked.fill(0);
    solver.solve();
  }

  /** The free joint that is beyond its bounds by most, −1 for none. */
  private mostSaturated(): number {
    const { solver, high, low } = this;
    const { velocity, locked, n } = solver;
    let worst = -1;
    let most = 0;
    for (let i = 0; i < n; i++) {
      if (locked[i] !== 0) continue;
      const excess = velocity[i] > 0 ? velocity[i] - high[i] : low[i] - velocity[i];
      if (excess > most + BARELY) {
        most = excess;
        worst = i;
      }
    }
    return worst;
  }

  /** How fast every joint may go in either direction: so that it can stop before its limit (rad/s). */
  private findBounds(q: Float64Array): void {
    const { limits, high, low, options } = this;
    for (let i = 0; i < q.length; i++) {
      const a = STOP_SHARE * limits.acceleration[i];
      const t = options.approach_s + limits.acceleration[i] / limits.jerk[i] + DELAY_CYCLES / this.hz;
      const up = Math.max(0, limits.position_upper[i] - q[i]);
      const down = Math.max(0, q[i] - limits.position_lower[i]);
      high[i] = Math.min(limits.velocity[i], a * (Math.sqrt(t * t + (2 * up) / a) - t));
      low[i] = -Math.min(limits.velocity[i], a * (Math.sqrt(t * t + (2 * down) / a) - t));
    }
  }

  /** Slows the nominal velocities as a whole to what joints and tool may do, and to the gate's pace. */
  private limitNominal(gate: Pacer): void {
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
    const pace = Math.min(gate.paceOf(velocity), gate.speedShareOf(velocity));
    if (pace < 1) for (let i = 0; i < velocity.length; i++) velocity[i] *= pace;
    target.share[0] *= share * pace;
    this.numbers[TIME_LEFT] /= share * pace;
  }

  /** Slows the nominal velocities as a whole by the worst of what they come nearer to. */
  private slowDown(motion: ReferenceMotion, command: ServoCommand): void {
    const { nominal, slowed, limits, options, numbers, status } = this;
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
    if (command.kind === 'twist' || command.kind === 'pose') {
      const loss = (numbers[SIGMA] - this.scalar[0]) / LOOK_AHEAD_S;
      const room = numbers[SIGMA] - options.singular_stop;
      const time = room < Number.POSITIVE_INFINITY ? timeLeft(room, loss) : room;
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
    let share = stoppingShare(least, slowing, gentle);
    for (let i = 0; i < n; i++) {
      const bound = nominal[i] > 0 ? this.high[i] : this.low[i];
      if (!(Math.abs(nominal[i]) * share > Math.abs(bound) + BARELY)) continue;
      share = bound / nominal[i];
      reason = 'joint_limit';
      status.joint = i;
    }
    if (share < WHOLE && reason !== 'none') {
      status.report('slowed', reason);
      if (reason === 'collision') this.guard?.name(status);
    }
    for (let i = 0; i < n; i++) slowed[i] = share * nominal[i];
    status.numbers[SHARE] *= share;
  }
}

/** Velocities that are the same (rad/s). */
const BARELY = 1e-9;
const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const SIGMA = 0;
const TIME_LEFT = 1;
