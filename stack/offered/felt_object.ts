import type { ToldObjects } from '../env/state_observer.ts';

/** Fingers this much wider than they are sent, and as good as still, hold something (m, m/s). */
const WIDER_M = 0.003;
const STILL_M_S = 0.005;
/** It is let go of when they have opened by so much, and lost when they have closed by so much (m). */
const OPENED_M = 0.005;
const CLOSED_M = 0.008;

/** What the fingers hold, as they feel it themselves: an object that is where the tool is, touched while it is held. */
export class FeltObject implements ToldObjects {
  readonly object_count = 1;
  private readonly place = new Float64Array(3);
  private held_m = Number.NaN;

  /**
   * @param tool  frame: rotation 9, position 3 (m)
   * @param sent_m  where the fingers are sent (m); @param speed_m_s  of their distance, positive while it grows
   */
  feel(tool: Float64Array, width_m: number, speed_m_s: number, sent_m: number): void {
    this.place.set(tool.subarray(9, 12));
    if (Number.isNaN(this.held_m)) {
      if (width_m - sent_m > WIDER_M && Math.abs(speed_m_s) < STILL_M_S) this.held_m = width_m;
    } else if (width_m - this.held_m > OPENED_M || this.held_m - width_m > CLOSED_M) this.held_m = Number.NaN;
  }

  handTouches(): boolean {
    return !Number.isNaN(this.held_m);
  }

  /** At rest and upright where the tool is. */
  objectState(_index: number, out: Float64Array, offset: number): void {
    out.fill(0, offset, offset + 13);
    out.set(this.place, offset);
    out[offset + 6] = 1;
  }
}
