import type { JointSeries } from '../recording/series.ts';
import { isGripper } from './joint_limits.ts';

/** Column `joint` of rows that are `names.length` wide. */
export function columnOf({ names }: JointSeries, rows: Float64Array, joint: number): Float64Array {
  const n = names.length;
  return Float64Array.from({ length: Math.floor(rows.length / n) }, (_, k) => rows[k * n + joint]);
}

/** Joints of the arm, without the gripper's; all of them where every name is a gripper's. */
export function armJoints({ names }: JointSeries): readonly number[] {
  const arm = names.flatMap((name, i) => (isGripper(name) ? [] : [i]));
  return arm.length > 0 ? arm : names.map((_, i) => i);
}

/** The gripper's first joint; -1 without one. */
export const gripperJoint = ({ names }: JointSeries): number => names.findIndex(isGripper);

/** Length of the arm's way in joint space up to each row, rad. What is not a number does not move. */
export function pathOf(joints: JointSeries): Float64Array {
  const { time_s, position, names } = joints;
  const arm = armJoints(joints);
  const path = new Float64Array(time_s.length);
  for (let k = 1; k < path.length; k++) {
    let square = 0;
    for (const i of arm) {
      const step = position[k * names.length + i] - position[(k - 1) * names.length + i];
      if (Number.isFinite(step)) square += step * step;
    }
    path[k] = path[k - 1] + Math.sqrt(square);
  }
  return path;
}
