import { type Bus, type SafetyState, SERVICES } from '../../contracts/index.ts';

/** Asked for again after so long while the gate does not show it, ms. */
const AGAIN_MS = 100;
/** Of a robot that is gone nobody hears again: so many wait for an answer at most. */
const MOST_UNANSWERED = 20;

/** A protective stop, latched, that is asked for until the safety gate shows it. Times are the caller's, ms. */
export class LastingStop {
  /** Why it was last asked for; empty before the first time. */
  cause = '';
  /** Stops asked for, whatever it took. */
  count = 0;
  private readonly bus: Bus;
  private asked_ms: number | null = null;
  private is_pending = false;
  private unanswered = 0;

  constructor(bus: Bus) {
    this.bus = bus;
  }

  /** Whether one is asked for that is not seen yet. */
  get pending(): boolean {
    return this.is_pending;
  }

  request(cause: string, now_ms: number): void {
    this.cause = cause;
    if (!this.is_pending) this.count++;
    this.is_pending = true;
    this.ask(now_ms);
  }

  /** To be called often. @param safety  as newly heard; null while the robot is silent */
  step(now_ms: number, safety: Pick<SafetyState, 'latched'> | null): void {
    if (!this.is_pending) return;
    if (safety?.latched === true) {
      this.is_pending = false;
      this.asked_ms = null;
    } else if (this.asked_ms === null || now_ms - this.asked_ms >= AGAIN_MS) this.ask(now_ms);
  }

  private ask(now_ms: number): void {
    this.asked_ms = now_ms;
    if (this.unanswered >= MOST_UNANSWERED) return;
    this.unanswered++;
    const answered = () => {
      this.unanswered--;
    };
    // what became of it is seen on /safety/state
    this.bus.call(SERVICES.safety_stop, {}).then(answered, answered);
  }
}
