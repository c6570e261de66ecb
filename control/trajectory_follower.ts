import { InputError, type JointTrajectory, type TrajectoryTolerances } from '../contracts/index.ts';
import type { JointLimits } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { type CommandRequest, type Envelope, envelopeLimits, isOperating, type SafetyMode } from '../safety/index.ts';
import { bridgeContact, type MotionCheck } from './bridge_check.ts';
import { type JointMotion, MotionPath } from './motion_path.ts';
import { PathClock } from './path_clock.ts';
import { type Pacer, PathPace } from './path_pace.ts';
import { ReferenceCommand } from './reference_command.ts';
import { TrackingTolerances } from './tracking_tolerances.ts';

export interface FollowerOptions {
  /** What the arm is commanded by; feed-forward of velocity and acceleration is part of each. */
  readonly command_interface: 'position' | 'velocity' | 'torque';
  /** From rest the first sample may be this far from the present reference (rad, rad/s); the rest is blended out. */
  readonly start_tolerance_rad: number;
  readonly start_tolerance_rad_per_s: number;
  readonly blend_s: number;
  /** In motion the first sample may be this far from the present reference, which then joins the trajectory, rad. */
  readonly bridge_rad: number;
  /** Told of everything the arm may touch, it refuses bridges that do; null where nobody checks them. */
  readonly bridge_check: MotionCheck | null;
  /** Greatest distance of the measured joints from the trajectory on the way; a goal may bring its own. */
  readonly path_tolerance_rad: number;
  /** What counts as arrived, and how long it may take after the last sample; a goal may bring its own. */
  readonly goal_tolerance_rad: number;
  readonly goal_tolerance_rad_per_s: number;
  readonly goal_time_s: number;
  /** How long a goal waits for the gate to allow motion at the start. */
  readonly permission_time_s: number;
  /** How long a canceled goal may take to come to rest on its path; then the gate stops it as fast as it can. */
  readonly stop_time_s: number;
}

export const DEFAULT_FOLLOWER_OPTIONS: FollowerOptions = {
  command_interface: 'position',
  start_tolerance_rad: 0.01,
  start_tolerance_rad_per_s: 0.05,
  blend_s: 0.5,
  bridge_rad: 0.5,
  bridge_check: null,
  path_tolerance_rad: 0.05,
  goal_tolerance_rad: 0.01,
  goal_tolerance_rad_per_s: 0.02,
  goal_time_s: 1,
  permission_time_s: 1,
  stop_time_s: 2,
};

export type FollowerPhase = 'idle' | 'waiting' | 'following' | 'settling' | 'stopping';
export type FollowerOutcome =
  | 'none'
  | 'done'
  | 'tracking_error'
  | 'goal_not_reached'
  | 'not_permitted'
  | 'stopped_by_safety'
  | 'canceled';

/** What the follower must know of the gate. */
export interface GateView extends Pacer {
  readonly mode: SafetyMode;
  readonly atRest: boolean;
  readonly hz: number;
  readonly envelope: Envelope;
  readonly lastCommand: JointMotion;
  /** Share of its speed at which an arm that goes as fast as it can is to follow its path now, 0..1. */
  readonly pace: number;
}

/**
 * Turns a joint trajectory into one command a cycle. A goal that is canceled comes to rest on its path, within the limits of
 * acceleration and jerk; one that takes over from another in motion is joined by a jerk-limited bridge. Gives up, and lets
 * the gate bring the arm to rest, when the joints leave the trajectory, do not arrive in time, or the gate stops.
 * `finished` is raised once the outcome stands and the arm has come to rest.
 */
export class TrajectoryFollower {
  phase: FollowerPhase = 'idle';
  outcome: FollowerOutcome = 'none';
  /** Set when a goal has ended; the reader clears it. */
  finished = false;
  /** Joint that spoiled the goal, or −1. */
  failed_joint = -1;
  readonly tolerances: TrackingTolerances;
  private readonly joints: number;
  private readonly joint_names: readonly string[];
  private readonly options: FollowerOptions;
  private readonly clock: PathClock;
  private readonly pace: PathPace;
  private readonly command: ReferenceCommand;
  private path: MotionPath;
  private spare: MotionPath;
  private limits: JointLimits;
  /** What was asked for in the last cycle. */
  private readonly wanted: Float64Array;
  private readonly first: Float64Array;
  /** Start, settling and cancel times; worst and latest error: in an array so that writing them allocates nothing. */
  private readonly numbers = new Float64Array(6);
  private started = false;
  /** Whether it comes to rest on its path. */
  private braking = false;

