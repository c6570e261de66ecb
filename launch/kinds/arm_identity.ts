import { readFileSync } from 'node:fs';
import { PANDA_URDF, type Robot } from '../../robots/index.ts';
import { type CommissionedAs, commissionedIdentity, type Envelope } from '../../safety/index.ts';

export interface ArmOfGraph {
  readonly robot: Robot;
  /** As for loadRobot. */
  readonly robot_name: string;
  readonly driver: string;
  readonly serial: string;
  readonly envelope: Envelope;
}

/** What a record of commissioning must be of to hold for the arm of a graph. */
export function armIdentity({ robot, robot_name, ...arm }: ArmOfGraph): CommissionedAs {
  const urdf = readFileSync(robot_name === 'panda' ? PANDA_URDF : robot_name, 'utf8');
  return commissionedIdentity({ ...arm, robot: robot.name, urdf });
}
