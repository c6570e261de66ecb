import type { StopProgress } from '../../protocol/messages.ts';

/** Without `taken` for this long the other way is used too. */
export const SECOND_WAY_MS = 100;
/** After these the operator is told to use the button on the robot: not taken, taken but not stopping, not at rest. */
const TAKEN_WITHIN_MS = 300;
const STOPPING_WITHIN_MS = 600;
const STANDSTILL_WITHIN_MS = 3000;
/** Between tries while nobody has taken it, and for how long. */
const AGAIN_MS = 400;
const TRY_FOR_MS = 10_000;

export type StopPhase = 'idle' | 'sent' | 'taken' | 'stopping' | 'standstill' | 'unconfirmed';

/** One press of Stop, followed until the arm stands. Times ms of one clock. */
export class StopState {
  phase: StopPhase = 'idle';
  detail = '';
  id: number;
  travel_m: number | null = null;
  private pressed_ms = 0;
  private triedAt_ms = 0;
  private heard: 'nothing' | 'taken' | 'stopping' | 'standstill' | 'failed' = 'nothing';

  /** @param first  number of the first press, so that presses of a page that was loaded anew are told apart */
  constructor(first: number) {
    this.id = first >>> 0;
  }

  /** A press, whatever went before. Its number. */
  press(now_ms: number): number {
    this.id = (this.id + 1) >>> 0;
    this.pressed_ms = now_ms;
    this.triedAt_ms = now_ms + SECOND_WAY_MS - AGAIN_MS;
    this.heard = 'nothing';
    this.travel_m = null;
    this.detail = '';
    this.phase = 'sent';
    return this.id;
  }

  /** What the server says of a press; of an older one nothing is believed. */
  hear(progress: Pick<StopProgress, 'id' | 'phase' | 'detail' | 'travel_m'>): void {
    if (this.phase === 'idle' || progress.id !== this.id || this.heard === 'standstill') return;
    if (progress.phase === 'taken' && this.heard !== 'nothing') return;
    this.heard = progress.phase;
    this.detail = progress.detail;
    if (progress.travel_m !== undefined) this.travel_m = progress.travel_m;
    this.phase = progress.phase === 'failed' ? 'unconfirmed' : progress.phase;
  }

  /** Whether it is to be sent again now, by both ways. Call often while `active`. */
  turn(now_ms: number): boolean {
    if (!this.active) return false;
    const since_ms = now_ms - this.pressed_ms;
    if (this.heard !== 'failed' && since_ms > this.patience_ms()) this.phase = 'unconfirmed';
    if (this.heard !== 'nothing' || since_ms > TRY_FOR_MS || now_ms - this.triedAt_ms < AGAIN_MS) return false;
    this.triedAt_ms = now_ms;
    return true;
  }

  /** There is no way to send it at all. */
  cannotSend(detail: string): void {
    this.detail = detail;
    this.phase = 'unconfirmed';
  }

  /** The stop is over: somebody has reset it. */
  rearm(): void {
    if (this.phase !== 'sent') this.phase = 'idle';
  }

  get active(): boolean {
    return this.phase !== 'idle' && this.phase !== 'standstill';
  }

  private patience_ms(): number {
    if (this.heard === 'nothing') return TAKEN_WITHIN_MS;
    return this.heard === 'taken' ? STOPPING_WITHIN_MS : STANDSTILL_WITHIN_MS;
  }
}