  /** @param hz  control cycles per second */
  constructor(robot: Robot, hz: number, options: Partial<FollowerOptions> = {}) {
    const n = robot.arm_joints;
    const names = robot.model.joint_names.slice(0, n);
    this.joint_names = names;
    this.joints = n;
    this.options = { ...DEFAULT_FOLLOWER_OPTIONS, ...options };
    this.tolerances = new TrackingTolerances(names);
    this.clock = new PathClock(n, 1 / hz);
    this.command = new ReferenceCommand(robot, hz, this.options.command_interface);
    this.path = new MotionPath(names);
    this.spare = new MotionPath(names);
    this.limits = robot.limits;
    this.wanted = new Float64Array(n);
    this.first = new Float64Array(n);
    this.pace = new PathPace(n);
    this.numbers[SPEED] = 1;
  }

  get active(): boolean {
    return this.phase !== 'idle';
  }

  /** Time within the trajectory, s. */
  get time_s(): number {
    return this.clock.s;
  }

  /** Greatest distance of a joint from the trajectory since the start, and at the last cycle, rad. */
  get max_error_rad(): number {
    return this.numbers[WORST];
  }

  get error_rad(): number {
    return this.numbers[ERROR];
  }

  /** Share of the trajectories' own speed, 0..1; it changes smoothly, on the path. */
  get speed(): number {
    return this.numbers[SPEED];
  }

  /** Throws InputError for what is no share. At 0 the arm waits on its path. */
  setSpeed(share: number): void {
    if (!(share >= 0 && share <= 1)) throw new InputError(`speed ${share}`, 'must be from 0 to 1');
    this.numbers[SPEED] = share;
  }

  /**
   * Takes a goal, which starts at the next update; throws InputError, leaving any present goal, if it cannot start. A goal
   * to which the bridge is not free cancels the present one: the arm comes to rest on that one's path.
   * @param tolerances  in place of the defaults
   */
  start(trajectory: JointTrajectory, gate: GateView, tolerances?: TrajectoryTolerances): void {
    const { options, spare, first } = this;
    spare.load(trajectory);
    if (gate.mode !== 'initialising' && !isOperating(gate.mode)) {
      throw new InputError('trajectory', `the safety gate is in ${gate.mode}; clear the cause and reset it first`);
    }
    const { position, velocity } = gate.lastCommand;
    const moving = !gate.atRest;
    const allowed = moving ? options.bridge_rad : options.start_tolerance_rad;
    spare.sample(0, first);
    for (let i = 0; i < this.joints; i++) {
      const name = this.joint_names[i];
      const distance = Math.abs(first[i] - position[i]);
      if (!(distance <= allowed)) {
        throw new InputError(
          `trajectory starts ${distance.toFixed(4)} rad from where ${name} is`,
          `at most ${allowed} rad; plan from the present position`,
        );
      }
      const jump = Math.abs(velocity[i] - trajectory.velocity[trajectory.joint_names.indexOf(name)]);
      if (!moving && !(jump <= options.start_tolerance_rad_per_s)) {
        throw new InputError(
          `trajectory starts ${jump.toFixed(4)} rad/s off the speed of ${name}`,
          `at most ${options.start_tolerance_rad_per_s} rad/s; wait for rest or plan from the present motion`,
        );
      }
    }
    const limits = envelopeLimits(gate.envelope);
    const pace = Math.max(LEAST_PACE, this.numbers[SPEED]);
    if (moving) {
      spare.bridgeFrom(gate.lastCommand, limits, 1 / gate.hz, pace);
      this.checkBridge();
    } else spare.blendFrom(position, options.blend_s);
    this.tolerances.set(options.path_tolerance_rad, options.goal_tolerance_rad, options.goal_time_s, tolerances);
    this.limits = limits;
    this.begin(gate, moving);
  }

