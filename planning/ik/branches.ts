/** Rows of joint angles that closed forms find for one pose, with how far each is from fitting. */
export class Branches {
  readonly capacity: number;
  /** Angles of a row: the chain's joints, not yet brought into the limits by whole turns (rad). */
  readonly n: number;
  readonly q: Float64Array;
  /** 0: exact; else part of the reach by which the pose is out of it. */
  readonly miss: Float64Array;
  count = 0;

  constructor(n: number, capacity: number) {
    this.n = n;
    this.capacity = capacity;
    this.q = new Float64Array(n * capacity);
    this.miss = new Float64Array(capacity);
  }
}

/** Position limits of a chain's joints, to ask whether an angle fits them after whole turns (rad). */
export class AngleLimits {
  readonly middle: Float64Array;
  readonly half: Float64Array;

  constructor(lower: ArrayLike<number>, upper: ArrayLike<number>) {
    this.middle = Float64Array.from(lower, (a, k) => (Number.isFinite(upper[k] - a) ? (a + upper[k]) / 2 : 0));
    this.half = Float64Array.from(lower, (a, k) =>
      Number.isFinite(upper[k] - a) ? (upper[k] - a) / 2 : Number.POSITIVE_INFINITY,
    );
  }

  /** True if the angle at values[at] plus some whole turns is within joint k's limits, or over them by rounding. */
  fits(k: number, values: Float64Array, at: number): boolean {
    const off = values[at] - this.middle[k];
    return Math.abs(off - TURN * Math.round(off / TURN)) <= this.half[k] + ROUNDING_RAD;
  }

  /** Adds to sum[0] the square of how far the angle is from the limits after the best whole turns (rad²). */
  addExcess(k: number, values: Float64Array, at: number, sum: Float64Array): void {
    const off = values[at] - this.middle[k];
    const excess = Math.abs(off - TURN * Math.round(off / TURN)) - this.half[k];
    if (excess > 0) sum[0] += excess * excess;
  }

  /** out[to] = the angle plus the whole turns that bring it nearest to near[k] within the limits. */
  nearest(k: number, values: Float64Array, at: number, near: Float64Array, out: Float64Array, to: number): void {
    const low = this.middle[k] - this.half[k];
    const high = this.middle[k] + this.half[k];
    let turned = values[at] + TURN * Math.round((near[k] - values[at]) / TURN);
    if (turned > high) turned -= TURN * Math.ceil((turned - high - ROUNDING_RAD) / TURN);
    if (turned < low) turned += TURN * Math.ceil((low - ROUNDING_RAD - turned) / TURN);
    out[to] = turned;
  }
}

/** Bounds of a joint's search: its limits, or where they are wider one turn of them about zero or next to it (rad). */
export function oneTurn(lower: number, upper: number): readonly [number, number] {
  if (upper - lower <= TURN) return [lower, upper];
  const middle = Math.min(Math.max(0, lower + Math.PI), upper - Math.PI);
  return [middle - Math.PI, middle + Math.PI];
}

const TURN = 2 * Math.PI;
/** A closed form may leave a limit by this; the solution is then put onto it and polished. */
const ROUNDING_RAD = 1e-6;
