import { InputError } from '../contracts/index.ts';
import { GRAVITY } from '../dynamics/index.ts';
import type { Payload, Robot } from '../robots/index.ts';
import { ArmDynamics } from './arm_dynamics.ts';
import { DenseCholesky } from './dense_cholesky.ts';

/** Two-sided 95 % quantile of the normal distribution. */
const TWO_SIGMA = 1.96;
/** Least ratio of pivots of the scaled normal matrix at which a parameter counts as excited. */
const EXCITED = 1e-6;
/** Mass, mass times centre of mass, inertia about the tool's origin: xx yy zz xy xz yz. */
const STATIC = 4;
const FULL = 10;

export interface PayloadEstimate {
  readonly payload: Payload;
  /** Half widths of the 95 % intervals: kg, and m along each axis of the tool frame. */
  readonly mass_interval_kg: number;
  readonly com_interval_m: readonly [number, number, number];
  /** Root mean square of what the estimate leaves unexplained: Nm, or N and Nm together for wrenches. */
  readonly residual: number;
  readonly samples: number;
}

/**
 * Finds what the tool carries by least squares on the inertial parameters, in which both the joints' torques and the wrench
 * at the wrist are linear (Atkeson, An, Hollerbach, "Estimation of inertial parameters of manipulator loads and links",
 * IJRR 1986). Static poses give mass and centre of mass; samples in motion give the inertia too, once it is excited.
 */
export class PayloadIdentification {
  samples = 0;
  private readonly arm: ArmDynamics;
  private readonly solvers = { static: new DenseCholesky(STATIC), full: new DenseCholesky(FULL) };
  private readonly A = new Float64Array(FULL * FULL);
  private readonly b = new Float64Array(FULL);
  private readonly squares = new Float64Array(1);
  private rows = 0;
  /** Wrench on the payload for each unit parameter, tool axes at the tool's origin: 6×10, force over moment. */
  private readonly W = new Float64Array(6 * FULL);
  private readonly row = new Float64Array(FULL);
  private readonly acceleration = new Float64Array(6);
  private readonly turn = new Float64Array(18);

  /** @param robot  without the payload */
  constructor(robot: Robot) {
    this.arm = new ArmDynamics(robot);
  }

  /** Forgets all samples. */
  reset(): void {
    this.A.fill(0);
    this.b.fill(0);
    this.squares[0] = 0;
    this.rows = 0;
    this.samples = 0;
  }

  /**
   * One sample of the motors' torques, friction taken off (Nm); nq numbers each.
   * @param a  joint accelerations, rad/s²; null for an arm at rest
   */
  addTorques(q: Float64Array, v: Float64Array, a: Float64Array | null, tau: Float64Array): void {
    const { arm, W, row, turn } = this;
    const { joints, nq } = arm;
    this.findRegressor(q, v, a);
    const { bias, J, pose: T } = arm;
    const { M } = arm.data;
    for (let i = 0; i < joints; i++) {
      // Force and moment on the tool are Rᵀ-turned columns of the Jacobian.
      for (let k = 0; k < 3; k++) {
        turn[k] = T[k] * J[i] + T[3 + k] * J[nq + i] + T[6 + k] * J[2 * nq + i];
        turn[3 + k] = T[k] * J[3 * nq + i] + T[3 + k] * J[4 * nq + i] + T[6 + k] * J[5 * nq + i];
      }
      for (let p = 0; p < FULL; p++) {
        let sum = 0;
        for (let r = 0; r < 6; r++) sum += turn[r] * W[r * FULL + p];
        row[p] = sum;
      }
      let own = bias[i];
      if (a !== null) for (let k = 0; k < joints; k++) own += M[i * nq + k] * a[k];
      this.addRow(tau[i] - own);
    }
    this.samples++;
  }

  /**
   * One sample of the wrench that the payload puts on the hand (RobotState.wrench: tool axes, about the tool's origin; N, Nm),
   * for what is held, not bolted on.
   */
  addWrench(q: Float64Array, v: Float64Array, a: Float64Array | null, wrench: Float64Array): void {
    this.findRegressor(q, v, a);
    for (let r = 0; r < 6; r++) {
      for (let p = 0; p < FULL; p++) this.row[p] = this.W[r * FULL + p];
      this.addRow(-wrench[r]);
    }
    this.samples++;
  }

