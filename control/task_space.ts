import { choleskySolve } from '../dynamics/index.ts';
import type { ArmDynamics } from './arm_dynamics.ts';
import { DenseCholesky } from './dense_cholesky.ts';

/** Pivot of the mobility below which the pose is near singular (1/kg, 1/(kg m²)). */
const SINGULAR = 0.02;
/** Added to the mobility at a singular pose, so that the inertia of the lost direction stays finite (Nakamura 1986). */
const DAMPING = 0.02;

/**
 * Operational-space quantities of an arm's tool (Khatib, "A unified approach for motion and force control of robot
 * manipulators", IEEE J. Robotics and Automation, 1987): mobility J M⁻¹ Jᵀ, its inverse, the task's inertia Λ, and the
 * dynamically consistent null space. The axes are those of a given rotation of the root frame.
 */
export class TaskSpace {
  /** 6×nq, linear rows over angular rows, in the task's axes. */
  readonly J: Float64Array;
  /** 6×6, J M⁻¹ Jᵀ. */
  readonly mobility = new Float64Array(36);
  private readonly arm: ArmDynamics;
  /** Rows M⁻¹ Jᵀ, 6×nq. */
  private readonly X: Float64Array;
  private readonly solver = new DenseCholesky(6);
  private readonly part = new Float64Array(6);

  constructor(arm: ArmDynamics) {
    this.arm = arm;
    this.J = new Float64Array(6 * arm.nq);
    this.X = new Float64Array(6 * arm.nq);
  }

  /** After the arm's update, updateInertia and updateTool. `axes`: rotation row-major whose columns are the task's axes. */
  update(axes: Float64Array, offset = 0): void {
    const { arm, J, X, mobility } = this;
    const { nq, joints } = arm;
    for (let block = 0; block < 6; block += 3) {
      for (let i = 0; i < joints; i++) {
        const x = arm.J[block * nq + i];
        const y = arm.J[(block + 1) * nq + i];
        const z = arm.J[(block + 2) * nq + i];
        for (let k = 0; k < 3; k++) {
          J[(block + k) * nq + i] = axes[offset + k] * x + axes[offset + 3 + k] * y + axes[offset + 6 + k] * z;
        }
      }
    }
    for (let r = 0; r < 6; r++) choleskySolve(arm.data, J, r * nq, X, r * nq);
    for (let r = 0; r < 6; r++) {
      for (let c = 0; c <= r; c++) {
        let sum = 0;
        for (let i = 0; i < joints; i++) sum += J[r * nq + i] * X[c * nq + i];
        mobility[6 * r + c] = sum;
        mobility[6 * c + r] = sum;
      }
    }
    const { solver } = this;
    const regular = solver.factor(mobility);
    const left = regular ? solver.least_pivot[0] / SINGULAR : 0;
    if (left < 1) solver.factor(mobility, DAMPING * (1 - left) * (1 - left));
  }

  /** Λ x, in place: the force (N, Nm) that gives the tool the acceleration x (m/s², rad/s²). */
  multiplyInertia(x: Float64Array): void {
    this.solver.solve(x, 0, x, 0);
  }

  /** tau += Jᵀ F for the arm's joints. */
  addForce(F: Float64Array, tau: Float64Array): void {
    const { J, arm } = this;
    const { nq, joints } = arm;
    for (let i = 0; i < joints; i++) {
      let sum = 0;
      for (let r = 0; r < 6; r++) sum += J[r * nq + i] * F[r];
      tau[i] += sum;
    }
  }

  /** tau += (I − Jᵀ Λ J M⁻¹) tau0: of the joint torques `tau0` what does not accelerate the tool. */
  addNullSpace(tau0: Float64Array, tau: Float64Array): void {
    const { X, arm, part } = this;
    const { nq, joints } = arm;
    for (let r = 0; r < 6; r++) {
      let sum = 0;
      for (let i = 0; i < joints; i++) sum += X[r * nq + i] * tau0[i];
      part[r] = -sum;
    }
    this.solver.solve(part, 0, part, 0);
    for (let i = 0; i < joints; i++) tau[i] += tau0[i];
    this.addForce(part, tau);
  }
}
