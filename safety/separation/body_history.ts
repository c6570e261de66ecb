/** Tracks kept of every body beside its last, and least time between them (s): what errs on one is seen over several. */
const ANCHORS = 16;
const SPACING_S = 0.02;
/** Row of a track: ends of the segment 6, radius, error (m), when sensed (s). */
const ROW = 9;
/** Room for rounding (m). */
const ROUNDING = 1e-9;

/**
 * Where bodies were, to tell whether one can be where it is now: both ends of its segment within what an earlier track may
 * have become, with radius and errors. Allocates nothing after construction.
 */
export class BodyHistory {
  private readonly rows: Float64Array;
  private readonly count: Uint8Array;
  private readonly next: Uint8Array;
  /** The track asked for, and in `speed` how fast a body may be (m/s). */
  private readonly asked = new Float64Array(ROW);
  private readonly speed = new Float64Array(1);

  constructor(bodies: number) {
    this.rows = new Float64Array(ROW * (ANCHORS + 1) * bodies);
    this.count = new Uint8Array(bodies);
    this.next = new Uint8Array(bodies);
  }

  /** The track that `holds`, `holdsLast` and `remember` are about; m, s, m/s. */
  ask(ends: Float64Array, radius: number, error: number, sensed_s: number, speed: number): void {
    const { asked } = this;
    for (let k = 0; k < 6; k++) asked[k] = ends[k];
    asked[6] = radius;
    asked[7] = error;
    asked[8] = sensed_s;
    this.speed[0] = speed;
  }

  forget(body: number): void {
    this.count[body] = 0;
    this.next[body] = 0;
  }

  /** Keeps the track as the body's last, and as an anchor if the one before is old enough. */
  remember(body: number): void {
    const { rows, asked, count, next } = this;
    const last = this.row(body, ANCHORS);
    for (let k = 0; k < ROW; k++) rows[last + k] = asked[k];
    const newest = this.row(body, (next[body] + ANCHORS - 1) % ANCHORS);
    if (count[body] > 0 && asked[8] - rows[newest + 8] < SPACING_S) return;
    const anchor = this.row(body, next[body]);
    for (let k = 0; k < ROW; k++) rows[anchor + k] = asked[k];
    next[body] = (next[body] + 1) % ANCHORS;
    if (count[body] < ANCHORS) count[body]++;
  }

  /** Whether every track kept of the body can have become the one asked for; true where none is kept. */
  holds(body: number): boolean {
    if (this.count[body] === 0) return true;
    for (let i = 0; i < this.count[body]; i++) if (!this.reaches(this.row(body, i))) return false;
    return this.reaches(this.row(body, ANCHORS));
  }

  /** Whether the last track of the body can have. */
  holdsLast(body: number): boolean {
    return this.count[body] > 0 && this.reaches(this.row(body, ANCHORS));
  }

  private row(body: number, index: number): number {
    return ROW * ((ANCHORS + 1) * body + index);
  }

  private reaches(at: number): boolean {
    const { rows, asked, speed } = this;
    const elapsed = asked[8] - rows[at + 8];
    const room = speed[0] * (elapsed > 0 ? elapsed : 0) + rows[at + 6] - asked[6] + rows[at + 7] + asked[7] + ROUNDING;
    if (room < 0) return false;
    // The set that can be reached is convex: if it holds both ends it holds the segment.
    return this.endSquare(at, 0) <= room * room && this.endSquare(at, 3) <= room * room;
  }

  /** Squared distance of an end of the segment asked for to the segment at `at`, m². */
  private endSquare(at: number, end: number): number {
    const { rows, asked } = this;
    let along = 0;
    let length = 0;
    for (let k = 0; k < 3; k++) {
      const u = rows[at + 3 + k] - rows[at + k];
      along += u * (asked[end + k] - rows[at + k]);
      length += u * u;
    }
    const share = length > 0 ? Math.max(0, Math.min(1, along / length)) : 0;
    let square = 0;
    for (let k = 0; k < 3; k++) {
      const d = asked[end + k] - rows[at + k] - share * (rows[at + 3 + k] - rows[at + k]);
      square += d * d;
    }
    return square;
  }
}
