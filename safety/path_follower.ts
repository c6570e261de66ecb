import { type ArmSpeed, SPEED_SHARE } from './arm_speed.ts';
import { JointGuard } from './joint_guard.ts';

/** Commands kept while the arm is behind them; one that is older is given up. */
const CAPACITY = 256;
/** The arm may be this far beside the path of its commands before it slows down, rad (m for a prismatic joint). */
const TOLERANCE = 2e-3;
/** A command farther from the last one than so many cycles at full speed is no path but a jump. */
const JUMP_CYCLES = 3;
/** Greatest pace along the path, in commands a cycle, when the arm is behind. */
const CATCH_UP = 1.25;
/** Least pace that limits ask for; below it only the following error slows the path. */
const LEAST_CAP = 0.05;
/** Commands looked ahead over, where the arm is that far behind. */
const HORIZON = 64;
/** Share of a joint's acceleration that a change of pace may take. */
const PACE_SHARE = 0.3;
/** Share that the bends of the path may take. */
const BEND_SHARE = 0.7;
/** Places of a line at which its speed is compared with limits. */
const LINE_LOOKS = 9;

type Phase = 'direct' | 'lagging' | 'line';

/**
 * Slows commands down along their path where the arm cannot follow in time, in place of letting every joint do what it
 * can. Commands are kept, and run through at a pace that falls with the distance between arm and path (time scaling, as
 * in Dahl and Nielsen, Torque-limited path following by online trajectory time scaling, 1990). A jump from rest becomes
 * the straight line to its end with all joints in phase. Allocates nothing after construction.
 */
export class PathFollower {
  /** Where the joints are wanted in this cycle; written by `update` and `slowDown`. */
  readonly target: Float64Array;
  private readonly joints: readonly JointGuard[];
  private readonly hz: number;
  private readonly speed: ArmSpeed | null;
  private phase: Phase = 'direct';
  /** Last command, and whether there is one. */
  private readonly last: Float64Array;
  private has_last = false;
  private jumped = false;
  /** Ring of commands: row `i % CAPACITY` is command i; `newest` is the last, `at` (fractional) where the arm is wanted. */
  private readonly ring: Float64Array;
  /** Pace that each command of the ring allows by itself. */
  private readonly caps = new Float64Array(CAPACITY).fill(1);
  private newest = 0;
  private readonly numbers = new Float64Array(5);
  /** Motion along a straight line, from 0 to 1. */
  private readonly line: JointGuard;
  private readonly line_bounds = { position_lower: 0, position_upper: 1, velocity: 1, acceleration: 1, jerk: 1 };
  private readonly from: Float64Array;
  private readonly to: Float64Array;
  private readonly unit = Float64Array.of(1);

  constructor(joints: readonly JointGuard[], hz: number, speed: ArmSpeed | null = null) {
    const n = joints.length;
    this.joints = joints;
    this.hz = hz;
    this.speed = speed;
    this.target = new Float64Array(n);
    this.last = new Float64Array(n);
    this.ring = new Float64Array(n * CAPACITY);
    this.line = new JointGuard(this.line_bounds, hz);
    this.from = new Float64Array(n);
    this.to = new Float64Array(n);
  }

  /** Whether the target is the command itself. */
  get direct(): boolean {
    return this.phase === 'direct';
  }

  /** Forgets the path; for when the arm stops. */
  clear(): void {
    this.phase = 'direct';
    this.has_last = false;
  }

  /** Takes this cycle's command and writes `target`. */
  update(command: Float64Array): void {
    const { target, last } = this;
    this.jumped = this.has_last && this.jumps(command);
    if (this.phase === 'lagging') {
      if (this.jumped || this.newest - this.numbers[AT] >= CAPACITY - 3) this.phase = 'direct';
      else this.advance(command);
    } else if (this.phase === 'line') {
      this.findError();
      if (this.changed(command) || this.numbers[ERROR] > TOLERANCE) this.phase = 'direct';
      else this.advanceLine();
    }
    if (this.phase === 'direct') target.set(command);
    if (!this.has_last) last.set(command);
  }

  /** After the cycle is done with `command`. */
  remember(command: Float64Array): void {
    this.last.set(command);
    this.has_last = true;
  }

  /** The command itself cannot be followed: keep it and go on along its path, or along a line to it. */
  slowDown(command: Float64Array): void {
    if (this.phase !== 'direct') return;
    const { joints, last, ring, numbers } = this;
    const n = joints.length;
    let rests = true;
    let near = this.has_last && !this.jumped;
    for (let i = 0; i < n; i++) {
      rests &&= joints[i].atRest;
      near &&= Math.abs(joints[i].p - last[i]) < TOLERANCE;
    }
    if (near) {
      this.phase = 'lagging';
      ring.set(last, 0);
      ring.set(command, n);
      this.newest = 1;
      this.caps[1] = 1;
      numbers[AT] = 1;
      numbers[PACE] = 1;
    } else if (rests) this.startLine(command);
  }

