import { crba } from './crba.ts';
import type { RobotData } from './data.ts';
import type { RobotModel } from './model.ts';
import { GRAVITY } from './rnea.ts';

/** Kinetic energy ½ vᵀ M v (J), after forwardKinematics; writes data.M. */
export function kineticEnergy(model: RobotModel, data: RobotData, v: Float64Array): number {
  crba(model, data);
  const n = model.nq;
  let twice = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) twice += v[i] * data.M[i * n + j] * v[j];
  return twice / 2;
}

/** Potential energy of the moving bodies against the root origin (J), after forwardKinematics. */
export function potentialEnergy(
  model: RobotModel,
  data: RobotData,
  gravity: readonly [number, number, number] = GRAVITY,
): number {
  let sum = 0;
  for (let b = 0; b < model.nb; b++) {
    for (let k = 0; k < 3; k++) sum -= data.mc[3 * b + k] * gravity[k];
  }
  return sum;
}
