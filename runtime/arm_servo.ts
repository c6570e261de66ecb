import { type ArmPhase, COMMAND } from './arm_protocol.ts';

/** What the arm's own controller never exceeds, one entry for each joint: rad, rad/s, rad/s². */
export interface ArmLimits {
  readonly position_lower: Float64Array;
  readonly position_upper: Float64Array;
  readonly velocity: Float64Array;
  readonly acceleration: Float64Array;
}

export interface ArmServoOptions {
  /** Cycles without a command after which the arm brakes by itself. */
  readonly watchdog_cycles: number;
  /** Room that following may use beyond the acceleration limit of commands; braking never uses it. */
  readonly headroom: number;
  /** How fast what is left between arm and command is made up for (1/s), and at which speed at most: this part of the
   * command's speed and this more (rad/s), so that a sender out of step does not shake the arm. */
  readonly position_gain_per_s: number;
  readonly correction_part: number;
  readonly correction_rad_per_s: number;
  /** Commands are taken up only within this of where the arm stands. */
  readonly start_tolerance_rad: number;
}

export const DEFAULT_ARM_SERVO: ArmServoOptions = {
  watchdog_cycles: 20,
  headroom: 1.5,
  position_gain_per_s: 25,
  correction_part: 0.02,
  correction_rad_per_s: 0.008,
  start_tolerance_rad: 0.01,
};

/** What became of a command. Only `accepted` moves the arm and feeds its watchdog. */
export type CommandVerdict =
  | 'accepted'
  | 'drives_off'
  | 'not_newer'
  | 'other_session'
  | 'not_finite'
  | 'beyond_limits'
  | 'away';

/** Part of a limit that rounding may take. */
const SLACK = 1 + 1e-6;
/** A command at rest: rad/s. */
const REST = 1e-6;
/** The command's time follows the sender's cycles with this gain, and never runs further ahead or behind than this many. */
const TIME_GAIN = 0.005;
const MAX_AHEAD = 3;
/** Cycles over which a command's acceleration is believed. */
const BELIEVED = 2;

/**
 * The robot's side of the command channel: follows the newest command on a clock of its own and stops the arm when
 * commands stop coming. The arm is kinematic, with limited acceleration.
 *
 * Two clocks of the same rate drift past each other, so that now and then a cycle sees two commands or none. The servo
 * therefore keeps a time in the sender's cycles, evaluates the newest command there (position, velocity, acceleration
 * carried on for at most two cycles), and follows that with v = v_d + k (p_d − q), the second part bounded and v changing at a limited rate.
 */
export class ArmServo {
  readonly q: Float64Array;
  readonly v: Float64Array;
  phase: ArmPhase = 'holding';
  /** Session and sequence of the last command taken; 0 before the first. */
  session = 0;
  sequence = 0;
  refused = 0;
  private readonly limits: ArmLimits;
  private readonly options: ArmServoOptions;
  private readonly dt_s: number;
  private readonly n: number;
  private readonly command: Float64Array;
  private readonly past_sessions = new Set<number>();
  private silent = 0;
  /** Sender's cycles from the newest command to the time the arm is at. */
  private readonly ahead = new Float64Array(1);

  /** At rest at `q` (rad, at least one entry for each joint of the limits). */
  constructor(limits: ArmLimits, q: Float64Array, hz: number, options: Partial<ArmServoOptions> = {}) {
    this.limits = limits;
    this.options = { ...DEFAULT_ARM_SERVO, ...options };
    this.dt_s = 1 / hz;
    this.n = limits.velocity.length;
    this.q = q.slice(0, this.n);
    this.v = new Float64Array(this.n);
    this.command = new Float64Array(3 * this.n);
  }

  /** Takes or refuses one command record; see arm_protocol.ts. */
  receive(record: Float64Array): CommandVerdict {
    const verdict = this.judge(record);
    if (verdict === 'drives_off') {
      // Without power the brakes hold: what was asked for beside it does not matter.
      this.sequence = record[COMMAND.sequence];
      if (this.phase === 'following') this.phase = 'braking';
      return verdict;
    }
    if (verdict !== 'accepted') {
      if (verdict !== 'not_newer') this.refused++;
      return verdict;
    }
    const passed = record[COMMAND.sequence] - this.sequence;
    const resumes = this.phase !== 'following';
    if (record[COMMAND.session] !== this.session && this.session !== 0) this.past_sessions.add(this.session);
    this.session = record[COMMAND.session];
    this.sequence = record[COMMAND.sequence];
    for (let i = 0; i < this.command.length; i++) this.command[i] = record[COMMAND.joints + i];
    this.ahead[0] = resumes ? 0 : Math.max(this.ahead[0] - passed, -MAX_AHEAD);
    if (this.ahead[0] > MAX_AHEAD) this.ahead[0] = MAX_AHEAD;
    this.phase = 'following';
    this.silent = 0;
    return 'accepted';
  }

