import type { RobotView } from './desk_types.ts';
import { HoldWatch, REST_RAD_S } from './hold_watch.ts';

/** The arm is at a standstill after resting for so long, ms. */
const STANDSTILL_MS = 200;
/** A joint this fast moves, though nothing was asked for, rad/s. */
const MOVES_RAD_S = 0.05;
/** A path that is given up is left more slowly than the verified stop, ms. */
const PATH_MARGIN_MS = 2000;

/** Whether the arm rests, moves, or does not come to rest as it should; who does not is stopped. Times are the caller's, ms. */
export class ArmWatch {
  private readonly robot: RobotView;
  private readonly onFailed: (why: string) => void;
  private readonly hold = new HoldWatch();
  private rests_since_ms: number | null = null;

  constructor(robot: RobotView, onFailed: (why: string) => void) {
    this.robot = robot;
    this.onFailed = onFailed;
  }

  /** A held control was let go. */
  letGo(now_ms: number): void {
    this.hold.begin(now_ms, this.robot.arm(), this.stop_time_s);
  }

  /** A motion along a path was cancelled. */
  leavePath(now_ms: number): void {
    this.hold.begin(now_ms, this.robot.arm(), this.stop_time_s, PATH_MARGIN_MS);
  }

  /** It is moved again on purpose. */
  end(): void {
    this.hold.end();
  }

  step(now_ms: number): void {
    const arm = this.robot.arm();
    const rests = arm.speed_rad_s < REST_RAD_S && this.robot.safety() !== null;
    this.rests_since_ms = rests ? (this.rests_since_ms ?? now_ms) : null;
    if (this.hold.step(now_ms, arm) !== 'failed') return;
    this.hold.end();
    this.onFailed(`a hold has failed: ${this.hold.reason}`);
  }

  /** Whether it is still to come to rest. */
  get slows(): boolean {
    return this.hold.state === 'slowing';
  }

  get moves(): boolean {
    return this.robot.arm().speed_rad_s > REST_RAD_S;
  }

  get movesPlainly(): boolean {
    return this.robot.arm().speed_rad_s > MOVES_RAD_S;
  }

  restsFor(now_ms: number): boolean {
    return this.rests_since_ms !== null && now_ms - this.rests_since_ms >= STANDSTILL_MS;
  }

  private get stop_time_s(): number {
    return this.robot.safety()?.stop_time_s ?? 0;
  }
}
