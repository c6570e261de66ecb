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

  /** True if the angle plus some whole turns is within joint k's limits, or over them by rounding. */
  fits(k: number, angle: number): boolean {
    const off = angle - this.middle[k];
    return Math.abs(off - TURN * Math.round(off / TURN)) <= this.half[k] + ROUNDING_RAD;
  }

  /** How far the angle is from the limits after the best whole turns (rad). */
  beyond(k: number, angle: number): number {
    const off = angle - this.middle[k];
    return Math.max(0, Math.abs(off - TURN * Math.round(off / TURN)) - this.half[k]);
  }

  /** The angle plus the whole turns that bring it nearest to `near` within the limits. */
  nearest(k: number, angle: number, near: number): number {
    const middle = this.middle[k];
    const half = this.half[k];
    let turned = angle + TURN * Math.round((near - angle) / TURN);
    if (turned > middle + half) turned -= TURN * Math.ceil((turned - middle - half - ROUNDING_RAD) / TURN);
    if (turned < middle - half) turned += TURN * Math.ceil((middle - half - ROUNDING_RAD - turned) / TURN);
    return turned;
  }
}

const TURN = 2 * Math.PI;
/** A closed form may leave a limit by this; the solution is then put onto it and polished. */
const ROUNDING_RAD = 1e-6;
