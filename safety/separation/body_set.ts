import type { BodyTrack } from '../../contracts/index.ts';
import { quaternionToMatrix } from '../../dynamics/index.ts';
import { BodyHistory } from './body_history.ts';
import type { SeparationLimits } from './limits.ts';

/** Bodies kept at once, of all sources, those that were seen a moment ago included. */
export const MOST_BODIES = 64;
/** Sources that tracks may come from. */
export const MOST_SOURCES = 8;
/** A track may be this much newer than the gate's clock, s. */
const CLOCK_SLACK_S = 1e-3;
const UNIT_SLACK = 1e-3;

/**
 * The tracked bodies as capsules in the root link's frame, one in a slot; none younger than what it was last told of, so
 * that what a body may have become since grows with the age of its track. A body that its source leaves out is kept as it
 * was for as long as a track may be old: sources lose sight for a moment. Allocates nothing after construction.
 */
export class BodySet {
  /** Per slot: whether it holds a body, and whether that has changed since whoever reads it cleared this. */
  readonly used = new Uint8Array(MOST_BODIES);
  readonly changed = new Uint8Array(MOST_BODIES);
  /** Whether nothing that was known before accounts for the body; cleared by the reader. */
  readonly fresh = new Uint8Array(MOST_BODIES);
  /** Ends of the capsule's segment, 6 each, radius, what the track may be wrong by (m), velocity, 3 each (m/s), when sensed (s). */
  readonly ends = new Float64Array(6 * MOST_BODIES);
  readonly radius = new Float64Array(MOST_BODIES);
  readonly error = new Float64Array(MOST_BODIES);
  readonly velocity = new Float64Array(3 * MOST_BODIES);
  readonly sensed_s = new Float64Array(MOST_BODIES);
  /** One more than the last slot in use, and how many hold a body. */
  top = 0;
  count = 0;
  /** Whether any is fresh; cleared by the reader. */
  any_fresh = false;
  private readonly id = new Float64Array(MOST_BODIES);
  private readonly source = new Uint8Array(MOST_BODIES);
  private readonly seen = new Uint8Array(MOST_BODIES);
  /** Per source, when it last sensed (s); −Infinity for none. */
  private readonly newest_s = new Float64Array(MOST_SOURCES).fill(Number.NEGATIVE_INFINITY);
  private readonly history: BodyHistory;
  private limits: SeparationLimits | null;
  private readonly R = new Float64Array(9);
  private readonly capsule = new Float64Array(6);

  /** @param limits  what bodies may do; null where nothing is relied on */
  constructor(limits: SeparationLimits | null) {
    this.limits = limits;
    this.history = new BodyHistory(MOST_BODIES);
  }

  /** Other limits from now on. */
  setLimits(limits: SeparationLimits | null): void {
    this.limits = limits;
    this.changed.fill(1);
  }

  /**
   * All bodies that a source saw at `sensed_s[0]`; what is older than what it said last is left out.
   *
   * @param count  how many of the list
   * @param source  0 … MOST_SOURCES − 1
   * @param times  times[0]: when they were sensed; times[1]: now (s, the gate's clock; −Infinity before its first cycle)
   * @returns false for what no body within the limits can do: faster than they say, sensed in the future, not finite, too many
   */
  update(bodies: readonly BodyTrack[], count: number, source: number, times: Float64Array): boolean {
    const { newest_s, seen, used } = this;
    const sensed_s = times[0];
    if (!(source >= 0 && source < MOST_SOURCES) || !Number.isFinite(sensed_s)) return false;
    if (times[1] > Number.NEGATIVE_INFINITY && sensed_s > times[1] + CLOCK_SLACK_S) return false;
    if (sensed_s <= newest_s[source]) return true;
    newest_s[source] = sensed_s;
    seen.fill(0);
    let within = true;
    for (let i = 0; i < count; i++) if (!this.take(bodies[i], source, times)) within = false;
    for (let slot = 0; slot < this.top; slot++) {
      if (used[slot] === 0 || seen[slot] === 1 || this.source[slot] !== source) continue;
      if (sensed_s - this.sensed_s[slot] > this.lifetime_s) this.drop(slot);
    }
    while (this.top > 0 && used[this.top - 1] === 0) this.top--;
    return within;
  }

  /** Whether a source is silent, or none was ever heard, at `now[0]` (s). */
  stale(now: Float64Array): boolean {
    const { newest_s } = this;
    let heard = false;
    for (let i = 0; i < MOST_SOURCES; i++) {
      if (newest_s[i] === Number.NEGATIVE_INFINITY) continue;
      heard = true;
      if (now[0] - newest_s[i] > this.lifetime_s) return true;
    }
    return !heard;
  }

