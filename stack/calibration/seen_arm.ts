import { RobotData } from '../../dynamics/index.ts';
import type { HandPosture, SeenArm } from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { armPosture, armSurface } from './arm_surface_of.ts';
import { handPosture } from './still_cell.ts';

/** A robot's arm as those who watch cameras see it. */
export function seenArm(robot: Robot): SeenArm {
  const data = new RobotData(robot.model);
  const q = robot.home_q.slice();
  const { joint_names } = robot.model;
  return {
    joint_names,
    surface: armSurface(robot),
    postureAt(position) {
      q.set(position);
      const hand: HandPosture = handPosture(robot, data, q);
      return { hand, arm: armPosture(robot, data, q) };
    },
  };
}