  /** Whether the command is farther from the last than tool or links may go in a cycle. */
  tooFast(command: Float64Array): boolean {
    const { speed } = this;
    if (!this.has_last || speed === null || !speed.limited) return false;
    speed.compare(this.last, 0, command, 0);
    return speed.ratio[0] > 1;
  }

  private jumps(command: Float64Array): boolean {
    const { joints, last, hz } = this;
    for (let i = 0; i < joints.length; i++) {
      if (!(Math.abs(command[i] - last[i]) * hz <= JUMP_CYCLES * joints[i].bounds.velocity)) return true;
    }
    return false;
  }

  private changed(command: Float64Array): boolean {
    for (let i = 0; i < command.length; i++) if (command[i] !== this.to[i]) return true;
    return false;
  }

  /** Greatest distance of a joint from where it was wanted in the last cycle, as far as it can be there; into ERROR. */
  private findError(): void {
    const { joints, target } = this;
    let greatest = 0;
    for (let i = 0; i < joints.length; i++) {
      const joint = joints[i];
      const reachable = Math.max(joint.lower, Math.min(joint.upper, target[i]));
      const error = Math.abs(reachable - joint.p);
      if (error > greatest) greatest = error;
    }
    this.numbers[ERROR] = greatest;
  }

  private advance(command: Float64Array): void {
    const { joints, ring, numbers, target } = this;
    const n = joints.length;
    this.newest++;
    const row = n * (this.newest % CAPACITY);
    for (let i = 0; i < n; i++) ring[row + i] = command[i];
    const behind = this.newest - numbers[AT];
    this.capPace();
    this.findPaceChange();
    this.findPaceAhead();
    this.findError();
    const change = numbers[CHANGE];
    const wanted = Math.max(0, Math.min(2 * (1 - numbers[ERROR] / TOLERANCE), numbers[AHEAD]));
    numbers[PACE] += Math.max(-change, Math.min(change, wanted - numbers[PACE]));
    numbers[AT] += Math.min(behind, numbers[PACE]);
    this.interpolate(target);
    if (numbers[AT] >= this.newest) this.phase = 'direct';
  }

  /** Into `caps`, the pace at which the newest command keeps every joint's velocity and acceleration limit. */
  private capPace(): void {
    const { joints, ring, newest, hz } = this;
    const n = joints.length;
    const c = n * (newest % CAPACITY);
    const b = n * ((newest + CAPACITY - 1) % CAPACITY);
    const a = newest < 2 ? b : n * ((newest + CAPACITY - 2) % CAPACITY);
    let cap = CATCH_UP;
    for (let i = 0; i < n; i++) {
      const { velocity, acceleration } = joints[i].bounds;
      const step = Math.abs(ring[c + i] - ring[b + i]) * hz;
      const bend = Math.abs(ring[c + i] - 2 * ring[b + i] + ring[a + i]) * hz * hz;
      if (step * cap > velocity) cap = velocity / step;
      const most = BEND_SHARE * acceleration;
      if (bend * cap * cap > most && a !== b) cap = Math.sqrt(most / bend);
    }
    const { speed } = this;
    if (speed?.limited) {
      speed.compare(ring, b, ring, c);
      if (speed.ratio[0] * cap > SPEED_SHARE) cap = SPEED_SHARE / speed.ratio[0];
    }
    this.caps[newest % CAPACITY] = cap > LEAST_CAP ? cap : LEAST_CAP;
  }

  /** Into AHEAD, the greatest pace from which every cap ahead can be met by the change of pace in CHANGE. */
  private findPaceAhead(): void {
    const { numbers, caps, newest } = this;
    const change = numbers[CHANGE];
    const from = Math.floor(numbers[AT]) + 1;
    const to = Math.min(newest, from + HORIZON);
    // Down to the commands' own pace by the time the newest is reached.
    let pace = Math.min(CATCH_UP, 1 + Math.sqrt(2 * change * Math.max(0, newest - 1 - numbers[AT])));
    for (let index = from; index <= to; index++) {
      const most = caps[index % CAPACITY] + change * (index - from);
      if (most < pace) pace = most;
    }
    numbers[AHEAD] = pace;
  }

