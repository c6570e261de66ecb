/** Two braking segments and thirteen of a blend, three times over, and one to dwell. */
const CAPACITY = 48;

/** Part of the largest acceleration that is rounding. */
const CRUISING = 1e-14;
/** Rounding of a time that is meant to be the end. */
const END = 4e-16;

/** One joint's motion as segments of constant jerk. Units of the joint: rad or m, and s. */
export class Profile {
  /** Segment i lasts `time[i]` with jerk `jerk[i]`; it begins at position, velocity and acceleration [i]. */
  readonly time = new Float64Array(CAPACITY);
  readonly jerk = new Float64Array(CAPACITY);
  readonly position = new Float64Array(CAPACITY + 1);
  readonly velocity = new Float64Array(CAPACITY + 1);
  readonly acceleration = new Float64Array(CAPACITY + 1);
  count = 0;
  duration = Number.NaN;
  /** Least and greatest position on the way, from `findExtremes`. */
  least = Number.NaN;
  greatest = Number.NaN;

  /** Computes the states from the first one; state [count] is that at the end. */
  integrate(): void {
    const { time, jerk, position, velocity, acceleration } = this;
    let p = position[0];
    let v = velocity[0];
    let a = acceleration[0];
    let duration = 0;
    let largest = Math.abs(a);
    for (let i = 0; i < this.count; i++) {
      const t = time[i];
      const j = jerk[i];
      // A long cruise would make a drift of the rounding of its acceleration 0.
      if (j === 0 && i > 0 && Math.abs(a) < CRUISING * largest) {
        a = 0;
        acceleration[i] = 0;
      }
      p += t * (v + t * (a * 0.5 + (t * j) / 6));
      v += t * (a + t * j * 0.5);
      a += t * j;
      if (Math.abs(a) > largest) largest = Math.abs(a);
      position[i + 1] = p;
      velocity[i + 1] = v;
      acceleration[i + 1] = a;
      duration += t;
    }
    this.duration = duration;
  }

  /** Position, velocity and acceleration `at[0]` s after the start into [k] of the outputs; after the end with no jerk. */
  sample(at: Float64Array, k: number, p: Float64Array, v: Float64Array, a: Float64Array): void {
    const { time, count } = this;
    let t = Math.max(0, at[0]);
    let i = 0;
    if (t >= this.duration * (1 - END)) {
      i = count;
      t -= this.duration;
    }
    while (i < count && t > time[i]) t -= time[i++];
    const j = i < count ? this.jerk[i] : 0;
    const v0 = this.velocity[i];
    const a0 = this.acceleration[i];
    p[k] = this.position[i] + t * (v0 + t * (a0 * 0.5 + (t * j) / 6));
    v[k] = v0 + t * (a0 + t * j * 0.5);
    a[k] = a0 + t * j;
  }

  /** Jerk `at[0]` s after the start, into [k] of the output; 0 before and after. */
  sampleJerk(at: Float64Array, k: number, j: Float64Array): void {
    const { time, count } = this;
    let t = at[0];
    let i = 0;
    while (i < count && t >= time[i]) t -= time[i++];
    j[k] = t < 0 || i >= count || at[0] >= this.duration ? 0 : this.jerk[i];
  }

  /** Adds the segments of another profile; the states are computed by `integrate`. */
  append(from: Profile): void {
    for (let i = 0; i < from.count; i++) {
      this.time[this.count] = from.time[i];
      this.jerk[this.count++] = from.jerk[i];
    }
  }

  /** As `append`, with time turned round. */
  appendReversed(from: Profile): void {
    for (let i = from.count - 1; i >= 0; i--) {
      this.time[this.count] = from.time[i];
      this.jerk[this.count++] = -from.jerk[i];
    }
  }

  /** Positions at the ends of segments and wherever the velocity is zero within one. */
  findExtremes(): void {
    const { time, jerk, position, velocity, acceleration, count } = this;
    let least = position[0];
    let greatest = position[0];
    for (let i = 0; i < count; i++) {
      const end = position[i + 1];
      if (end < least) least = end;
      if (end > greatest) greatest = end;
      const v = velocity[i];
      const a = acceleration[i];
      const j = jerk[i];
      const square = a * a - 2 * j * v;
      if (square < 0) continue;
      const root = Math.sqrt(square);
      for (let side = -1; side <= 1; side += 2) {
        // Both roots of v + a t + j t²/2 without cancellation.
        const q = a < 0 ? -a + root : -a - root;
        const t = side < 0 ? (2 * v) / q : q / j;
        if (!(t > 0 && t < time[i])) continue;
        const p = position[i] + t * (v + t * (a * 0.5 + (t * j) / 6));
        if (p < least) least = p;
        if (p > greatest) greatest = p;
      }
    }
    this.least = least;
    this.greatest = greatest;
  }
}
