import type { Wrench } from '../contracts/index.ts';
import type { Ended } from './send_request.ts';

/** Whether the force at the hand changes during a motion by more than it may. */
export class TouchWatch {
  private most_N: number | undefined;
  private start: Wrench | null = null;
  private felt_N = 0;

  /** A motion begins. @param most_N  change of the force from which on it is to end; undefined where nobody asks */
  begin(most_N: number | undefined, start: Wrench | null): void {
    this.most_N = most_N;
    this.start = start;
    this.felt_N = 0;
  }

  /** Whether the motion is to end now; true once. */
  feel(wrench: Wrench): boolean {
    const { most_N, start } = this;
    if (most_N === undefined || this.felt_N > 0) return false;
    const [x, y, z] = start?.force ?? [0, 0, 0];
    const [fx, fy, fz] = wrench.force;
    const change_N = Math.hypot(fx - x, fy - y, fz - z);
    if (!(change_N > most_N)) return false;
    this.felt_N = change_N;
    return true;
  }

  /** The end of the motion as the task is told it. */
  explain(ended: Ended): Ended {
    const { felt_N, most_N } = this;
    if (!ended.ok || ended.event.kind !== 'moved' || ended.event.ok || felt_N === 0) return ended;
    if (ended.event.stopped_by_safety) return ended;
    const reason = `the force at the hand changed by ${felt_N.toFixed(1)} N, more than ${most_N} N`;
    return { ok: true, event: { ...ended.event, touched: true, reason } };
  }
}
