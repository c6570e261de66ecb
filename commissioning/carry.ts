import type { JointTrajectory } from '../contracts/index.ts';
import type { StateSample } from './arm_on_bus.ts';
import { type MoveLimits, slowMove } from './slow_move.ts';
import { StageFailed, type StageRig } from './stage.ts';

export interface Carried {
  readonly path: JointTrajectory;
  /** Joint states on the way. */
  readonly samples: readonly StateSample[];
}

/** A motion that only a late machine has stopped is tried so often. */
export const MOST_TRIES = 6;

/** Where the arm is, arm's joints, rad. */
export function whereIs({ arm, robot }: Pick<StageRig, 'arm' | 'robot'>): Float64Array {
  return (arm.state?.position ?? robot.home_q).slice(0, robot.arm_joints);
}

/**
 * Moves the arm straight from where it is, and again where nothing but the machine's lateness has stopped it. Throws
 * StageFailed with the reason of any other stop.
 */
export async function carry(rig: StageRig, label: string, to: Float64Array, limits: MoveLimits): Promise<Carried> {
  const { arm, robot, say } = rig;
  for (let tries = 1; ; tries++) {
    await arm.ready();
    const path = slowMove(robot, whereIs(rig), to, limits);
    const end = arm.record();
    const { ok, reason } = await arm.move(label, path).ended;
    const samples = end();
    if (ok) return { path, samples };
    if (tries === MOST_TRIES || !arm.stoppedByLateness) {
      throw new StageFailed(`${label} was not reached: ${reason}`, 'see what stopped the arm, and start again');
    }
    say(`${label}: stopped because the machine was late (${reason}); again`);
  }
}
