import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import type { Envelope } from '../envelope.ts';
import type { SafeCommand } from '../safe_command.ts';

/** Relative slack of limits, and the absolute floor that rounding of positions leaves in the n-th difference: 4e-14·hzⁿ. */
const RELATIVE_SLACK = 1e-9;
const ROUNDING = 4e-14;
const TOOL_SLACK_M = 1e-9;

export interface Utilisation {
  position: number;
  velocity: number;
  acceleration: number;
  jerk: number;
}

/**
 * Judges what a gate sent from the positions alone, by backward differences: every cycle in which a joint, or the tool by
 * forward kinematics, is beyond a limit is a violation. While the arm is on its way back from outside the envelope
 * (`outside`), being beyond a limit is counted apart as long as it does not grow.
 */
export class OutputMonitor {
  violations = 0;
  /** Cycles in which a limit was left by an arm that came from outside. */
  outside_cycles = 0;
  /** Greatest share of each limit; 1 is the limit, a position counts from the middle of its range. */
  readonly max_utilisation: Utilisation = { position: 0, velocity: 0, acceleration: 0, jerk: 0 };
  private readonly envelope: Envelope;
  private readonly robot: Robot;
  private readonly hz: number;
  private readonly frame: number;
  private readonly data: RobotData;
  private readonly q: Float64Array;
  private readonly p: Float64Array;
  private readonly v: Float64Array;
  private readonly a: Float64Array;
  /** What a joint was beyond its limits in the last cycle: position, velocity. */
  private readonly beyond: Float64Array;
  private readonly pose = new Float64Array(12);

  /** @param start  positions before the first cycle (rad), with the velocities that led there (rad/s) */
  constructor(envelope: Envelope, robot: Robot, hz: number, start: ArrayLike<number>, velocity: ArrayLike<number>) {
    const n = envelope.joints.length;
    this.envelope = envelope;
    this.robot = robot;
    this.hz = hz;
    this.frame = frameIndex(robot.model, envelope.tool.frame);
    this.data = new RobotData(robot.model);
    this.q = robot.home_q.slice();
    this.p = Float64Array.from({ length: n }, (_, i) => start[i]);
    this.v = Float64Array.from({ length: n }, (_, i) => velocity[i]);
    this.a = new Float64Array(n);
    this.beyond = new Float64Array(2 * n).fill(Number.POSITIVE_INFINITY);
  }

  look(command: SafeCommand, outside: boolean): void {
    const { hz } = this;
    let left = false;
    let grew = false;
    for (let i = 0; i < this.p.length; i++) {
      const limits = this.envelope.joints[i];
      const p = command.position[i];
      const v = (p - this.p[i]) * hz;
      const a = (v - this.v[i]) * hz;
      const j = (a - this.a[i]) * hz;
      this.p[i] = p;
      this.v[i] = v;
      this.a[i] = a;
      this.q[i] = p;
      this.use(p, v, a, j, i);
      const far = Math.max(limits.position_lower_rad - p, p - limits.position_upper_rad);
      const fast = Math.abs(v) - (limits.velocity_rad_per_s * (1 + RELATIVE_SLACK) + ROUNDING * hz);
      const { acceleration, jerk } = this.robot.limits;
      const A = outside ? Math.max(acceleration[i], limits.acceleration_rad_per_s2) : limits.acceleration_rad_per_s2;
      const J = outside ? Math.max(jerk[i], limits.jerk_rad_per_s3) : limits.jerk_rad_per_s3;
      if (!(Math.abs(a) <= A * (1 + RELATIVE_SLACK) + ROUNDING * hz * hz)) grew = true;
      if (!(Math.abs(j) <= J * (1 + RELATIVE_SLACK) + ROUNDING * hz * hz * hz)) grew = true;
      if (!(far <= 0) || !(fast <= 0)) left = true;
      // A joint that still moves outwards cannot but go on for the length of its stop.
      const stopping = Math.abs(v) > 0 && Math.sign(a) !== Math.sign(v);
      if (far > this.beyond[2 * i] + 1e-12 && far > 0 && !stopping) grew = true;
      if (fast > this.beyond[2 * i + 1] + 1e-12 && fast > 0) grew = true;
      this.beyond[2 * i] = far;
      this.beyond[2 * i + 1] = fast;
    }
    if (this.toolLeft()) left = true;
    if (grew || (left && !outside)) this.violations++;
    else if (left) this.outside_cycles++;
  }

  private use(p: number, v: number, a: number, j: number, i: number): void {
    const limits = this.envelope.joints[i];
    const { max_utilisation: most } = this;
    const middle = (limits.position_lower_rad + limits.position_upper_rad) / 2;
    most.position = Math.max(most.position, Math.abs(p - middle) / (limits.position_upper_rad - middle));
    most.velocity = Math.max(most.velocity, Math.abs(v) / limits.velocity_rad_per_s);
    most.acceleration = Math.max(most.acceleration, Math.abs(a) / limits.acceleration_rad_per_s2);
    most.jerk = Math.max(most.jerk, Math.abs(j) / limits.jerk_rad_per_s3);
  }

  private toolLeft(): boolean {
    const box = this.envelope.workspace;
    if (box === null) return false;
    forwardKinematics(this.robot.model, this.data, this.q);
    framePose(this.robot.model, this.data, this.frame, this.pose);
    let left = false;
    for (let axis = 0; axis < 3; axis++) {
      const x = this.pose[9 + axis];
      if (!(Math.max(box.lower_m[axis] - x, x - box.upper_m[axis]) <= TOOL_SLACK_M)) left = true;
    }
    return left;
  }
}