  /** Forgets sources that are silent at `now[0]` (s), with their bodies, unless none would be left. */
  forgetSilent(now: Float64Array): void {
    const { newest_s } = this;
    let fresh = false;
    for (let i = 0; i < MOST_SOURCES; i++) if (now[0] - newest_s[i] <= this.lifetime_s) fresh = true;
    if (!fresh) return;
    for (let i = 0; i < MOST_SOURCES; i++) {
      if (!(now[0] - newest_s[i] > this.lifetime_s)) continue;
      newest_s[i] = Number.NEGATIVE_INFINITY;
      for (let slot = 0; slot < this.top; slot++) if (this.used[slot] === 1 && this.source[slot] === i) this.drop(slot);
    }
  }

  /** Forgets all, for a clock that starts over. */
  clear(): void {
    this.newest_s.fill(Number.NEGATIVE_INFINITY);
    for (let slot = 0; slot < this.top; slot++) if (this.used[slot] === 1) this.drop(slot);
    this.top = 0;
  }

  /** How old a track may be, s; 0 where nothing is relied on. */
  private get lifetime_s(): number {
    return this.limits === null ? 0 : this.limits.track_delay_s + this.limits.track_period_s;
  }

  private take(body: BodyTrack, source: number, times: Float64Array): boolean {
    const { capsule, ends, history } = this;
    if (!this.place(body)) return false;
    let slot = this.find(body.id, source);
    let within = true;
    let fresh = 0;
    if (this.limits !== null) {
      const error = body.position_error_m + this.limits.body_error_m;
      const speed = this.limits.body_speed_m_per_s;
      history.ask(capsule, body.radius_m, error, times[0], speed);
      if (slot < 0) fresh = this.accountedFor(slot) ? 0 : 1;
      else if (!history.holds(slot)) {
        within = this.accountedFor(slot);
        history.forget(slot);
      }
    }
    if (slot < 0) slot = this.free();
    if (slot < 0) return false;
    this.used[slot] = 1;
    this.seen[slot] = 1;
    this.changed[slot] = 1;
    if (fresh === 1) {
      this.fresh[slot] = 1;
      this.any_fresh = true;
    }
    this.id[slot] = body.id;
    this.source[slot] = source;
    this.radius[slot] = body.radius_m;
    this.error[slot] = body.position_error_m;
    this.sensed_s[slot] = times[0];
    for (let k = 0; k < 6; k++) ends[6 * slot + k] = capsule[k];
    for (let k = 0; k < 3; k++) this.velocity[3 * slot + k] = body.velocity_m_per_s[k];
    if (this.limits !== null) history.remember(slot);
    if (slot >= this.top) this.top = slot + 1;
    return within;
  }

  /** Ends of the body's capsule into `capsule`; false unless every number is finite and the orientation a unit quaternion. */
  private place({ pose, length_m, radius_m, position_error_m, velocity_m_per_s }: BodyTrack): boolean {
    const { R, capsule } = this;
    const q = pose.orientation;
    const norm = Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
    if (!(norm > 1 - UNIT_SLACK && norm < 1 + UNIT_SLACK)) return false;
    quaternionToMatrix(q, 0, R, 0);
    let finite = radius_m > 0 && length_m >= 0 && position_error_m >= 0 ? radius_m + length_m + position_error_m : NaN;
    for (let k = 0; k < 3; k++) {
      const half = 0.5 * length_m * R[3 * k + 2];
      capsule[k] = pose.position[k] - half;
      capsule[3 + k] = pose.position[k] + half;
      finite += capsule[k] + capsule[3 + k] + velocity_m_per_s[k];
    }
    return finite - finite === 0;
  }

  /** Whether the capsule asked for is where a known body other than `but` may be by now: trackers exchange ids. */
  private accountedFor(but: number): boolean {
    for (let slot = 0; slot < this.top; slot++) {
      if (slot !== but && this.used[slot] === 1 && this.history.holdsLast(slot)) return true;
    }
    return false;
  }

  private find(id: number, source: number): number {
    for (let slot = 0; slot < this.top; slot++) {
      if (this.used[slot] === 1 && this.id[slot] === id && this.source[slot] === source) return slot;
    }
    return -1;
  }

  private free(): number {
    for (let slot = 0; slot < MOST_BODIES; slot++) {
      if (this.used[slot] === 1) continue;
      this.count++;
      return slot;
    }
    return -1;
  }

  private drop(slot: number): void {
    this.used[slot] = 0;
    this.changed[slot] = 1;
    this.fresh[slot] = 0;
    this.count--;
    this.history.forget(slot);
  }
}
