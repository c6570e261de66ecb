import { InputError } from '../contracts/index.ts';
import type { ArmDynamics } from './arm_dynamics.ts';
import type { RobotState } from './driver.ts';
import type { TorqueController } from './torque_source.ts';

export interface JointImpedanceOptions {
  /** One for each joint, Nm/rad. */
  readonly stiffness_Nm_rad: readonly number[];
  /** Of each joint's own motion; 1 is critically damped. */
  readonly damping_ratio: number;
}

/** Stiffness of the example of the Panda's manufacturer. */
export const DEFAULT_JOINT_IMPEDANCE: JointImpedanceOptions = {
  stiffness_Nm_rad: [600, 600, 600, 600, 250, 150, 50],
  damping_ratio: 1,
};

/**
 * Joint impedance with the arm's weight and velocity forces made up for (Albu-Schäffer, Ott, Hirzinger, "A unified
 * passivity-based control framework", IJRR 2007, in its rigid case): tau = h(q, v) + K (q_d − q) + D (v_d − v), with
 * D_i = 2 ζ √(K_i M_ii(q)). A joint torque of τ turns the joint by τ/K_i at rest.
 */
export class JointImpedance implements TorqueController {
  /** What is followed: rad, rad/s; one entry a joint. Written by the owner. */
  readonly q_d: Float64Array;
  readonly v_d: Float64Array;
  private readonly arm: ArmDynamics;
  private readonly stiffness: Float64Array;
  private readonly damping: number;

  /** Throws InputError for stiffness or damping that no arm can have. */
  constructor(arm: ArmDynamics, options: Partial<JointImpedanceOptions> = {}) {
    const n = arm.joints;
    const { stiffness_Nm_rad, damping_ratio } = { ...DEFAULT_JOINT_IMPEDANCE, ...options };
    if (stiffness_Nm_rad.length !== n || !stiffness_Nm_rad.every((k) => k >= 0 && k < Infinity)) {
      throw new InputError(`stiffness_Nm_rad ${stiffness_Nm_rad.join(' ')}`, `${n} finite numbers of at least 0`);
    }
    if (!(damping_ratio >= 0 && damping_ratio < Infinity)) {
      throw new InputError(`damping_ratio ${damping_ratio}`, 'a finite number of at least 0');
    }
    this.arm = arm;
    this.stiffness = Float64Array.from(stiffness_Nm_rad);
    this.damping = damping_ratio;
    this.q_d = new Float64Array(n);
    this.v_d = new Float64Array(n);
  }

  begin(state: RobotState): void {
    for (let i = 0; i < this.q_d.length; i++) this.q_d[i] = state.position[i];
    this.v_d.fill(0);
  }

  torque(state: RobotState, tau: Float64Array): void {
    const { arm, stiffness, damping, q_d, v_d } = this;
    const { position, velocity } = state;
    arm.update(position, velocity);
    arm.updateInertia();
    const { M } = arm.data;
    const { nq, bias } = arm;
    for (let i = 0; i < q_d.length; i++) {
      const k = stiffness[i];
      const d = 2 * damping * Math.sqrt(k * M[i * nq + i]);
      tau[i] = bias[i] + k * (q_d[i] - position[i]) + d * (v_d[i] - velocity[i]);
    }
  }
}