  private checkBridge(): void {
    const { bridge_check } = this.options;
    const contact = bridge_check === null ? null : bridgeContact(this.spare, this.joints, bridge_check);
    if (contact === null) return;
    this.cancel();
    throw new InputError(
      `trajectory cannot be joined from the present motion: ${contact[0]} would touch ${contact[1]}`,
      'start from rest, or plan from the present motion',
    );
  }

  private begin({ lastCommand: from, pace }: GateView, moving: boolean): void {
    const { numbers } = this;
    const last = this.path;
    this.path = this.spare;
    this.spare = last;
    for (let i = 0; i < this.joints; i++) this.wanted[i] = from.position[i];
    this.command.restart(from);
    this.phase = 'waiting';
    this.outcome = 'none';
    this.finished = false;
    this.failed_joint = -1;
    this.braking = false;
    // A bridge starts where the motion under way was in the last cycle.
    this.started = moving;
    if (!moving) numbers[LAST] = 0;
    numbers[START] = numbers[LAST];
    numbers[WORST] = 0;
    numbers[ERROR] = 0;
    this.clock.restart(moving ? 1 : Math.min(numbers[SPEED], pace));
  }

  /** Gives the goal up; the arm comes to rest on its path within its limits. */
  cancel(): void {
    if (this.phase === 'idle' || this.phase === 'stopping') return;
    this.braking = this.phase !== 'waiting';
    this.clock.want(0);
    this.numbers[STOPPED] = this.numbers[LAST];
    this.giveUp('canceled', -1);
  }

  /** One cycle: writes kind and values of `request`. `q`, `v`: measured, at least one entry a joint. */
  update(t_s: number, q: Float64Array, v: Float64Array, gate: GateView, request: CommandRequest): void {
    request.kind = 'none';
    request.source = 'trajectory';
    if (this.phase === 'idle') {
      this.numbers[LAST] = t_s;
      return;
    }
    if (this.phase === 'waiting') this.await(t_s, gate);
    if (this.phase === 'following' || this.phase === 'settling') this.follow(t_s, q, v, gate, request);
    if (this.phase === 'stopping') this.stop(t_s, q, v, gate, request);
    this.numbers[LAST] = t_s;
  }

  /** What became of the goal, for the operator. */
  describeOutcome(): string {
    const { tolerances, failed_joint } = this;
    const joint = failed_joint >= 0 ? this.joint_names[failed_joint] : '';
    switch (this.outcome) {
      case 'none':
        return 'not finished';
      case 'done':
        return '';
      case 'tracking_error':
        return `${joint} left the trajectory by ${this.error_rad.toFixed(4)} rad at ${this.time_s.toFixed(3)} s (allowed ${tolerances.path_rad[failed_joint]})`;
      case 'goal_not_reached':
        return `${joint} was ${this.error_rad.toFixed(4)} rad from the goal ${tolerances.goal_time_s} s after the end (allowed ${tolerances.goal_rad[failed_joint]} at rest)`;
      case 'not_permitted':
        return `the safety gate allowed no motion within ${this.options.permission_time_s} s`;
      case 'stopped_by_safety':
        return 'stopped by the safety gate';
      case 'canceled':
        return 'canceled';
    }
  }

  private await(t_s: number, gate: GateView): void {
    const { numbers } = this;
    if (isOperating(gate.mode)) {
      if (!this.started || gate.atRest) numbers[START] = t_s;
      this.started = true;
      this.phase = 'following';
      return;
    }
    if (!this.started) numbers[START] = t_s;
    this.started = true;
    if (gate.mode !== 'initialising' || t_s - numbers[START] > this.options.permission_time_s) {
      this.giveUp('not_permitted', -1);
    }
  }

