import { ComputedTorqueServo } from '../../control/index.ts';
import type { Robot } from '../../robots/index.ts';
import { clamp } from './torque_limits.ts';

/** Joint speed from which dry friction is made up for in full, rad/s. */
const STICTION = 1e-3;
/** Largest inertia a drive turns, of the arm stretched out with a load (kg m²). */
const INERTIA_KG_M2 = 3;
/** How long errors of velocity are remembered, s. */
const MEMORY_S = 0.05;

/** What the joints are to do in this step: reference at its start, and the acceleration to that of its end. */
export interface JointReference {
  readonly q_ref: Float64Array;
  readonly v_ref: Float64Array;
  readonly a_ref: Float64Array;
}

/** State of the motors, nq: rad, rad/s. */
export interface MotorState {
  readonly q: Float64Array;
  readonly v: Float64Array;
}

/**
 * Torques of the arm's drives by computed torque: feedback of no joint asks for more than its limit, and where a torque
 * is beyond its limit the feedback of all joints is taken back alike, so that it keeps its direction. Feedback of rate ω
 * turns a velocity error e about with a jerk of e ω²; drives too slow for that would push it the wrong way and let it grow
 * from swing to swing. So after a hard stop or a blow feedback is softer for a while, at the same damping ratio. Allocates
 * nothing.
 */
export class JointServo {
  private readonly robot: Robot;
  private readonly servo: ComputedTorqueServo;
  private readonly feedback_limit: number;
  private readonly limit: Float64Array;
  /** Greatest velocity error of late (rad/s); part of what following cycles depend on. */
  readonly memory = new Float64Array(1);
  /** Most jerk that feedback may need, rad/s³. */
  private readonly jerk: number;
  private readonly keep: number;
  /** Rotor inertia per joint (kg m²), which the inverse dynamics of the links lack; null for none. */
  private readonly armature: Float64Array | null;
  /** As near to the arm as feedback may ask. */
  private readonly near_q: Float64Array;
  private readonly forward: Float64Array;

  /**
   * @param gain_scale  factor on the servo's stiffness; on its damping its square root
   * @param limit_Nm  torque limits of the joints
   * @param rate_Nm_s  how fast torques can change
   * @param dt_s  length of a step
   */
  constructor(
    robot: Robot,
    servo: ComputedTorqueServo,
    gain_scale: number,
    feedback_limit: number,
    limit_Nm: Float64Array,
    rate_Nm_s: number,
    dt_s: number,
    armature_kg_m2: Float64Array,
  ) {
    const { stiffness_per_s2, damping_per_s } = servo.gains;
    const scaled = {
      stiffness_per_s2: gain_scale * stiffness_per_s2,
      damping_per_s: Math.sqrt(gain_scale) * damping_per_s,
    };
    this.robot = robot;
    this.servo = gain_scale === 1 ? servo : new ComputedTorqueServo(robot.model, scaled);
    this.feedback_limit = feedback_limit;
    this.limit = limit_Nm;
    this.jerk = rate_Nm_s / INERTIA_KG_M2;
    this.keep = Math.exp(-dt_s / MEMORY_S);
    this.armature = armature_kg_m2.some((x) => x > 0) ? armature_kg_m2 : null;
    this.near_q = new Float64Array(robot.arm_joints);
    this.forward = new Float64Array(robot.model.nq);
  }

  /** How the torque on each unit of inertia falls with the motor's speed in one step of `dt` (s), 1/s. */
  stiffening(dt: number): number {
    const { stiffness_per_s2, damping_per_s } = this.servo.gains;
    return damping_per_s + dt * stiffness_per_s2;
  }

  /** Torques that follow the reference into `torque` (Nm); without position feedback if `velocity_only`. */
  follow(motors: MotorState, reference: JointReference, velocity_only: boolean, torque: Float64Array): void {
    const { a_ref } = reference;
    this.limitFeedback(motors, reference, velocity_only);
    this.computedTorque(motors, a_ref, torque);
    this.limitTorque(motors, a_ref, torque);
    this.overcomeFriction(reference, torque);
  }

  /** Torques commanded, gravity included, to those that also overcome the joints' friction (Nm). */
  pass(effort: Float64Array, at: number, reference: JointReference, torque: Float64Array): void {
    for (let i = 0; i < this.near_q.length; i++) torque[i] = effort[at + i];
    this.overcomeFriction(reference, torque);
  }

  private overcomeFriction({ v_ref }: JointReference, torque: Float64Array): void {
    const { damping, friction } = this.robot.model;
    for (let i = 0; i < v_ref.length; i++) {
      torque[i] += damping[i] * v_ref[i] + friction[i] * clamp(v_ref[i] / STICTION, -1, 1);
    }
  }

  /** Torque that gives the acceleration a_ref and brings the motors to near_q. */
  private computedTorque({ q, v }: MotorState, a_ref: Float64Array, torque: Float64Array): void {
    const { near_q, armature } = this;
    this.servo.torque(q, v, near_q, v, a_ref, torque);
    if (armature === null) return;
    const { stiffness_per_s2 } = this.servo.gains;
    for (let i = 0; i < near_q.length; i++) {
      torque[i] += armature[i] * (a_ref[i] + stiffness_per_s2 * (near_q[i] - q[i]));
    }
  }

  /** Moves the reference to where the feedback asks of no joint more than its limit, in the same direction. */
  private limitFeedback({ q, v }: MotorState, { q_ref, v_ref }: JointReference, velocity_only: boolean): void {
    const { near_q, memory } = this;
    const { stiffness_per_s2: k, damping_per_s: d } = this.servo.gains;
    const { acceleration } = this.robot.limits;
    memory[0] *= this.keep;
    for (let i = 0; i < q_ref.length; i++) memory[0] = Math.max(memory[0], Math.abs(v_ref[i] - v[i]));
    const soft = velocity_only ? 1 : Math.min(1, Math.sqrt(this.jerk / (k * memory[0])));
    let part = 1;
    for (let i = 0; i < q_ref.length; i++) {
      const offset = velocity_only ? 0 : soft * soft * (q_ref[i] - q[i]);
      near_q[i] = offset + soft * (d / k) * (v_ref[i] - v[i]);
      const asked = k * Math.abs(near_q[i]);
      const most = this.feedback_limit * acceleration[i];
      if (asked * part > most) part = most / asked;
    }
    for (let i = 0; i < q_ref.length; i++) near_q[i] = q[i] + part * near_q[i];
  }

  /** Where a torque is beyond its limit, takes back the feedback of all joints until it is not. */
  private limitTorque(motors: MotorState, a_ref: Float64Array, torque: Float64Array): void {
    const { near_q, forward, limit } = this;
    let beyond = false;
    for (let i = 0; i < near_q.length; i++) beyond ||= Math.abs(torque[i]) > limit[i];
    if (!beyond) return;
    for (let i = 0; i < near_q.length; i++) near_q[i] = motors.q[i];
    this.computedTorque(motors, a_ref, forward);
    let part = 1;
    for (let i = 0; i < near_q.length; i++) {
      const feedback = torque[i] - forward[i];
      const room = Math.max(0, feedback > 0 ? limit[i] - forward[i] : limit[i] + forward[i]);
      if (Math.abs(feedback) * part > room) part = room / Math.abs(feedback);
    }
    for (let i = 0; i < near_q.length; i++) torque[i] = forward[i] + part * (torque[i] - forward[i]);
  }
}
