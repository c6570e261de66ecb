import { InputError } from '../contracts/index.ts';
import { matrixToQuaternion } from '../dynamics/index.ts';
import type { ArmDynamics } from './arm_dynamics.ts';
import type { RobotState } from './driver.ts';
import { TaskSpace } from './task_space.ts';
import type { TorqueController } from './torque_source.ts';

/** Bounds the effective mass at singular poses, where the arm cannot move: 1/kg and 1/(kg m²). */
const LEAST_MOBILITY = 0.02;

export interface CartesianImpedanceOptions {
  /** Along and about the axes of `frame`: three of N/m, three of Nm/rad. */
  readonly stiffness: readonly number[];
  /** Of each direction; 1 is critically damped. */
  readonly damping_ratio: number;
  /** Whose axes the stiffness is along: those of the target pose of the tool, or of the base. */
  readonly frame: 'tool' | 'base';
  /** Most that the springs pull (N) and turn (Nm). */
  readonly max_force_N: number;
  readonly max_torque_Nm: number;
  /** Posture spring in the null space, Nm/rad, and damping there, Nm s/rad. */
  readonly null_stiffness_Nm_rad: number;
  readonly null_damping_Nm_s_rad: number;
}

export const DEFAULT_CARTESIAN_IMPEDANCE: CartesianImpedanceOptions = {
  stiffness: [1000, 1000, 1000, 50, 50, 50],
  damping_ratio: 1,
  frame: 'base',
  max_force_N: 60,
  max_torque_Nm: 15,
  null_stiffness_Nm_rad: 5,
  null_damping_Nm_s_rad: 2,
};

/**
 * Cartesian impedance of the tool, without inertia shaping, so that no force sensor is needed (Ott, Cartesian Impedance
 * Control of Redundant and Flexible-Joint Robots, 2008, ch. 3): tau = h + Jᵀ (F_spring − D ẋ) + N τ_posture. The springs are
 * the gradient of a potential: ½ xᵀ K x and, for the unit quaternion (η, ε) of the rotation from the target, 2 εᵀ K ε
 * (Caccavale et al., "Six-DOF impedance control based on angle/axis representations", 1999): −2 (η K ε + ε × K ε). Damping
 * D_i = 2 ζ √(K_i m_i) with the effective mass m_i = 1/(J M⁻¹ Jᵀ)_ii of the direction. N is dynamically consistent.
 */
export class CartesianImpedance implements TorqueController {
  /** T_base_tool wanted: rotation row-major and position (m), 12. Written by the owner; `begin` sets the present pose. */
  readonly target = new Float64Array(12);
  /** Posture of the null space, rad; written by the owner, `begin` sets the present one. */
  readonly posture: Float64Array;
  /** Wrench of the springs at the last cycle, in the axes of the stiffness (N, Nm). */
  readonly spring = new Float64Array(6);
  private readonly arm: ArmDynamics;
  private readonly task: TaskSpace;
  private readonly stiffness: Float64Array;
  private readonly figures: Float64Array;
  private readonly by_tool: boolean;
  private readonly axes = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  private readonly turn = new Float64Array(9);
  private readonly quaternion = new Float64Array(4);
  private readonly force = new Float64Array(6);
  private readonly tau0: Float64Array;

  /** Throws InputError for stiffness or damping that no tool can have. */
  constructor(arm: ArmDynamics, options: Partial<CartesianImpedanceOptions> = {}) {
    const all = { ...DEFAULT_CARTESIAN_IMPEDANCE, ...options };
    const { stiffness, frame, ...figures } = all;
    if (stiffness.length !== 6 || !stiffness.every((k) => k >= 0 && k < Infinity)) {
      throw new InputError(`stiffness ${stiffness.join(' ')}`, '6 finite numbers of at least 0');
    }
    for (const [name, value] of Object.entries(figures)) {
      if (!(value >= 0)) throw new InputError(`${name} ${value}`, 'a number of at least 0');
    }
    this.arm = arm;
    this.task = new TaskSpace(arm);
    this.stiffness = Float64Array.from(stiffness);
    this.figures = Float64Array.of(
      all.damping_ratio,
      all.max_force_N,
      all.max_torque_Nm,
      all.null_stiffness_Nm_rad,
      all.null_damping_Nm_s_rad,
    );
    this.by_tool = frame === 'tool';
    this.posture = new Float64Array(arm.joints);
    this.tau0 = new Float64Array(arm.nq);
  }