  /**
   * The payload found so far. Throws InputError while the samples do not tell it apart from noise: too few, poses too alike,
   * or no mass. The inertia is a point mass's unless `with_inertia`, which needs motion about all axes.
   */
  estimate(with_inertia = false): PayloadEstimate {
    const { b, squares, rows } = this;
    const n = with_inertia ? FULL : STATIC;
    const solver = with_inertia ? this.solvers.full : this.solvers.static;
    const scale = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(this.A[i * FULL + i] || 1));
    const scaled = Float64Array.from({ length: n * n }, (_, k) => {
      const [i, j] = [Math.floor(k / n), k % n];
      return this.A[i * FULL + j] * scale[i] * scale[j];
    });
    if (rows <= n || !solver.factor(scaled) || solver.least_pivot[0] < EXCITED) {
      throw new InputError(
        `payload of ${this.arm.robot.name} from ${this.samples} samples`,
        with_inertia ? 'needs motion about more axes' : 'needs poses in which the tool is turned differently',
      );
    }
    const x = Float64Array.from({ length: n }, (_, i) => b[i] * scale[i]);
    solver.solve(x, 0, x, 0);
    for (let i = 0; i < n; i++) x[i] *= scale[i];
    let left = squares[0];
    for (let i = 0; i < n; i++) left -= x[i] * b[i];
    const variance = Math.max(0, left) / (rows - n);
    // Columns of the covariance of the parameters, of which the first four are needed.
    const covariance = Array.from({ length: STATIC }, (_, j) => {
      const column = Float64Array.from({ length: n }, (_, i) => (i === j ? scale[i] : 0));
      solver.solve(column, 0, column, 0);
      return column.map((value, i) => value * scale[i] * variance);
    });
    const mass_kg = x[0];
    const mass_interval_kg = TWO_SIGMA * Math.sqrt(covariance[0][0]);
    if (!(mass_kg > mass_interval_kg)) {
      const found = `${mass_kg.toFixed(4)} kg ± ${mass_interval_kg.toFixed(4)}`;
      throw new InputError(`payload of ${this.arm.robot.name}: ${found}`, 'needs a mass that is above its uncertainty');
    }
    const com = [x[1] / mass_kg, x[2] / mass_kg, x[3] / mass_kg] as const;
    const com_interval = (k: 0 | 1 | 2): number => {
      // Of the quotient (m c) / m, to first order.
      const [of_moment, of_mass] = [covariance[k + 1][k + 1], covariance[0][0]];
      const both = of_moment - 2 * com[k] * covariance[0][k + 1] + com[k] * com[k] * of_mass;
      return (TWO_SIGMA * Math.sqrt(Math.max(0, both))) / mass_kg;
    };
    const inertia = with_inertia ? aboutCentre(x, mass_kg, com) : undefined;
    return {
      payload: { mass_kg, com_m: com, ...(inertia === undefined ? {} : { inertia }) },
      mass_interval_kg,
      com_interval_m: [com_interval(0), com_interval(1), com_interval(2)],
      residual: Math.sqrt(variance),
      samples: this.samples,
    };
  }

  private addRow(value: number): void {
    const { A, b, row, squares } = this;
    for (let i = 0; i < FULL; i++) {
      for (let j = 0; j < FULL; j++) A[i * FULL + j] += row[i] * row[j];
      b[i] += row[i] * value;
    }
    squares[0] += value * value;
    this.rows++;
  }

  /** Wrench that moves each unit parameter with the tool, its weight held: m (a − g), and so on, in tool axes. */
  private findRegressor(q: Float64Array, v: Float64Array, a: Float64Array | null): void {
    const { arm, W, acceleration: acc } = this;
    arm.update(q, v);
    arm.updateTool(v);
    if (a !== null) arm.updateInertia();
    arm.toolBiasAcceleration(acc);
    const { J, twist, pose: R, nq, joints } = arm;
    for (let r = 0; r < 6; r++) {
      if (a !== null) for (let i = 0; i < joints; i++) acc[r] += J[r * nq + i] * a[i];
      if (r < 3) acc[r] -= GRAVITY[r];
    }
    const inTool = (x: Float64Array, at: number, k: number) =>
      R[k] * x[at] + R[3 + k] * x[at + 1] + R[6 + k] * x[at + 2];
    const [ax, ay, az] = [inTool(acc, 0, 0), inTool(acc, 0, 1), inTool(acc, 0, 2)];
    const [ex, ey, ez] = [inTool(acc, 3, 0), inTool(acc, 3, 1), inTool(acc, 3, 2)];
    const [wx, wy, wz] = [inTool(twist, 3, 0), inTool(twist, 3, 1), inTool(twist, 3, 2)];
    // Force m a + α × mc + ω × (ω × mc), moment mc × a + I α + ω × I ω.
    const force = [
      [ax, -wy * wy - wz * wz, wx * wy - ez, wx * wz + ey],
      [ay, wx * wy + ez, -wx * wx - wz * wz, wy * wz - ex],
      [az, wx * wz - ey, wy * wz + ex, -wx * wx - wy * wy],
    ];
    const moment = [
      [0, 0, az, -ay, ex, -wy * wz, wy * wz, ey - wx * wz, ez + wx * wy, wy * wy - wz * wz],
      [0, -az, 0, ax, wx * wz, ey, -wx * wz, ex + wy * wz, wz * wz - wx * wx, ez - wx * wy],
      [0, ay, -ax, 0, -wx * wy, wx * wy, ez, wx * wx - wy * wy, ex - wy * wz, ey + wx * wz],
    ];
    W.fill(0);
    for (let r = 0; r < 3; r++) {
      W.set(force[r], r * FULL);
      W.set(moment[r], (3 + r) * FULL);
    }
  }
}

/** Inertia about the centre of mass from that about the tool's origin (Steiner): xx yy zz xy xz yz. */
function aboutCentre(x: Float64Array, m: number, [cx, cy, cz]: readonly [number, number, number]): readonly number[] {
  const shift = [cy * cy + cz * cz, cx * cx + cz * cz, cx * cx + cy * cy, -cx * cy, -cx * cz, -cy * cz];
  return shift.map((s, k) => x[STATIC + k] - m * s);
}
