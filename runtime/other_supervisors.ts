/** Stamps of own words that are remembered: those of the last seconds, however often the state changes. */
const REMEMBERED = 1024;
/** So long after its last word another supervisor counts as there, s. A living one speaks ten times a second. */
const SILENCE_S = 1;

/**
 * Tells another supervisor's words on /safety/state from those that this one sent, by their stamps. Pure; times are the
 * caller's, s.
 */
export class OtherSupervisors {
  private readonly own = new BigInt64Array(REMEMBERED).fill(-1n);
  private sent = 0;
  private foreign_ns = -1n;
  private readonly times = new Float64Array(2).fill(Number.NEGATIVE_INFINITY);

  /** This supervisor sends a state with this stamp; before it does. */
  send(stamp_ns: bigint): void {
    this.own[this.sent++ % REMEMBERED] = stamp_ns;
  }

  /** Somebody's state was heard. One word alone may be the last of one that has ended, which the bus keeps. */
  hear(stamp_ns: bigint, now_s: number): void {
    if (this.own.includes(stamp_ns)) return;
    const { times } = this;
    if (stamp_ns !== this.foreign_ns && now_s - times[HEARD] <= SILENCE_S) times[SURE] = now_s;
    this.foreign_ns = stamp_ns;
    times[HEARD] = now_s;
  }

  /** Whether another one speaks. */
  areHeard(now_s: number): boolean {
    return now_s - this.times[SURE] <= SILENCE_S;
  }
}

const HEARD = 0;
const SURE = 1;
