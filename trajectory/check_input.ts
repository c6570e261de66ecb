import type { Failure, FailureKind } from './failure.ts';
import type { TrajectoryInput } from './input.ts';

/** Relative room for rounding of what was computed elsewhere. */
const ROUNDING = 1e-12;

/** Whether joint `k` of the input can be planned for at all; if not, `failure` says why. */
export function checkJoint(input: TrajectoryInput, k: number, failure: Failure): boolean {
  const p0 = input.p0[k];
  const v0 = input.v0[k];
  const a0 = input.a0[k];
  const p1 = input.free_position ? p0 : input.p1[k];
  const v1 = input.v1[k];
  const a1 = input.a1[k];
  const vmax = input.vmax[k];
  const amax = input.amax[k];
  const jmax = input.jmax[k];
  const pmin = input.pmin[k];
  const pmax = input.pmax[k];
  // A sum is finite only if all its terms are.
  const finite = Number.isFinite(p0 + v0 + a0 + p1 + v1 + a1 + vmax + amax + jmax);
  if (!finite || !(vmax > 0 && amax > 0 && jmax > 0) || !(pmin <= pmax)) {
    return refuse(failure, 'bad_input', k, input.p0, input.p0);
  }
  if (Math.abs(v1) > vmax * (1 + ROUNDING)) return refuse(failure, 'target_velocity', k, input.v1, input.vmax);
  if (Math.abs(a1) > amax * (1 + ROUNDING)) return refuse(failure, 'target_acceleration', k, input.a1, input.amax);
  const room = ROUNDING * (Math.abs(p0) + Math.abs(p1));
  if (p0 > pmax + room) return refuse(failure, 'start_position', k, input.p0, input.pmax);
  if (p0 < pmin - room) return refuse(failure, 'start_position', k, input.p0, input.pmin);
  if (p1 > pmax + room) return refuse(failure, 'target_position', k, input.p1, input.pmax);
  if (p1 < pmin - room) return refuse(failure, 'target_position', k, input.p1, input.pmin);
  return true;
}

function refuse(failure: Failure, kind: FailureKind, k: number, values: Float64Array, limits: Float64Array): false {
  failure.kind = kind;
  failure.joint = k;
  failure.value = values[k];
  failure.limit = limits[k];
  return false;
}
