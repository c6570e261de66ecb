/** A joint slower than this is at rest, as the safety gate has it, rad/s. */
export const REST_RAD_S = 0.01;
/** At rest for so long is standstill, ms: what was commanded last may still be under way. */
const STANDSTILL_MS = 100;
/** Within this the arm must be slower than it was, ms. */
export const SLOWING_MS = 250;
/** What a hold may take beyond the arm's stop time, ms. */
export const HOLD_MARGIN_MS = 500;
/** Joint states older than this show nothing, ms. */
const BLIND_MS = 250;

/** How fast the arm moves: its fastest joint, and how old that is. */
export interface ArmMotion {
  readonly speed_rad_s: number;
  readonly age_ms: number;
}

export type HoldState = 'none' | 'slowing' | 'still' | 'failed';

/**
 * Watches that an arm which was let go slows down at once and stands still within its stop time. Pure: times are the
 * caller's, ms.
 */
export class HoldWatch {
  state: HoldState = 'none';
  /** Why the hold has failed; empty where it has not. */
  reason = '';
  private began_ms = 0;
  private allowed_ms = 0;
  private fastest_rad_s = 0;
  private rests_since_ms: number | null = null;

  /** The arm was let go. @param stop_time_s  that the verified stop needs from here */
  begin(now_ms: number, { speed_rad_s }: ArmMotion, stop_time_s: number, margin_ms = HOLD_MARGIN_MS): void {
    this.state = 'slowing';
    this.reason = '';
    this.began_ms = now_ms;
    this.allowed_ms = 1000 * stop_time_s + margin_ms;
    this.fastest_rad_s = speed_rad_s;
    this.rests_since_ms = null;
  }

  /** Held again, or stopped by somebody else: nothing is watched. */
  end(): void {
    this.state = 'none';
  }

  step(now_ms: number, { speed_rad_s, age_ms }: ArmMotion): HoldState {
    if (this.state !== 'slowing') return this.state;
    const passed_ms = now_ms - this.began_ms;
    if (age_ms > BLIND_MS && passed_ms > BLIND_MS) return this.fail('the arm cannot be seen to stop');
    if (speed_rad_s < REST_RAD_S && age_ms <= BLIND_MS) {
      this.rests_since_ms ??= now_ms;
      if (now_ms - this.rests_since_ms >= STANDSTILL_MS) this.state = 'still';
      return this.state;
    }
    this.rests_since_ms = null;
    if (passed_ms <= SLOWING_MS) this.fastest_rad_s = Math.max(this.fastest_rad_s, speed_rad_s);
    else if (speed_rad_s >= this.fastest_rad_s)
      return this.fail(`the arm has not slowed down ${Math.round(passed_ms)} ms after it was let go`);
    if (passed_ms > this.allowed_ms)
      return this.fail(`the arm still moves ${Math.round(passed_ms)} ms after it was let go`);
    return this.state;
  }

  private fail(reason: string): HoldState {
    this.state = 'failed';
    this.reason = reason;
    return this.state;
  }
}
