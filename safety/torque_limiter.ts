import { choleskyFactor, choleskySolve, crba, forwardKinematics, RobotData, rnea } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import type { MeasuredState } from './arm_monitor.ts';
import type { JointGuard } from './joint_guard.ts';
import { reasonBit } from './reasons.ts';

const POSITION = reasonBit('position');
const VELOCITY = reasonBit('velocity');
const ACCELERATION = reasonBit('acceleration');
/** Time constant over which it is found what moves the arm beside its torques, s. */
const DISTURBANCE_S = 0.01;
/** Time in which a joint may come to its greatest velocity; long enough for the torques' rate to turn it about, s. */
const APPROACH_S = 0.08;
/** Share of the acceleration limits that torques may use: the reference, which has all of it, must be able to catch up. */
const ACCELERATION_SHARE = 0.8;
/** Share of the greatest velocity beyond which the whole arm brakes, whatever is asked for. */
const BRAKE_FROM = 1.02;
/** Share of the acceleration limit with which a joint must be able to brake before its position limit, and distance kept to it. */
const BRAKE_SHARE = 0.4;
const MARGIN_RAD = 0.04;

/**
 * Keeps torques from accelerating a measured arm beyond its limits, or towards a velocity or position that it could not be
 * held back from. Accelerations are those of the torques by the model and of what moves the arm beside them (contact, wrong
 * masses), as the measured motion shows it: a disturbance observer (Ohnishi). So a torque that leans on something passes.
 */
export class TorqueLimiter {
  private readonly robot: Robot;
  private readonly data: RobotData;
  private readonly hz: number;
  private readonly locked: Float64Array;
  /** All coordinates of the model as last measured, nq. */
  private readonly q: Float64Array;
  private readonly v: Float64Array;
  private readonly bias: Float64Array;
  private readonly tau: Float64Array;
  private readonly a: Float64Array;
  /** Acceleration of the torques last sent by the model, measured velocity then, and what moves the arm beside them. */
  private readonly sent: Float64Array;
  private readonly last_v: Float64Array;
  private readonly disturbance: Float64Array;

  /** @param locked  inertia added to coordinates that do not move, nq */
  constructor(robot: Robot, hz: number, locked: Float64Array) {
    const { nq } = robot.model;
    this.robot = robot;
    this.data = new RobotData(robot.model);
    this.hz = hz;
    this.locked = locked;
    this.q = robot.home_q.slice();
    this.v = new Float64Array(nq);
    this.bias = new Float64Array(nq);
    this.tau = new Float64Array(nq);
    this.a = new Float64Array(nq);
    this.sent = new Float64Array(nq);
    this.last_v = new Float64Array(nq);
    this.disturbance = new Float64Array(nq);
  }

  /** Starts over with an arm at rest. */
  begin(): void {
    for (const memory of [this.sent, this.last_v, this.disturbance]) memory.fill(0);
  }

  /** Changes `asked` (Nm) where it breaks a limit; the reasons, as a bit mask. Call `remember` with what is sent. */
  limit(measured: MeasuredState, joints: readonly JointGuard[], asked: Float64Array): number {
    const { robot, data, q, v: velocities, bias, tau, a, disturbance } = this;
    this.observe(measured, joints.length);
    this.read(measured);
    forwardKinematics(robot.model, data, q);
    rnea(robot.model, data, velocities, null, bias);
    crba(robot.model, data);
    choleskyFactor(data, this.locked);
    this.accelerate(asked, a);
    let reasons = 0;
    let braking = false;
    for (let i = 0; i < joints.length; i++) {
      const { acceleration, velocity, position_lower, position_upper } = joints[i].bounds;
      const A = ACCELERATION_SHARE * acceleration;
      const v = velocities[i];
      const wanted = a[i] + disturbance[i];
      const above = position_upper - MARGIN_RAD - q[i];
      const below = q[i] - position_lower - MARGIN_RAD;
      const up = above > 0 ? Math.sqrt(2 * BRAKE_SHARE * A * above) : 0;
      const down = below > 0 ? Math.sqrt(2 * BRAKE_SHARE * A * below) : 0;
      if (v > BRAKE_FROM * Math.min(velocity, up) || -v > BRAKE_FROM * Math.min(velocity, down)) braking = true;
      const most = Math.min(A, (Math.min(velocity, up) - v) / APPROACH_S);
      const least = Math.max(-A, (-Math.min(velocity, down) - v) / APPROACH_S);
      const allowed = Math.max(-A, Math.min(A, wanted < least ? least : wanted > most ? most : wanted));
      if (allowed === wanted) continue;
      reasons |= Math.abs(wanted) > A ? ACCELERATION : (wanted > 0 ? up : down) < velocity ? POSITION : VELOCITY;
      a[i] = allowed - disturbance[i];
    }
    if (reasons === 0) return 0;
    if (braking) this.brake(velocities, joints);
    // a is of coordinates beyond the arm what it was, which is none.
    rnea(robot.model, data, velocities, a, tau);
    for (let i = 0; i < joints.length; i++) asked[i] = tau[i];
    return reasons;
  }

  /** In place of what is asked for: all joints come to rest, in the same time as far as their limits allow. */
  private brake(velocity: Float64Array, joints: readonly JointGuard[]): void {
    for (let i = 0; i < joints.length; i++) {
      const A = ACCELERATION_SHARE * joints[i].bounds.acceleration;
      this.a[i] = Math.max(-A, Math.min(A, -velocity[i] / APPROACH_S)) - this.disturbance[i];
    }
  }

  /** The torques that are sent in this cycle, Nm. */
  remember(torque: Float64Array): void {
    this.accelerate(torque, this.sent);
  }

  /** Accelerations that torques give by the model, at the state of the last `limit`. */
  private accelerate(torque: Float64Array, out: Float64Array): void {
    const { bias } = this;
    for (let i = 0; i < out.length; i++) out[i] = i < torque.length ? torque[i] - bias[i] : 0;
    choleskySolve(this.data, out, 0, out, 0);
    for (let i = torque.length; i < out.length; i++) out[i] = 0;
  }

  /** A coordinate that is not told of, as fingers may not be, or is not finite stays as it was. */
  private read({ position, velocity }: MeasuredState): void {
    const { q, v } = this;
    for (let i = 0; i < q.length; i++) {
      if (position[i] - position[i] === 0) q[i] = position[i];
      if (velocity[i] - velocity[i] === 0) v[i] = velocity[i];
    }
  }

  private observe({ velocity }: MeasuredState, joints: number): void {
    const { hz, sent, last_v, disturbance } = this;
    const share = 1 - Math.exp(-1 / (DISTURBANCE_S * hz));
    for (let i = 0; i < joints; i++) {
      const beside = (velocity[i] - last_v[i]) * hz - sent[i];
      // What is not finite stops the arm elsewhere, and must not stay here.
      if (beside - beside === 0) disturbance[i] += share * (beside - disturbance[i]);
      last_v[i] = velocity[i];
    }
  }
}
