import type { TrajectoryResult } from '../contracts/index.ts';
import type { ControlState } from './control_state.ts';

/**
 * What to answer for a trajectory that has ended.
 * @param why  what has last stopped the arm, for the operator
 */
export function resultOf(state: ControlState, names: readonly string[], why: readonly string[]): TrajectoryResult {
  const joint = names[state.failed_joint] ?? '';
  const error_rad = state.last_error_rad;
  const failed = (reason: string) => ({ ok: false, reason, final_error_rad: error_rad });
  switch (state.follower_outcome) {
    case 'done':
      return { ok: true, reason: '', final_error_rad: error_rad, error: 'successful' };
    case 'tracking_error':
      return {
        ...failed(`${joint} left the trajectory by ${error_rad.toFixed(4)} rad at ${state.path_time_s.toFixed(3)} s`),
        error: 'path_tolerance_violated',
      };
    case 'goal_not_reached':
      return {
        ...failed(`${joint} was ${error_rad.toFixed(4)} rad from the goal when its time was over`),
        error: 'goal_tolerance_violated',
      };
    case 'not_permitted':
      return failed('the safety gate allowed no motion');
    case 'stopped_by_safety': {
      const reasons = why.length > 0 ? why : state.latched_reasons;
      return failed(`stopped by the safety gate${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`);
    }
    case 'canceled':
      return failed('canceled');
    case 'none':
      return failed('not finished');
  }
}
