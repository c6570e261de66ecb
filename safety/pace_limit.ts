import { InputError } from '../contracts/index.ts';
import type { Robot } from '../robots/index.ts';
import type { SafeCommand } from './safe_command.ts';

/** After a lower pace was set the arm has twice the time of its verified stop and this to come down to it, s. */
const SLACK_S = 0.1;
/** Speed beyond the pace that is borne, as a share of the robot's own. */
const TOLERANCE = 0.02;

/**
 * The share of the usual speed that a supervisor allows along paths. Whoever follows a path slows down by itself; this one
 * sees whether it does: at pace s no joint is faster than s times the robot's own limit once the time to slow down is over.
 */
export class PaceLimit {
  /** 0..1. */
  share = 1;
  private readonly velocity: Float64Array;
  private readonly hz: number;
  /** Cycles left to come down to the share. */
  private left = 0;

  constructor(robot: Robot, hz: number) {
    this.velocity = robot.limits.velocity;
    this.hz = hz;
  }

  /** @param stop_time_s  that the verified stop of the arm takes now */
  set(share: number, stop_time_s: number): void {
    if (!(share >= 0 && share <= 1)) throw new InputError(`pace ${share}`, 'a share of the usual speed, 0 to 1');
    if (share < this.share) this.left = Math.ceil((2 * stop_time_s + SLACK_S) * this.hz);
    this.share = share;
  }

  /** Once a cycle: whether what was sent last is too fast for it. */
  exceeded(sent: SafeCommand): boolean {
    if (this.share === 1) return false;
    if (this.left > 0) {
      this.left--;
      return false;
    }
    const most = this.share + TOLERANCE;
    for (let i = 0; i < sent.velocity.length; i++) {
      if (Math.abs(sent.velocity[i]) > most * this.velocity[i]) return true;
    }
    return false;
  }
}
