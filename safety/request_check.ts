import type { CommandRequest } from './command_request.ts';
import { reasonBit } from './reasons.ts';

const STALE = reasonBit('stale_command');
const NON_FINITE = reasonBit('non_finite');
const WRONG_LENGTH = reasonBit('wrong_length');

/** Rounding of time stamps, s. */
const STAMP_SLACK_S = 1e-9;

/**
 * What a request itself says against motion, as a bit mask: too old, from a future that would never grow old, of the wrong
 * length or not finite. `now` holds the gate's time in its first entry (s).
 */
export function requestCauses(request: CommandRequest, now: Float64Array, joints: number, stale_s: number): number {
  let causes = 0;
  const { values, gripper_width_m, gripper_force_N } = request;
  if (request.kind !== 'none') {
    const age = now[0] - request.stamp_s;
    if (!(age <= stale_s + STAMP_SLACK_S && age >= -stale_s - STAMP_SLACK_S)) causes |= STALE;
    if (values.length !== joints) causes |= WRONG_LENGTH;
    else for (let i = 0; i < joints; i++) if (!(values[i] - values[i] === 0)) causes |= NON_FINITE;
  }
  if (!(gripper_width_m - gripper_width_m === 0) || !(gripper_force_N - gripper_force_N === 0)) causes |= NON_FINITE;
  return causes;
}
