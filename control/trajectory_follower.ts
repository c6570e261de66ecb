import { InputError, type JointTrajectory } from '../contracts/index.ts';
import { type CommandRequest, isOperating, type SafetyMode } from '../safety/index.ts';
import { TrajectorySampler } from './trajectory_sampler.ts';

export interface FollowerOptions {
  /** The first sample may be this far from the present reference (rad, rad/s); the rest is blended out. */
  readonly start_tolerance_rad: number;
  readonly start_tolerance_rad_per_s: number;
  readonly blend_s: number;
  /** Greatest distance of the measured joints from the trajectory on the way. */
  readonly path_tolerance_rad: number;
  /** What counts as arrived, and how long it may take after the last sample. */
  readonly goal_tolerance_rad: number;
  readonly goal_tolerance_rad_per_s: number;
  readonly goal_time_s: number;
  /** How long a goal waits for the gate to allow motion at the start. */
  readonly permission_time_s: number;
}

export const DEFAULT_FOLLOWER_OPTIONS: FollowerOptions = {
  start_tolerance_rad: 0.01,
  start_tolerance_rad_per_s: 0.05,
  blend_s: 0.5,
  path_tolerance_rad: 0.05,
  goal_tolerance_rad: 0.01,
  goal_tolerance_rad_per_s: 0.02,
  goal_time_s: 1,
  permission_time_s: 1,
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
export interface GateView {
  readonly mode: SafetyMode;
  readonly atRest: boolean;
  readonly lastCommand: { readonly position: Float64Array; readonly velocity: Float64Array };
}

/**
 * Turns a joint trajectory into one position command a cycle. Gives up, and lets the gate bring the arm to rest, when the
 * joints leave the trajectory, do not arrive, or the gate stops. `finished` is raised once the outcome stands and the arm
 * has come to rest.
 */
export class TrajectoryFollower {
  phase: FollowerPhase = 'idle';
  outcome: FollowerOutcome = 'none';
  /** Set when a goal has ended; the reader clears it. */
  finished = false;
  /** Joint that spoiled the goal, or −1. */
  failed_joint = -1;
  private readonly joints: number;
  private readonly joint_names: readonly string[];
  private readonly options: FollowerOptions;
  private sampler: TrajectorySampler;
  private spare: TrajectorySampler;
  /** What was asked for in the last cycle, the goal, and the first sample's distance from the reference at the start. */
  private readonly wanted: Float64Array;
  private readonly goal: Float64Array;
  private readonly offset: Float64Array;
  private readonly first: Float64Array;
  /** Start time, time within the trajectory, worst and latest error: in an array so that writing them allocates nothing. */
  private readonly numbers = new Float64Array(4);
  private blending = false;
  private started = false;

  constructor(joint_names: readonly string[], options: Partial<FollowerOptions> = {}) {
    const n = joint_names.length;
    this.joint_names = joint_names;
    this.joints = n;
    this.options = { ...DEFAULT_FOLLOWER_OPTIONS, ...options };
    this.sampler = new TrajectorySampler(joint_names);
    this.spare = new TrajectorySampler(joint_names);
    this.wanted = new Float64Array(n);
    this.goal = new Float64Array(n);
    this.offset = new Float64Array(n);
    this.first = new Float64Array(n);
  }

  get active(): boolean {
    return this.phase !== 'idle';
  }

  /** Time within the trajectory, s. */
  get time_s(): number {
    return this.numbers[TIME];
  }

  /** Greatest distance of a joint from the trajectory since the start, and at the last cycle, rad. */
  get max_error_rad(): number {
    return this.numbers[WORST];
  }

  get error_rad(): number {
    return this.numbers[ERROR];
  }

  /** Takes a goal, which starts at the next update; throws InputError, leaving any present goal, if it cannot start. */
  start(trajectory: JointTrajectory, gate: GateView): void {
    const { options, spare, first } = this;
    spare.load(trajectory);
    if (gate.mode !== 'initialising' && !isOperating(gate.mode)) {
      throw new InputError('trajectory', `the safety gate is in ${gate.mode}; clear the cause and reset it first`);
    }
    const { position, velocity } = gate.lastCommand;
    spare.sample(0, first);
    for (let i = 0; i < this.joints; i++) {
      const name = this.joint_names[i];
      const distance = Math.abs(first[i] - position[i]);
      if (!(distance <= options.start_tolerance_rad)) {
        throw new InputError(
          `trajectory starts ${distance.toFixed(4)} rad from where ${name} is`,
          `at most ${options.start_tolerance_rad} rad; plan from the present position`,
        );
      }
      const jump = Math.abs(velocity[i] - trajectory.velocity[trajectory.joint_names.indexOf(name)]);
      if (!(jump <= options.start_tolerance_rad_per_s)) {
        throw new InputError(
          `trajectory starts ${jump.toFixed(4)} rad/s off the speed of ${name}`,
          `at most ${options.start_tolerance_rad_per_s} rad/s; wait for rest or plan from the present motion`,
        );
      }
    }
    this.blending = false;
    for (let i = 0; i < this.joints; i++) {
      this.offset[i] = position[i] - first[i];
      this.wanted[i] = position[i];
      if (this.offset[i] !== 0) this.blending = true;
    }
    this.spare = this.sampler;
    this.sampler = spare;
    spare.sample(spare.duration_s, this.goal);
    this.phase = 'waiting';
    this.outcome = 'none';
    this.finished = false;
    this.failed_joint = -1;
    this.started = false;
    this.numbers.fill(0);
  }

  /** Gives the goal up; the arm comes to rest within its limits. */
  cancel(): void {
    if (this.phase !== 'idle' && this.phase !== 'stopping') this.giveUp('canceled', -1);
  }

  /** One cycle: writes kind and values of `request`. `q`, `v`: measured, at least one entry a joint. */
  update(t_s: number, q: Float64Array, v: Float64Array, gate: GateView, request: CommandRequest): void {
    request.kind = 'none';
    if (this.phase === 'idle') return;
    if (this.phase === 'waiting') this.await(t_s, gate);
    if (this.phase === 'following' || this.phase === 'settling') this.follow(t_s, q, v, gate, request);
    if (this.phase === 'stopping' && gate.atRest) {
      this.phase = 'idle';
      this.finished = true;
    }
  }

  /** What became of the goal, for the operator. */
  describeOutcome(): string {
    const joint = this.failed_joint >= 0 ? this.joint_names[this.failed_joint] : '';
    const { options } = this;
    switch (this.outcome) {
      case 'none':
        return 'not finished';
      case 'done':
        return '';
      case 'tracking_error':
        return `${joint} left the trajectory by ${this.error_rad.toFixed(4)} rad at ${this.time_s.toFixed(3)} s (allowed ${options.path_tolerance_rad})`;
      case 'goal_not_reached':
        return `${joint} was ${this.error_rad.toFixed(4)} rad from the goal ${options.goal_time_s} s after the end (allowed ${options.goal_tolerance_rad} at rest)`;
      case 'not_permitted':
        return `the safety gate allowed no motion within ${options.permission_time_s} s`;
      case 'stopped_by_safety':
        return 'stopped by the safety gate';
      case 'canceled':
        return 'canceled';
    }
  }

  private await(t_s: number, gate: GateView): void {
    if (!this.started) {
      this.started = true;
      this.numbers[START] = t_s;
    }
    if (isOperating(gate.mode)) {
      this.numbers[START] = t_s;
      this.phase = 'following';
    } else if (gate.mode !== 'initialising' || t_s - this.numbers[START] > this.options.permission_time_s) {
      this.giveUp('not_permitted', -1);
    }
  }

  private follow(t_s: number, q: Float64Array, v: Float64Array, gate: GateView, request: CommandRequest): void {
    const { numbers, options, wanted, sampler } = this;
    if (!isOperating(gate.mode)) {
      this.giveUp('stopped_by_safety', -1);
      return;
    }
    let worst = 0;
    let worst_joint = 0;
    let speed = 0;
    for (let i = 0; i < this.joints; i++) {
      const error = Math.abs(wanted[i] - q[i]);
      // A NaN from the sensors is an error too.
      if (!(error <= worst)) {
        worst = error;
        worst_joint = i;
      }
      speed = Math.max(speed, Math.abs(v[i]));
    }
    numbers[ERROR] = worst;
    if (worst > numbers[WORST]) numbers[WORST] = worst;
    if (!(worst <= options.path_tolerance_rad)) {
      this.giveUp('tracking_error', worst_joint);
      return;
    }

    const time = t_s - numbers[START];
    numbers[TIME] = time;
    const end = this.blending ? Math.max(sampler.duration_s, options.blend_s) : sampler.duration_s;
    if (this.phase === 'settling') {
      if (worst <= options.goal_tolerance_rad && speed <= options.goal_tolerance_rad_per_s) {
        this.arrive();
        return;
      }
      if (time - end > options.goal_time_s) {
        this.giveUp('goal_not_reached', worst_joint);
        return;
      }
    }
    sampler.sample(time, wanted);
    if (this.blending) {
      const u = time < options.blend_s ? time / options.blend_s : 1;
      const left = 1 - u * u * u * (10 + u * (6 * u - 15));
      for (let i = 0; i < this.joints; i++) wanted[i] += left * this.offset[i];
    }
    request.kind = 'position';
    for (let i = 0; i < this.joints; i++) request.values[i] = wanted[i];
    if (time >= end) this.phase = 'settling';
  }

  private arrive(): void {
    this.outcome = 'done';
    this.phase = 'idle';
    this.finished = true;
  }

  private giveUp(outcome: FollowerOutcome, joint: number): void {
    this.outcome = outcome;
    this.failed_joint = joint;
    this.phase = 'stopping';
  }
}

const START = 0;
const TIME = 1;
const WORST = 2;
const ERROR = 3;
