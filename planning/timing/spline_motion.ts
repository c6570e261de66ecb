import type { TimedPath } from './path_timing.ts';

/** Joint motion sampled at k·dt, row of n a sample; the jerk of row k holds until row k + 1, that of the last is 0. */
export interface MotionSamples {
  readonly dt_s: number;
  readonly rows: number;
  readonly position: Float64Array;
  readonly velocity: Float64Array;
  readonly acceleration: Float64Array;
  readonly jerk: Float64Array;
}

/**
 * A uniform cubic B-spline in time: position, velocity and acceleration at its knots are finite differences of control
 * points, its jerk is constant between knots. A convolution with a positive kernel, so it holds every limit that the
 * differences of the control points hold. Control points are whole multiples of 2^-44 rad from the start, so that their
 * differences, and the jerk, are exact and integrate to the positions.
 */
export class SplineMotion implements TimedPath {
  readonly n: number;
  readonly dt_s: number;
  readonly duration_s: number;
  private readonly start: Float64Array;
  private readonly end: Float64Array;
  /** Multiples of the quantum, row a control point; row k + 1 belongs to knot k. */
  private readonly control: Float64Array;
  private readonly last: number;
  private readonly dt2: number;
  private readonly dt3: number;

  /** @param control  rows of n from one before the first knot to one after the last, in multiples of QUANTUM_RAD from start */
  constructor(control: Float64Array, start: Float64Array, end: Float64Array, dt_s: number) {
    this.n = start.length;
    this.control = control;
    this.start = start;
    this.end = end;
    this.dt_s = dt_s;
    this.dt2 = dt_s ** 2;
    this.dt3 = dt_s ** 3;
    this.last = control.length / this.n - 3;
    this.duration_s = this.last * dt_s;
  }

  write(t_s: number, position: Float64Array, velocity: Float64Array, acceleration: Float64Array, at: number): void {
    const knot = Math.min(Math.max(Math.floor(t_s / this.dt_s + 1e-9), 0), this.last);
    const u = knot === this.last ? 0 : Math.max(0, t_s - knot * this.dt_s);
    for (let j = 0; j < this.n; j++) {
      const jerk = this.jerk(knot, j);
      const a = this.acceleration(knot, j);
      const v = this.velocity(knot, j);
      position[at + j] = this.position(knot, j) + u * (v + u * (a / 2 + (u * jerk) / 6));
      velocity[at + j] = v + u * (a + (u * jerk) / 2);
      acceleration[at + j] = a + u * jerk;
    }
  }

  /** Every knot's state. */
  samples(): MotionSamples {
    const { n, dt_s } = this;
    const rows = this.last + 1;
    const table = () => new Float64Array(rows * n);
    const samples = { dt_s, rows, position: table(), velocity: table(), acceleration: table(), jerk: table() };
    for (let k = 0; k < rows; k++) {
      for (let j = 0; j < n; j++) {
        samples.position[k * n + j] = this.position(k, j);
        samples.velocity[k * n + j] = this.velocity(k, j);
        samples.acceleration[k * n + j] = this.acceleration(k, j);
        samples.jerk[k * n + j] = this.jerk(k, j);
      }
    }
    return samples;
  }

  /** Positions alone, of the knots from number `first` on. */
  positions(first = 0): { readonly rows: number; readonly position: Float64Array } {
    const { n } = this;
    const from = Math.min(Math.max(first, 0), this.last);
    const rows = this.last + 1 - from;
    const position = new Float64Array(rows * n);
    for (let k = 0; k < rows; k++) for (let j = 0; j < n; j++) position[k * n + j] = this.position(from + k, j);
    return { rows, position };
  }

  private position(k: number, j: number): number {
    if (k === this.last) return this.end[j];
    const { control: c, n } = this;
    const i = k * n + j;
    return this.start[j] + ((c[i] + 4 * c[i + n] + c[i + 2 * n]) / 6) * QUANTUM_RAD;
  }

  private velocity(k: number, j: number): number {
    const { control: c, n } = this;
    const i = k * n + j;
    return ((c[i + 2 * n] - c[i]) * QUANTUM_RAD) / (2 * this.dt_s);
  }

  private acceleration(k: number, j: number): number {
    const { control: c, n } = this;
    const i = k * n + j;
    return ((c[i + 2 * n] - 2 * c[i + n] + c[i]) * QUANTUM_RAD) / this.dt2;
  }

  private jerk(k: number, j: number): number {
    if (k === this.last) return 0;
    const { control: c, n } = this;
    const i = k * n + j;
    return ((c[i + 3 * n] - 3 * c[i + 2 * n] + 3 * c[i + n] - c[i]) * QUANTUM_RAD) / this.dt3;
  }
}

/** Grid of the control points: fine beside any limit's third difference, and exact in a double up to 500 rad. */
export const QUANTUM_RAD = 2 ** -44;
