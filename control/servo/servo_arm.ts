import type { Robot } from '../../robots/index.ts';
import type { ControlLoop } from '../loop.ts';
import type { Servo } from './servo.ts';
import type { ServoStatus } from './servo_status.ts';

/** Ways to command a servo; each throws InputError for what it cannot be told, at once or by its own account later. */
export type ServoCommands = Pick<Servo, 'setTwist' | 'setJointVelocity' | 'setPose' | 'setCameraPose' | 'halt'>;

/** An arm that a servo moves, in this thread or in another. */
export interface ServoArm {
  readonly robot: Robot;
  /** A trajectory is followed, which goes first. */
  readonly busy: boolean;
  readonly commands: ServoCommands;
  readonly status: Pick<ServoStatus, 'state' | 'reason' | 'message'>;
  /** Share of their speed that a policy's targets may have; null or absent while none are in force. */
  readonly targets_share?: number | null;
  /** From now on the servo moves the arm where no trajectory does. */
  attach(): void;
  detach(): void;
  /**
   * Sends the arm where a learned policy in another process wants it, by values as `readTargets` writes them; absent where
   * policies run in the loop's own process.
   */
  readonly setTargets?: (values: Float64Array, age_s: number) => void;
}

/** The arm of a control loop in this thread. */
export function servoOn(loop: ControlLoop, servo: Servo): ServoArm {
  return {
    robot: loop.robot,
    get busy() {
      return loop.follower.active;
    },
    commands: servo,
    status: servo.status,
    attach: () => {
      loop.source = servo;
    },
    detach: () => {
      if (loop.source === servo) loop.source = null;
    },
  };
}