  private follow(t_s: number, q: Float64Array, v: Float64Array, gate: GateView, request: CommandRequest): void {
    const { numbers, options, tolerances, path } = this;
    if (!this.judge(q, gate)) return;
    if (this.phase === 'settling') {
      let away = -1;
      for (let i = 0; i < this.joints; i++) {
        const near = Math.abs(this.wanted[i] - q[i]) <= tolerances.goal_rad[i];
        if (!near || !(Math.abs(v[i]) <= options.goal_tolerance_rad_per_s)) away = i;
      }
      if (away < 0) {
        this.outcome = 'done';
        this.phase = 'idle';
        this.finished = true;
        return;
      }
      if (t_s - numbers[STOPPED] > tolerances.goal_time_s) {
        this.giveUp('goal_not_reached', away);
        return;
      }
    }
    this.send(t_s, q, v, gate, request);
    if (this.phase === 'following' && this.clock.s >= path.duration_s) {
      this.phase = 'settling';
      numbers[STOPPED] = t_s;
    }
  }

  private stop(t_s: number, q: Float64Array, v: Float64Array, gate: GateView, request: CommandRequest): void {
    if (this.braking) {
      const late = t_s - this.numbers[STOPPED] > this.options.stop_time_s;
      if (isOperating(gate.mode) && !this.clock.stopped && !late && this.judge(q, gate))
        this.send(t_s, q, v, gate, request);
      else this.braking = false;
    }
    if (!this.braking && gate.atRest) {
      this.phase = 'idle';
      this.finished = true;
    }
  }

  /** Whether the arm is allowed to move and on its path; gives the goal up if not. */
  private judge(q: Float64Array, gate: GateView): boolean {
    const { numbers, wanted, tolerances } = this;
    const given_up = this.phase === 'stopping';
    if (!isOperating(gate.mode)) {
      if (!given_up) this.giveUp('stopped_by_safety', -1);
      return false;
    }
    let worst = 0;
    let share = 0;
    let joint = 0;
    for (let i = 0; i < this.joints; i++) {
      const error = Math.abs(wanted[i] - q[i]);
      // A NaN from the sensors is an error too.
      if (!(error / tolerances.path_rad[i] <= share)) {
        share = error / tolerances.path_rad[i];
        joint = i;
      }
      if (!(error <= worst)) worst = error;
    }
    numbers[ERROR] = worst;
    if (worst > numbers[WORST]) numbers[WORST] = worst;
    if (share <= 1) return true;
    if (!given_up) this.giveUp('tracking_error', joint);
    return false;
  }

  private send(t_s: number, q: Float64Array, v: Float64Array, gate: GateView, request: CommandRequest): void {
    const { clock, path, wanted } = this;
    if (!this.braking) {
      const rate = (this.share(gate) * this.numbers[SPEED]) / path.pace;
      clock.want(gate.pace < 1 ? Math.min(rate, this.pace.at(path, clock.s, gate)) : rate);
    }
    clock.advance(t_s - this.numbers[START], path, this.limits);
    path.sample(clock.s, wanted);
    this.command.write(wanted, q, v, request);
  }

  /** Share of the speed at which the gate keeps up: less where it does not let the arm be where the path is. */
  private share(gate: GateView): number {
    if (this.options.command_interface === 'torque') return 1;
    const { position } = gate.lastCommand;
    let lag = 0;
    for (let i = 0; i < this.joints; i++) lag = Math.max(lag, Math.abs(this.wanted[i] - position[i]));
    return lag < LAG_RAD ? 1 : Math.max(LEAST_PACE, 2 - lag / LAG_RAD);
  }

  private giveUp(outcome: FollowerOutcome, joint: number): void {
    this.outcome = outcome;
    this.failed_joint = joint;
    this.phase = 'stopping';
  }
}

/** Slowest pace at which a trajectory is joined, and at which the path goes on ahead of an arm that lags behind. */
const LEAST_PACE = 0.1;
/** The path waits for a gate that lags behind it by more than this, rad. */
const LAG_RAD = 2e-3;
const START = 0;
const WORST = 1;
const ERROR = 2;
/** When it began to settle, or was canceled. */
const STOPPED = 3;
/** Time of the last cycle. */
const LAST = 4;
const SPEED = 5;
