import type { ArmMotion } from '../control/index.ts';
import type { RobotSide } from './robot_side.ts';

/** The fastest of the arm's joints as last heard, and how old that is. @param arm_joints  of the coordinates, the arm's */
export function armMotion({ joints, now_ms }: Pick<RobotSide, 'joints' | 'now_ms'>, arm_joints: number): ArmMotion {
  if (joints === null) return { speed_rad_s: 0, age_ms: Number.POSITIVE_INFINITY };
  let speed_rad_s = 0;
  for (let i = 0; i < arm_joints; i++) speed_rad_s = Math.max(speed_rad_s, Math.abs(joints.message.velocity[i]));
  return { speed_rad_s, age_ms: now_ms() - joints.arrived_ms };
}
