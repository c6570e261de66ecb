import type { RobotModel } from './model.ts';

/**
 * Scratch and results of the algorithms for one model; owned by the caller, allocated once. Every spatial quantity is in
 * the axes of the root link and taken at its origin ("world"), so nothing is transformed from link to link.
 */
export class RobotData {
  readonly model: RobotModel;
  /** Written by forwardKinematics: rotation 9·nb and position 3·nb of every body in the root frame. */
  readonly R: Float64Array;
  readonly p: Float64Array;
  /**
   * Written by forwardKinematics: motion subspace of every joint at the root origin, angular over linear, 6·nb, already
   * times its multiplier: S[b]·v[coordinate[b]] is the motion of body b relative to its parent.
   */
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
  /** Written by crba: composite mass nb, mass times centre of mass 3·nb and inertia 6·nb of the subtree of every body. */
  readonly composite_mass: Float64Array;
  readonly composite_mc: Float64Array;
  readonly composite_I: Float64Array;
  /** Written by choleskyFactor: lower factor of M (plus its diagonal term) nq×nq, and the inverse of its diagonal. */
  readonly L: Float64Array;
  readonly L_inv_diagonal: Float64Array;
  /** Written by aba: articulated inertia [A B; Bᵀ D], A and D as xx yy zz xy xz yz 6·nb, B row-major 9·nb. */
  readonly articulated_A: Float64Array;
  readonly articulated_B: Float64Array;
  readonly articulated_D: Float64Array;
  /** Written by aba: velocity-product acceleration 6·nb, inertia times subspace 6·nb, its inverse projection and u, nb. */
  readonly c: Float64Array;
  readonly U: Float64Array;
  readonly D_inv: Float64Array;
  readonly u: Float64Array;
  /** Written by forwardDynamics for models with mimic joints: bias torques, nq. */
  readonly bias: Float64Array;
  /** Written by frameJacobian: the frame's origin in the root frame, 3. */
  readonly point: Float64Array;

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
    this.composite_mass = new Float64Array(nb);
    this.composite_mc = new Float64Array(3 * nb);
    this.composite_I = new Float64Array(6 * nb);
    this.L = new Float64Array(nq * nq);
    this.L_inv_diagonal = new Float64Array(nq);
    this.articulated_A = new Float64Array(6 * nb);
    this.articulated_B = new Float64Array(9 * nb);
    this.articulated_D = new Float64Array(6 * nb);
    this.c = new Float64Array(6 * nb);
    this.U = new Float64Array(6 * nb);
    this.D_inv = new Float64Array(nb);
    this.u = new Float64Array(nb);
    this.bias = new Float64Array(nq);
    this.point = new Float64Array(3);
  }
}
