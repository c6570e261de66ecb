import type { RobotModel } from '../../dynamics/index.ts';
import type { Views } from './module.ts';

/** Values of mjtIntegrator: Runge-Kutta of fourth order, and the one that solves contacts in the metric M + h D. */
export const RK4 = 1;
export const DISCRETE = 4;
/** Faster than this (rad/s) an arm is not driven. */
const CALM_RAD_S = 4;

export interface Motion {
  readonly v: Float64Array;
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
}

/**
 * Chooses MuJoCo's integrator for every step. First order, at whirling joints, gains energy without bound; there the
 * fourth order takes over. It has no implicit damping: where actuators ask for some, first order stays. First order has
 * velocities half a step before positions; they are moved to the same time, and back, as the integrators change.
 */
export class Integrator {
  /** 1 if the last step was of fourth order; saved with the state. */
  readonly whirling = new Float64Array(1);
  private readonly model: RobotModel;
  private readonly link_dof: Int32Array;
  private readonly dt_s: number;

  /** @param link_dof  address of robot body b's joint in MuJoCo's velocities */
  constructor(model: RobotModel, link_dof: Int32Array, dt_s: number) {
    this.model = model;
    this.link_dof = link_dof;
    this.dt_s = dt_s;
  }

  /** Integrator of the next step of a robot in `motion`; moves the velocities of its joints if it is another one. */
  next(motion: Motion, { qvel, qacc_warmstart }: Pick<Views, 'qvel' | 'qacc_warmstart'>): number {
    const { whirling, link_dof } = this;
    const fast = this.isFast(motion) ? 1 : 0;
    if (fast !== whirling[0]) {
      const shift = (fast - 0.5) * this.dt_s;
      for (let b = 0; b < link_dof.length; b++) qvel[link_dof[b]] += shift * qacc_warmstart[link_dof[b]];
      whirling[0] = fast;
    }
    return fast === 1 ? RK4 : DISCRETE;
  }

  private isFast({ v, implicit_damping, implicit_stiffness }: Motion): boolean {
    const { nb, joint_type, coordinate } = this.model;
    let fast = false;
    for (let b = 0; b < nb; b++) fast ||= joint_type[b] === 0 && Math.abs(v[coordinate[b]]) > CALM_RAD_S;
    for (let i = 0; fast && i < v.length; i++) fast = implicit_damping[i] === 0 && implicit_stiffness[i] === 0;
    return fast;
  }
}
