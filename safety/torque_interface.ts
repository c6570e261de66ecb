import { createRng } from '../contracts/index.ts';
import { choleskyFactor, choleskySolve, crba, forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import type { MeasuredState } from './arm_monitor.ts';
import { LIMIT_SLACK } from './bounded_joint.ts';
import type { Envelope } from './envelope.ts';
import type { JointGuard } from './joint_guard.ts';
import { reasonBit } from './reasons.ts';
import { TorqueLimiter } from './torque_limiter.ts';

const TORQUE = reasonBit('torque');
const TORQUE_RATE = reasonBit('torque_rate');
/** Inertia that stands for a joint that does not move (kg·m²). */
const LOCKED = 1e12;
/** Feedback that brings the arm to the reference in a stop: 1/s² and 1/s. Torques change only so fast, so it is soft. */
const STIFFNESS_PER_S2 = 900;
const DAMPING_PER_S = 60;
/** Share of the torque rate that the jerk of a stop may take; the rest is for gravity and velocity to change in. */
const JERK_SHARE = 0.5;
const SAMPLES = 200;

/**
 * The torque interface of the gate: joint torques, gravity included, to the accelerations they give at the reference, and
 * back. Torques are kept within the envelope's effort and rate; coordinates beyond the arm (fingers) count as locked.
 * What the model does not know of, as contact, moves the arm away from where its torques by themselves would: where the arm is
 * measured, the reference follows it while torques pass, and feedback brings the arm to the reference in a stop.
 */
export class TorqueInterface {
  /** False for a model without the masses that dynamics needs. */
  available = false;
  /** Jerk of every joint at which inertia takes no more than its share of the torque rate, rad/s³. */
  readonly jerk: Float64Array;
  /** What `toAcceleration` found, rad/s². */
  readonly acceleration: Float64Array;
  /** Torque last sent, Nm, gravity included. */
  readonly torque: Float64Array;
  /** Where the arm was measured, rad. */
  readonly position: Float64Array;
  /** Times a torque had to be cut to its limits although the motion was to be another. */
  clipped = 0;
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly hz: number;
  private readonly effort: Float64Array;
  private readonly effort_step: Float64Array;
  private readonly locked: Float64Array;
  private readonly limiter: TorqueLimiter;
  private readonly q: Float64Array;
  private readonly v: Float64Array;
  private readonly a: Float64Array;
  private readonly tau: Float64Array;
  private readonly bias: Float64Array;
  private readonly asked: Float64Array;
  /** Acceleration that feedback takes back in a stop; 0 for an arm that follows exactly. */
  private readonly correction: Float64Array;
  private measured: MeasuredState | null = null;

  constructor(robot: Robot, envelope: Envelope, hz: number) {
    const { nq } = robot.model;
    const n = envelope.joints.length;
    this.robot = robot;
    this.data = new RobotData(robot.model);
    this.hz = hz;
    this.effort = new Float64Array(n);
    this.effort_step = new Float64Array(n);
    this.locked = Float64Array.from({ length: nq }, (_, i) => (i < n ? 0 : LOCKED));
    this.limiter = new TorqueLimiter(robot, hz, this.locked);
    this.q = robot.home_q.slice();
    this.v = new Float64Array(nq);
    this.a = new Float64Array(nq);
    this.tau = new Float64Array(nq);
    this.bias = new Float64Array(nq);
    this.asked = new Float64Array(n);
    this.position = new Float64Array(n);
    this.correction = new Float64Array(n);
    this.acceleration = new Float64Array(n);
    this.torque = new Float64Array(n);
    this.jerk = new Float64Array(n);
    this.setEnvelope(envelope);
  }

  /** Another envelope for the same joints. Allocates. */
  setEnvelope(envelope: Envelope): void {
    envelope.joints.forEach(({ effort_Nm, effort_rate_Nm_per_s, jerk_rad_per_s3 }, i) => {
      this.effort[i] = effort_Nm;
      this.effort_step[i] = effort_rate_Nm_per_s / this.hz;
      this.jerk[i] = jerk_rad_per_s3;
    });
    const share = this.jerkShare();
    this.available = share !== null;
    if (share === null) return;
    envelope.joints.forEach(({ jerk_rad_per_s3 }, i) => {
      this.jerk[i] = share * jerk_rad_per_s3;
    });
  }

  /** Starts from the weight of the arm at rest at the joints' positions. */
  begin(joints: readonly JointGuard[]): void {
    for (let i = 0; i < joints.length; i++) this.q[i] = joints[i].p;
    forwardKinematics(this.robot.model, this.data, this.q);
    rnea(this.robot.model, this.data, null, null, this.tau);
    for (let i = 0; i < joints.length; i++) this.torque[i] = clamp(this.tau[i], this.effort[i]);
    this.correction.fill(0);
    this.limiter.begin();
  }

  /** The arm as last measured; null for one that follows exactly. */
  observe(state: MeasuredState | null): void {
    this.measured = state;
  }

  /** Whether the arm is measured, and the reference has to follow it and not the torques. */
  get followsArm(): boolean {
    return this.measured !== null;
  }

  /** How the measured arm leaves the reference. */
  private compare(joints: readonly JointGuard[]): void {
    const { correction, measured, position } = this;
    if (measured === null) return;
    let share = 1;
    for (let i = 0; i < joints.length; i++) {
      const { p, v, bounds } = joints[i];
      const sum = STIFFNESS_PER_S2 * (measured.position[i] - p) + DAMPING_PER_S * (measured.velocity[i] - v);
      // What is not finite stops the arm elsewhere, and must not spoil the torques of that stop.
      if (sum - sum !== 0) continue;
      correction[i] = sum;
      position[i] = measured.position[i];
      if (Math.abs(sum) * share > bounds.acceleration) share = bounds.acceleration / Math.abs(sum);
    }
    for (let i = 0; i < joints.length; i++) correction[i] *= share;
  }

  /** Accelerations that `command` (Nm) gives at the joints' state, cut to its limits; the reasons, if it was cut. */
  toAcceleration(joints: readonly JointGuard[], command: Float64Array): number {
    const { robot, data, q, v, tau, bias, asked, measured } = this;
    if (measured !== null) {
      this.compare(joints);
      return this.limit(measured, joints, command);
    }
    const reasons = this.cut(command);
    for (let i = 0; i < joints.length; i++) {
      q[i] = joints[i].p;
      v[i] = joints[i].v;
    }
    forwardKinematics(robot.model, data, q);
    rnea(robot.model, data, v, null, bias);
    crba(robot.model, data);
    choleskyFactor(data, this.locked);
    for (let i = 0; i < tau.length; i++) tau[i] = i < asked.length ? asked[i] - bias[i] : 0;
    choleskySolve(data, tau, 0, tau, 0);
    for (let i = 0; i < joints.length; i++) this.acceleration[i] = tau[i];
    return reasons;
  }

  /** `command` within the limits of a measured arm, into `asked`; the reasons, if it was cut. */
  private limit(measured: MeasuredState, joints: readonly JointGuard[], command: Float64Array): number {
    const { asked, effort, effort_step, torque } = this;
    for (let i = 0; i < asked.length; i++) asked[i] = clamp(command[i], effort[i]);
    let reasons = this.limiter.limit(measured, joints, asked);
    // One share for all joints: between torques that keep the limits all others do, changed one by one they need not.
    let share = 1;
    for (let i = 0; i < asked.length; i++) {
      if (!(Math.abs(command[i]) <= effort[i] * LIMIT_SLACK)) reasons |= TORQUE;
      asked[i] = clamp(asked[i], effort[i]);
      const change = Math.abs(asked[i] - torque[i]);
      if (change * share > effort_step[i]) share = effort_step[i] / change;
    }
    if (share === 1) return reasons;
    for (let i = 0; i < asked.length; i++) asked[i] = torque[i] + share * (asked[i] - torque[i]);
    return reasons | TORQUE_RATE;
  }

  /** `command` within the limits of torque and its rate, into `asked`; the reasons, if it was cut. */
  private cut(command: Float64Array): number {
    const { asked, effort, effort_step, torque } = this;
    let reasons = 0;
    for (let i = 0; i < asked.length; i++) {
      let wanted = command[i];
      if (!(Math.abs(wanted) <= effort[i] * LIMIT_SLACK)) {
        reasons |= TORQUE;
        wanted = clamp(wanted, effort[i]);
      }
      if (!(Math.abs(wanted - torque[i]) <= effort_step[i] * LIMIT_SLACK)) {
        reasons |= TORQUE_RATE;
        wanted = torque[i] + clamp(wanted - torque[i], effort_step[i]);
      }
      asked[i] = wanted;
    }
    return reasons;
  }

  /** Before the joints commit, where no torque was asked for: what the proposals need. */
  stop(joints: readonly JointGuard[]): void {
    this.compare(joints);
    this.settle(joints, false);
  }

  /** Before the joints commit: the torque that is sent, which is what was asked for or what the proposals need. */
  settle(joints: readonly JointGuard[], as_asked: boolean): void {
    const { robot, data, q, v, a, tau, asked, torque, effort, effort_step } = this;
    if (as_asked) {
      torque.set(asked);
      if (this.measured !== null) this.limiter.remember(torque);
      return;
    }
    for (let i = 0; i < joints.length; i++) {
      q[i] = joints[i].p;
      v[i] = joints[i].v;
      a[i] = joints[i].next_a - this.correction[i];
    }
    forwardKinematics(robot.model, data, q);
    rnea(robot.model, data, v, a, tau);
    let cut = false;
    let share = 1;
    for (let i = 0; i < joints.length; i++) {
      const wanted = clamp(tau[i], effort[i]);
      const change = Math.abs(wanted - torque[i]);
      if (change * share > effort_step[i]) share = effort_step[i] / change;
      cut ||= wanted !== tau[i] || change > effort_step[i] + 1e-9;
      asked[i] = wanted;
    }
    const { measured } = this;
    for (let i = 0; i < joints.length; i++) {
      const change = asked[i] - torque[i];
      // A measured arm is braked by all joints together; one that is not follows its reference joint by joint.
      torque[i] += measured === null ? clamp(change, effort_step[i]) : share * change;
    }
    if (cut) this.clipped++;
    if (this.measured !== null) this.limiter.remember(torque);
  }

  /** Part of the jerk that the torques' rates are enough for, null where inertia cannot be told; found once for a robot. */
  private jerkShare(): number | null {
    const key = `${this.jerk.join()} ${this.effort_step.join()} ${this.hz}`;
    const of_robot = SHARES.get(this.robot) ?? new Map<string, number | null>();
    SHARES.set(this.robot, of_robot);
    let share = of_robot.get(key);
    if (share === undefined) {
      share = this.searchShare();
      of_robot.set(key, share);
    }
    return share;
  }

  private searchShare(): number | null {
    const { robot, data, q, jerk, effort_step, hz } = this;
    const { position_lower, position_upper } = robot.limits;
    const rng = createRng(0, 'torque interface');
    let share = 1;
    try {
      for (let sample = 0; sample < SAMPLES; sample++) {
        for (let i = 0; i < jerk.length; i++) {
          q[i] = rng.range(Math.max(position_lower[i], -Math.PI), Math.min(position_upper[i], Math.PI));
        }
        forwardKinematics(robot.model, data, q);
        crba(robot.model, data);
        choleskyFactor(data, this.locked);
        for (let i = 0; i < jerk.length; i++) {
          let rate = 0;
          for (let j = 0; j < jerk.length; j++) rate += Math.abs(data.M[i * robot.model.nq + j]) * jerk[j];
          share = Math.min(share, (JERK_SHARE * effort_step[i] * hz) / rate);
        }
      }
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
    return share;
  }
}

const SHARES = new WeakMap<Robot, Map<string, number | null>>();

function clamp(value: number, limit: number): number {
  return value > limit ? limit : value < -limit ? -limit : value;
}
