import type { MotionPath } from './motion_path.ts';

/** What knows where the arm touches something; CollisionWorld does. */
export interface MotionCheck {
  /** Whether the straight segment between the arm joints at `ao` of a and those at `bo` of b (rad) is free. */
  segmentFree(a: Float64Array, ao: number, b: Float64Array, bo: number): boolean;
  /** Names of the two bodies found touching by the last check that was not free. */
  lastContact(): readonly [string, string];
}

/** Time between the positions that are joined by straight segments, s: at 15 rad/s² they lie 0.2 mrad off the motion. */
const STEP_S = 0.01;

/** The two bodies that touch on a path's bridge to its trajectory; null if it is free. Where the path begins is not checked. */
export function bridgeContact(path: MotionPath, joints: number, check: MotionCheck): readonly [string, string] | null {
  const { bridge_s } = path;
  const steps = Math.ceil(bridge_s / STEP_S);
  let from = new Float64Array(joints);
  let to = new Float64Array(joints);
  path.sample(0, from);
  for (let k = 1; k <= steps; k++) {
    path.sample((k / steps) * bridge_s, to);
    if (!check.segmentFree(from, 0, to, 0)) return check.lastContact();
    [from, to] = [to, from];
  }
  return null;
}
