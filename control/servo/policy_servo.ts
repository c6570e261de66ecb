import { InputError } from '../../contracts/index.ts';
import { isOperating } from '../../safety/index.ts';
import type { ControlLoop } from '../loop.ts';
import { TARGET_EXTRAS } from './policy_targets.ts';
import { TargetServo } from './target_servo.ts';

/** A policy that says nothing for so long moves the arm no more (s). */
export const TARGETS_STALE_S = 0.2;

/**
 * Joint targets of a learned policy that comes from outside a control loop: the newest moves the arm, as the policy's own
 * commands, until it is stale, the gate stops the arm, or a trajectory is followed. At a speed of 0, and without a target, it
 * rests.
 */
export class PolicyServo {
  /** What moves the arm while `moves`. */
  readonly source: TargetServo;
  private readonly loop: ControlLoop;
  private readonly stale_cycles: number;
  /** Cycles for which the newest targets hold still; 0 without any. */
  private left = 0;
  private paused = false;
  /** The newest message asks for no motion. */
  private resting = false;

  constructor(loop: ControlLoop) {
    this.loop = loop;
    this.source = new TargetServo(loop.robot, loop.gate.hz);
    this.stale_cycles = Math.round(TARGETS_STALE_S * loop.gate.hz);
  }

  /** Whether targets are in force. */
  get following(): boolean {
    return this.left > 0;
  }

  /** Whether they move the arm now. */
  get moves(): boolean {
    return this.following && !this.paused && !this.resting;
  }

  /** Share of its speed that a policy may have: that of the path, and of the supervisor and of bodies near by. */
  get share(): number {
    return this.loop.follower.speed * this.loop.gate.pace;
  }

  /** @param values  as `readTargets` writes them; @param age_s  since they were made. InputError for what is too old. */
  set(values: Float64Array, age_s: number): void {
    const { target } = this.source;
    const { loop, stale_cycles } = this;
    const left = stale_cycles - Math.ceil(age_s * loop.gate.hz);
    if (left <= 0) throw new InputError(`targets of a policy, ${age_s.toFixed(3)} s old`, `under ${TARGETS_STALE_S} s`);
    this.left = left;
    this.resting = Number.isNaN(values[0]);
    if (this.resting) return;
    for (let j = 0; j < target.length; j++) target[j] = values[j];
    this.source.retarget();
    const width_m = values[values.length - TARGET_EXTRAS];
    if (!Number.isNaN(width_m) && this.share > 0) loop.gripper?.start(width_m, values[values.length - 1]);
  }

  /** Before every cycle; why targets that were in force are so no longer, empty where nothing has changed. */
  cycle(): 'stale' | 'gate' | '' {
    if (this.left === 0) return '';
    const { gate } = this.loop;
    if (!isOperating(gate.mode)) {
      this.left = 0;
      return 'gate';
    }
    const paused = this.share === 0;
    if (this.paused && !paused) this.source.retarget();
    this.paused = paused;
    return --this.left === 0 ? 'stale' : '';
  }

  end(): void {
    this.left = 0;
  }
}