  /** Brings the arm to rest as if commands had stopped coming; those that come meanwhile are refused. */
  halt(): void {
    if (this.phase === 'following') this.phase = 'braking';
  }

  /** Holds the arm at `q` (rad) from now on, where it was brought by other means; only while it holds. */
  place(q: ArrayLike<number>): void {
    if (this.phase !== 'holding') throw new Error(`an arm that is ${this.phase} cannot be placed`);
    for (let i = 0; i < this.n; i++) this.q[i] = q[i];
  }

  /** One cycle of the arm. */
  step(): void {
    if (this.phase === 'following' && this.silent >= this.options.watchdog_cycles) this.phase = 'braking';
    this.silent++;
    if (this.phase === 'following') this.follow();
    else if (this.phase === 'braking') this.brake();
  }

  private judge(record: Float64Array): CommandVerdict {
    const session = record[COMMAND.session];
    const sequence = record[COMMAND.sequence];
    for (let i = 0; i < record.length; i++) if (!Number.isFinite(record[i])) return 'not_finite';
    if (session === this.session) {
      if (sequence <= this.sequence) return 'not_newer';
    } else if (this.phase !== 'holding' || session === 0 || this.past_sessions.has(session)) return 'other_session';
    if (record[COMMAND.drives_on] !== 1) return session === this.session ? 'drives_off' : 'other_session';
    const { limits, q, n } = this;
    const starting = this.phase !== 'following';
    if (this.phase === 'braking') return 'away';
    for (let i = 0; i < n; i++) {
      const p = record[COMMAND.joints + i];
      const v = record[COMMAND.joints + n + i];
      const a = record[COMMAND.joints + 2 * n + i];
      if (!(p >= limits.position_lower[i] && p <= limits.position_upper[i])) return 'beyond_limits';
      if (!(Math.abs(v) <= limits.velocity[i] * SLACK)) return 'beyond_limits';
      if (!(Math.abs(a) <= limits.acceleration[i] * SLACK)) return 'beyond_limits';
      if (starting) {
        if (Math.abs(p - q[i]) > this.options.start_tolerance_rad || Math.abs(v) > REST) return 'away';
      } else {
        const reach = (sequence - this.sequence) * this.dt_s * limits.velocity[i] * SLACK;
        if (Math.abs(p - this.command[i]) > reach) return 'beyond_limits';
      }
    }
    return 'accepted';
  }

  private follow(): void {
    const { n, command, q, v, limits, dt_s, options, ahead } = this;
    ahead[0] += 1 - TIME_GAIN * ahead[0];
    const t = ahead[0] * dt_s;
    for (let i = 0; i < n; i++) {
      const a = command[2 * n + i];
      const turn_s = a !== 0 && a * command[n + i] <= 0 ? -command[n + i] / a : t;
      // A joint that slows down is not believed to turn round.
      const believed = Math.min(clamp(t, -BELIEVED * dt_s, BELIEVED * dt_s), turn_s);
      const wanted_v = command[n + i] + a * believed;
      const wanted_q = command[i] + command[n + i] * believed + 0.5 * a * believed ** 2 + wanted_v * (t - believed);
      const change = limits.acceleration[i] * options.headroom * dt_s;
      const most = options.correction_rad_per_s + options.correction_part * Math.abs(wanted_v);
      const miss = wanted_q - q[i] - wanted_v * dt_s;
      const aim = wanted_v + clamp(options.position_gain_per_s * miss, -most, most);
      v[i] = clamp(clamp(aim, v[i] - change, v[i] + change), -limits.velocity[i], limits.velocity[i]);
      this.move(i);
    }
  }

  private brake(): void {
    const { n, v, limits, dt_s } = this;
    let moving = false;
    for (let i = 0; i < n; i++) {
      const change = limits.acceleration[i] * dt_s;
      v[i] -= clamp(v[i], -change, change);
      moving ||= v[i] !== 0;
      this.move(i);
    }
    if (!moving) this.phase = 'holding';
  }

  /** A joint that runs onto its end stop stands there. */
  private move(i: number): void {
    const { q, v, limits, dt_s } = this;
    const next = q[i] + dt_s * v[i];
    q[i] = clamp(next, limits.position_lower[i], limits.position_upper[i]);
    if (q[i] !== next) v[i] = 0;
  }
}

function clamp(value: number, lower: number, upper: number): number {
  return value < lower ? lower : value > upper ? upper : value;
}
