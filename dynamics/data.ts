import type { RobotModel } from './model.ts';

/** Scratch and results of the algorithms for one model; owned by the caller, allocated once. World = root link axes. */
export class RobotData {
  readonly model: RobotModel;
  /** Written by forwardKinematics: rotation 9·nb and position 3·nb of every body in the root frame. */
  readonly R: Float64Array;
  readonly p: Float64Array;
  /** Written by forwardKinematics: joint motion subspace at the root origin, angular over linear, 6·nb. */
  readonly S: Float64Array;
  /** Written by forwardKinematics: mass times centre of mass 3·nb; inertia about the root origin xx yy zz xy xz yz 6·nb. */
  readonly mc: Float64Array;
  readonly I_origin: Float64Array;
  /** Written by rnea and aba: body velocity and acceleration at the root origin, angular over linear, 6·nb; force 6·nb. */
  readonly v: Float64Array;
  readonly a: Float64Array;
  readonly f: Float64Array;
  /** Written by crba: joint-space inertia nq×nq, full and symmetric. */
  readonly M: Float64Array;
  /** Written by choleskyFactor: lower factor of M (plus its diagonal term) nq×nq, and the inverse of its diagonal. */
  readonly L: Float64Array;
  readonly L_inv_diagonal: Float64Array;

  constructor(model: RobotModel) {
    const { nb, nq } = model;
    this.model = model;
    this.R = new Float64Array(9 * nb);
    this.p = new Float64Array(3 * nb);
    this.S = new Float64Array(6 * nb);
    this.mc = new Float64Array(3 * nb);
    this.I_origin = new Float64Array(6 * nb);
    this.v = new Float64Array(6 * nb);
    this.a = new Float64Array(6 * nb);
    this.f = new Float64Array(6 * nb);
    this.M = new Float64Array(nq * nq);
    this.L = new Float64Array(nq * nq);
    this.L_inv_diagonal = new Float64Array(nq);
  }
}
