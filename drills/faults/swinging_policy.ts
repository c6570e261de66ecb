import type { CommandSource } from '../../control/index.ts';
import type { CommandRequest } from '../../safety/index.ts';

const SPEED_RAD_PER_S = 0.4;
const PERIOD_S = 4;

/** Commands the arm as a policy does, directly and without a plan: joint 1 to and fro; once it diverges, all at any speed. */
export class SwingingPolicy implements CommandSource {
  diverges = false;
  private readonly limits: Float64Array;
  private cycle = 0;

  /** @param velocity_limits  of the arm's joints, rad/s (m/s) */
  constructor(velocity_limits: Float64Array) {
    this.limits = velocity_limits;
  }

  update(motion_s: number, _state: unknown, _gate: unknown, request: CommandRequest): void {
    const { limits, diverges } = this;
    request.kind = 'velocity';
    request.source = 'policy';
    const { values } = request;
    for (let i = 0; i < values.length; i++) values[i] = 0;
    if (!diverges) {
      values[0] = SPEED_RAD_PER_S * Math.sin((2 * Math.PI * motion_s) / PERIOD_S);
      return;
    }
    // As networks do far from what they have seen: large outputs of changing sign.
    this.cycle++;
    const sign = this.cycle % 2 === 0 ? 1 : -1;
    for (let i = 0; i < values.length; i++) values[i] = 5 * sign * limits[i];
  }
}
