import { createRng } from '../contracts/index.ts';
import { choleskyFactor, choleskySolve, crba, forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import type { MeasuredState } from './arm_monitor.ts';
import type { Envelope } from './envelope.ts';
import type { JointGuard } from './joint_guard.ts';
import { reasonBit } from './reasons.ts';

const TORQUE = reasonBit('torque');
const TORQUE_RATE = reasonBit('torque_rate');
/** As in the joints' own limits: commands at exactly 100 % pass. */
const SLACK = 1 + 4e-10;
/** Inertia that stands for a joint that does not move (kg·m²). */
const LOCKED = 1e12;
/** How the reference follows the arm while torques command it, and the arm the reference in a stop: 1/s² and 1/s. */
const STIFFNESS_PER_S2 = 6400;
const DAMPING_PER_S = 160;
/** Share of the torque rate that the jerk of a stop may take; the rest is for gravity and velocity to change in. */
const JERK_SHARE = 0.5;
const SAMPLES = 200;
/** The arm is pushed when it accelerates otherwise than its torques say by this share of a limit, and for so long after, s. */
const PUSHED_SHARE = 0.1;
const PUSHED_S = 0.1;
/** Time constant over which that is found, s. */
const PUSH_FILTER_S = 0.01;

/**
 * The torque interface of the gate: joint torques, gravity included, to the accelerations they give at the reference, and
 * back. Torques are kept within the envelope's effort and rate; coordinates beyond the arm (fingers) count as locked.
 * What the model does not know of, as contact, moves the measured arm away from the reference. While torques pass, an observer
 * (Luenberger) takes the reference after the arm; in a stop the same feedback brings the arm to the reference.
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
  /** Where the arm was measured, rad; for one that is pushed. */
  readonly position: Float64Array;
  /** Times a torque had to be cut to its limits although the motion was to be another. */
  clipped = 0;
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly hz: number;
  private readonly effort: Float64Array;
  private readonly effort_step: Float64Array;
  private readonly locked: Float64Array;
  private readonly q: Float64Array;
  private readonly v: Float64Array;
  private readonly a: Float64Array;
  private readonly tau: Float64Array;
  private readonly bias: Float64Array;
  private readonly asked: Float64Array;
  /** Acceleration by which the arm, as measured, leaves the reference; 0 for one that follows exactly. */
  private readonly correction: Float64Array;
  /** Acceleration that the torques last sent give by the model; velocity then measured; what the arm did beside it. */
  private readonly sent: Float64Array;
  private readonly last_v: Float64Array;
  private readonly push: Float64Array;
  private measured: MeasuredState | null = null;
  private readonly pushed_cycles: number;
  private pushed_for = 0;

  constructor(robot: Robot, envelope: Envelope, hz: number) {
    const { nq } = robot.model;
    const n = envelope.joints.length;
    this.robot = robot;
    this.data = new RobotData(robot.model);
    this.hz = hz;
    this.effort = new Float64Array(n);
    this.effort_step = new Float64Array(n);
    this.locked = Float64Array.from({ length: nq }, (_, i) => (i < n ? 0 : LOCKED));
    this.q = robot.home_q.slice();
    this.v = new Float64Array(nq);
    this.a = new Float64Array(nq);
    this.tau = new Float64Array(nq);
    this.bias = new Float64Array(nq);
    this.asked = new Float64Array(n);
    this.position = new Float64Array(n);
    this.correction = new Float64Array(n);
    this.sent = new Float64Array(n);
    this.last_v = new Float64Array(n);
    this.push = new Float64Array(n);
    this.pushed_cycles = Math.ceil(PUSHED_S * hz);
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
    for (const memory of [this.correction, this.sent, this.push, this.last_v]) memory.fill(0);
    this.pushed_for = 0;
  }

  /** The arm as last measured; null for one that follows exactly. */
  observe(state: MeasuredState | null): void {
    this.measured = state;
  }

  /** How the measured arm leaves the reference, and whether something beside its torques moves it. */
  private compare(joints: readonly JointGuard[]): void {
    const { correction, measured, sent, last_v, push, hz } = this;
    if (this.pushed_for > 0) this.pushed_for--;
    if (measured === null) return;
    const share = 1 - Math.exp(-1 / (PUSH_FILTER_S * hz));
    for (let i = 0; i < joints.length; i++) {
      const v = measured.velocity[i];
      const sum = STIFFNESS_PER_S2 * (measured.position[i] - joints[i].p) + DAMPING_PER_S * (v - joints[i].v);
      // What is not finite stops the arm elsewhere, and must not spoil the torques of that stop.
      if (sum - sum !== 0) continue;
      correction[i] = sum;
      this.position[i] = measured.position[i];
      push[i] += share * ((v - last_v[i]) * hz - sent[i] - push[i]);
      last_v[i] = v;
      // The reference follows torques again once it has come up with the arm.
      const most = PUSHED_SHARE * joints[i].bounds.acceleration;
      if (Math.abs(push[i]) > most || Math.abs(sum) > most) this.pushed_for = this.pushed_cycles;
    }
  }

  /**
   * Whether the arm is moved by something beside its torques. Its acceleration and jerk are then not the command's doing,
   * and the reference has to follow the arm, not the torques.
   */
  get pushed(): boolean {
    return this.pushed_for > 0;
  }

  /** Accelerations that `command` (Nm) gives at the joints' state, cut to its limits; the reasons, if it was cut. */
  toAcceleration(joints: readonly JointGuard[], command: Float64Array): number {
    const { robot, data, q, v, tau, bias, asked, effort, effort_step, torque } = this;
    let reasons = 0;
    for (let i = 0; i < joints.length; i++) {
      q[i] = joints[i].p;
      v[i] = joints[i].v;
      let wanted = command[i];
      if (!(Math.abs(wanted) <= effort[i] * SLACK)) {
        reasons |= TORQUE;
        wanted = clamp(wanted, effort[i]);
      }
      if (!(Math.abs(wanted - torque[i]) <= effort_step[i] * SLACK)) {
        reasons |= TORQUE_RATE;
        wanted = torque[i] + clamp(wanted - torque[i], effort_step[i]);
      }
      asked[i] = wanted;
    }
    forwardKinematics(robot.model, data, q);
    rnea(robot.model, data, v, null, bias);
    crba(robot.model, data);
    choleskyFactor(data, this.locked);
    for (let i = 0; i < tau.length; i++) tau[i] = i < asked.length ? asked[i] - bias[i] : 0;
    choleskySolve(data, tau, 0, tau, 0);
    this.compare(joints);
    for (let i = 0; i < joints.length; i++) {
      this.sent[i] = tau[i];
      this.acceleration[i] = tau[i] + this.correction[i];
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
      return;
    }
    for (let i = 0; i < joints.length; i++) {
      q[i] = joints[i].p;
      v[i] = joints[i].v;
      a[i] = joints[i].next_a - this.correction[i];
      this.sent[i] = a[i];
    }
    forwardKinematics(robot.model, data, q);
    rnea(robot.model, data, v, a, tau);
    let cut = false;
    for (let i = 0; i < joints.length; i++) {
      const wanted = clamp(tau[i], effort[i]);
      const step = clamp(wanted - torque[i], effort_step[i]);
      cut ||= wanted !== tau[i] || Math.abs(step - (wanted - torque[i])) > 1e-9;
      torque[i] += step;
    }
    if (cut) this.clipped++;
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
