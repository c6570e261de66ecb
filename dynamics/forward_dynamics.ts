import { aba } from './aba.ts';
import { choleskyFactor, choleskySolve } from './cholesky.ts';
import { crba } from './crba.ts';
import type { RobotData } from './data.ts';
import type { RobotModel } from './model.ts';
import { GRAVITY, rnea } from './rnea.ts';

/**
 * Joint accelerations `qdd` (nq) under torques `tau` at velocity `v`, after forwardKinematics: the articulated body
 * algorithm, or M⁻¹ (tau − h) where joints mimic one another. `diagonal` (nq) is added to M: armature.
 */
export function forwardDynamics(
  model: RobotModel,
  data: RobotData,
  v: Float64Array,
  tau: Float64Array,
  qdd: Float64Array,
  diagonal: Float64Array | null = null,
  gravity: readonly [number, number, number] = GRAVITY,
): void {
  if (model.nb === model.nq) {
    aba(model, data, v, tau, qdd, diagonal, gravity);
    return;
  }
  const { bias } = data;
  rnea(model, data, v, null, bias, gravity);
  crba(model, data);
  choleskyFactor(data, diagonal);
  for (let i = 0; i < model.nq; i++) qdd[i] = tau[i] - bias[i];
  choleskySolve(data, qdd, 0, qdd, 0);
}