  /** Into CHANGE, how much the pace may change in a cycle for the joints to follow with a share of their acceleration. */
  private findPaceChange(): void {
    const { joints, ring, numbers, hz } = this;
    const n = joints.length;
    const index = Math.floor(numbers[AT]);
    const here = n * (index % CAPACITY);
    const next = n * ((index + 1) % CAPACITY);
    let change = 1;
    for (let i = 0; i < n; i++) {
      const step = Math.abs(ring[next + i] - ring[here + i]);
      const most = (PACE_SHARE * joints[i].bounds.acceleration) / (hz * hz);
      if (step * change > most) change = most / step;
    }
    numbers[CHANGE] = change;
  }

  /** The path at `at` by Catmull and Rom's cubic through four commands. */
  private interpolate(target: Float64Array): void {
    const { joints, ring, numbers, newest } = this;
    const n = joints.length;
    const first = Math.floor(numbers[AT]);
    const u = numbers[AT] - first;
    const b = n * (first % CAPACITY);
    if (u === 0) {
      for (let i = 0; i < n; i++) target[i] = ring[b + i];
      return;
    }
    const a = first > 0 ? n * ((first - 1) % CAPACITY) : b;
    const c = n * ((first + 1) % CAPACITY);
    const d = first + 2 <= newest ? n * ((first + 2) % CAPACITY) : c;
    for (let i = 0; i < n; i++) {
      const slope_b = 0.5 * (ring[c + i] - ring[a + i]);
      const slope_c = d === c ? ring[c + i] - ring[b + i] : 0.5 * (ring[d + i] - ring[b + i]);
      const step = ring[c + i] - ring[b + i];
      target[i] =
        ring[b + i] + u * (slope_b + u * (3 * step - 2 * slope_b - slope_c + u * (slope_b + slope_c - 2 * step)));
    }
  }

  private startLine(command: Float64Array): void {
    const { joints, from, to, line, line_bounds } = this;
    let velocity = Number.POSITIVE_INFINITY;
    let acceleration = Number.POSITIVE_INFINITY;
    let jerk = Number.POSITIVE_INFINITY;
    for (let i = 0; i < joints.length; i++) {
      const joint = joints[i];
      from[i] = joint.p;
      to[i] = command[i];
      const length = Math.abs(Math.max(joint.lower, Math.min(joint.upper, command[i])) - joint.p);
      if (length === 0) continue;
      velocity = Math.min(velocity, joint.bounds.velocity / length);
      acceleration = Math.min(acceleration, joint.bounds.acceleration / length);
      jerk = Math.min(jerk, joint.bounds.jerk / length);
    }
    if (jerk === Number.POSITIVE_INFINITY) return;
    line_bounds.velocity = ROUNDING * Math.min(velocity, this.lineSpeed());
    line_bounds.acceleration = ROUNDING * acceleration;
    line_bounds.jerk = ROUNDING * jerk;
    line.setBounds(line_bounds, line_bounds);
    line.reset(0);
    this.phase = 'line';
    this.advanceLine();
  }

  /** Greatest rate along the line from `from` to `to` (1/s) at which tool and links are not too fast. */
  private lineSpeed(): number {
    const { joints, from, to, target, ring, speed, hz } = this;
    if (speed === null || !speed.limited) return Number.POSITIVE_INFINITY;
    let greatest = 0;
    for (let look = 0; look < LINE_LOOKS; look++) {
      for (let i = 0; i < joints.length; i++) {
        const way = Math.max(joints[i].lower, Math.min(joints[i].upper, to[i])) - from[i];
        ring[i] = from[i] + (look / (LINE_LOOKS - 1)) * way;
        target[i] = ring[i] + way / hz;
      }
      speed.compare(ring, 0, target, 0);
      if (speed.ratio[0] > greatest) greatest = speed.ratio[0];
    }
    return greatest === 0 ? Number.POSITIVE_INFINITY : SPEED_SHARE / greatest;
  }

  private advanceLine(): void {
    const { joints, from, to, line, target, unit } = this;
    if (!line.proposePosition(unit, 0)) line.proposeTowardsPosition(unit, 0);
    line.commitTowards(unit, 0);
    for (let i = 0; i < joints.length; i++) {
      const end = Math.max(joints[i].lower, Math.min(joints[i].upper, to[i]));
      target[i] = line.p === 1 ? end : from[i] + line.p * (end - from[i]);
    }
    if (line.p === 1 && line.atRest) this.phase = 'direct';
  }
}

const AT = 0;
const PACE = 1;
const CHANGE = 2;
const AHEAD = 3;
const ERROR = 4;
/** Room for rounding, so that the line's samples pass the joints' own limits. */
const ROUNDING = 1 - 1e-9;
