import type { RobotModel } from '../../dynamics/index.ts';

/** Values of mjtIntegrator: Runge-Kutta of fourth order, and the one that solves contacts in the metric M + h D. */
const RK4 = 1;
const DISCRETE = 4;
/** Faster than this (rad/s) an arm is not driven. */
const CALM_RAD_S = 4;

export interface Motion {
  readonly v: Float64Array;
  readonly implicit_damping: Float64Array;
  readonly implicit_stiffness: Float64Array;
}

/**
 * MuJoCo's integrator for the next step. First order, at whirling joints, gains energy without bound; there the fourth
 * order takes over. It has no implicit damping: where actuators ask for some, first order stays.
 */
export function integratorFor(model: RobotModel, { v, implicit_damping, implicit_stiffness }: Motion): number {
  let fast = false;
  for (let b = 0; b < model.nb; b++) {
    fast ||= model.joint_type[b] === 0 && Math.abs(v[model.coordinate[b]]) > CALM_RAD_S;
  }
  if (!fast) return DISCRETE;
  for (let i = 0; i < v.length; i++) if (implicit_damping[i] !== 0 || implicit_stiffness[i] !== 0) return DISCRETE;
  return RK4;
}
