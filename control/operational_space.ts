import { InputError } from '../contracts/index.ts';
import { rotationLog } from '../dynamics/index.ts';
import type { ArmDynamics } from './arm_dynamics.ts';
import type { RobotState } from './driver.ts';
import { TaskSpace } from './task_space.ts';
import type { TorqueController } from './torque_source.ts';

export interface OperationalSpaceOptions {
  /** Error feedback of the tool's motion, per unit of its inertia: ë + damping·ė + stiffness·e = 0. */
  readonly stiffness_per_s2: number;
  readonly damping_per_s: number;
  /** Posture in the null space, per unit of joint inertia likewise. */
  readonly null_stiffness_per_s2: number;
  readonly null_damping_per_s: number;
}

export const DEFAULT_OPERATIONAL_SPACE: OperationalSpaceOptions = {
  stiffness_per_s2: 900,
  damping_per_s: 60,
  null_stiffness_per_s2: 25,
  null_damping_per_s: 10,
};

/**
 * Operational-space motion control of the tool (Khatib 1987): tau = Jᵀ Λ (ẍ_d + kd ė + kp e − J̇ q̇) + h + N τ_posture, with
 * the dynamically consistent null space, so that posture does not move the tool. Orientation errors are rotation vectors.
 */
export class OperationalSpace implements TorqueController {
  /** Tool motion wanted, root axes, written by the owner: T_base_tool as rotation and position (m), 12; twist; acceleration. */
  readonly target = new Float64Array(12);
  readonly twist_d = new Float64Array(6);
  readonly acceleration_d = new Float64Array(6);
  /** Posture of the null space, rad; written by the owner, `begin` sets the present one. */
  readonly posture: Float64Array;
  private readonly arm: ArmDynamics;
  private readonly task: TaskSpace;
  private readonly figures: Float64Array;
  private readonly turn = new Float64Array(9);
  private readonly error = new Float64Array(6);
  private readonly drift = new Float64Array(6);
  private readonly force = new Float64Array(6);
  private readonly tau0: Float64Array;

  /** Throws InputError for gains that are negative. */
  constructor(arm: ArmDynamics, options: Partial<OperationalSpaceOptions> = {}) {
    const all = { ...DEFAULT_OPERATIONAL_SPACE, ...options };
    for (const [name, value] of Object.entries(all)) {
      if (!(value >= 0 && value < Infinity)) throw new InputError(`${name} ${value}`, 'a finite number of at least 0');
    }
    this.arm = arm;
    this.task = new TaskSpace(arm);
    this.figures = Float64Array.of(
      all.stiffness_per_s2,
      all.damping_per_s,
      all.null_stiffness_per_s2,
      all.null_damping_per_s,
    );
    this.posture = new Float64Array(arm.joints);
    this.tau0 = new Float64Array(arm.nq);
  }

  begin(state: RobotState): void {
    this.arm.update(state.position, state.velocity);
    this.target.set(this.arm.pose);
    this.twist_d.fill(0);
    this.acceleration_d.fill(0);
    for (let i = 0; i < this.posture.length; i++) this.posture[i] = state.position[i];
  }

  torque(state: RobotState, tau: Float64Array): void {
    const { arm, task, figures, error, drift, force, tau0, posture, twist_d, acceleration_d } = this;
    const { position, velocity } = state;
    arm.update(position, velocity);
    arm.updateInertia();
    arm.updateTool(velocity);
    task.update(BASE_AXES);
    arm.toolBiasAcceleration(drift);
    this.findError();
    const { nq, joints, twist, bias } = arm;
    for (let r = 0; r < 6; r++) {
      const feedback = figures[KP] * error[r] + figures[KD] * (twist_d[r] - twist[r]);
      force[r] = acceleration_d[r] + feedback - drift[r];
    }
    task.multiplyInertia(force);
    const { M } = arm.data;
    for (let i = 0; i < joints; i++) {
      tau[i] = bias[i];
      tau0[i] = 0;
      for (let k = 0; k < joints; k++) {
        tau0[i] += M[i * nq + k] * (figures[NULL_KP] * (posture[k] - position[k]) - figures[NULL_KD] * velocity[k]);
      }
    }
    task.addForce(force, tau);
    task.addNullSpace(tau0, tau);
  }

  /** Way from the tool to its target, root axes: m and rotation vector. */
  private findError(): void {
    const { arm, target, turn, error } = this;
    const { pose } = arm;
    for (let i = 0; i < 3; i++) {
      error[i] = target[9 + i] - pose[9 + i];
      for (let j = 0; j < 3; j++) {
        turn[3 * i + j] =
          target[3 * i] * pose[3 * j] + target[3 * i + 1] * pose[3 * j + 1] + target[3 * i + 2] * pose[3 * j + 2];
      }
    }
    rotationLog(turn, 0, error, 3);
  }
}

const BASE_AXES = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const KP = 0;
const KD = 1;
const NULL_KP = 2;
const NULL_KD = 3;