  begin(state: RobotState): void {
    this.arm.update(state.position, state.velocity);
    this.target.set(this.arm.pose);
    for (let i = 0; i < this.posture.length; i++) this.posture[i] = state.position[i];
  }

  torque(state: RobotState, tau: Float64Array): void {
    const { arm, task, axes, target, force, spring, stiffness, figures, tau0, posture } = this;
    const { position, velocity } = state;
    arm.update(position, velocity);
    arm.updateInertia();
    arm.updateTool(velocity);
    if (this.by_tool) for (let k = 0; k < 9; k++) axes[k] = target[k];
    task.update(axes);
    this.findSpring();
    const { nq, joints, twist, bias } = arm;
    for (let r = 0; r < 6; r++) {
      const b = r < 3 ? 0 : 3;
      const k = r - b;
      const rate = axes[k] * twist[b] + axes[3 + k] * twist[b + 1] + axes[6 + k] * twist[b + 2];
      const damping = 2 * figures[ZETA] * Math.sqrt(stiffness[r] / (task.mobility[7 * r] + LEAST_MOBILITY));
      force[r] = spring[r] - damping * rate;
    }
    for (let i = 0; i < joints; i++) {
      tau[i] = bias[i];
      tau0[i] = figures[NULL_K] * (posture[i] - position[i]) - figures[NULL_D] * velocity[i];
    }
    for (let i = joints; i < nq; i++) tau0[i] = 0;
    task.addForce(force, tau);
    task.addNullSpace(tau0, tau);
  }

  /** Energy in the springs of the tool at the last cycle's pose, J; exact while no spring is at its bound. */
  springEnergy(): number {
    const { stiffness: K, quaternion: e, arm, target, axes } = this;
    let sum = 0;
    for (let k = 0; k < 3; k++) {
      let x = 0;
      for (let j = 0; j < 3; j++) x += axes[3 * j + k] * (arm.pose[9 + j] - target[9 + j]);
      sum += 0.5 * K[k] * x * x + 2 * K[3 + k] * e[k] * e[k];
    }
    return sum;
  }

  private findSpring(): void {
    const { arm, axes, target, turn, quaternion: e, spring, stiffness: K, figures } = this;
    const { pose } = arm;
    for (let k = 0; k < 3; k++) {
      const x = axes[k] * (target[9] - pose[9]);
      const y = axes[3 + k] * (target[10] - pose[10]);
      spring[k] = K[k] * (x + y + axes[6 + k] * (target[11] - pose[11]));
    }
    // R R_targetᵀ, then its vector part in the task's axes.
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        turn[3 * i + j] =
          pose[3 * i] * target[3 * j] + pose[3 * i + 1] * target[3 * j + 1] + pose[3 * i + 2] * target[3 * j + 2];
      }
    }
    matrixToQuaternion(turn, 0, e);
    const x = axes[0] * e[0] + axes[3] * e[1] + axes[6] * e[2];
    const y = axes[1] * e[0] + axes[4] * e[1] + axes[7] * e[2];
    const z = axes[2] * e[0] + axes[5] * e[1] + axes[8] * e[2];
    e[0] = x;
    e[1] = y;
    e[2] = z;
    const a = K[3] * x;
    const b = K[4] * y;
    const c = K[5] * z;
    spring[3] = -2 * (e[3] * a + y * c - z * b);
    spring[4] = -2 * (e[3] * b + z * a - x * c);
    spring[5] = -2 * (e[3] * c + x * b - y * a);
    bound(spring, 0, figures[MAX_FORCE]);
    bound(spring, 3, figures[MAX_TORQUE]);
  }
}

/** Shortens the three numbers from `at` to `most`, in their direction. */
function bound(x: Float64Array, at: number, most: number): void {
  const size = Math.sqrt(x[at] * x[at] + x[at + 1] * x[at + 1] + x[at + 2] * x[at + 2]);
  if (!(size > most)) return;
  for (let k = at; k < at + 3; k++) x[k] *= most / size;
}

const ZETA = 0;
const MAX_FORCE = 1;
const MAX_TORQUE = 2;
const NULL_K = 3;
const NULL_D = 4;
