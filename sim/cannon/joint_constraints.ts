import { choleskySolve, type RobotData } from '../../dynamics/index.ts';

/** Distance from a stop at which it begins to be watched (rad or m), and how fast an overrun is undone. */
const WATCH = 1e-3;
const CORRECTION = 0.2;

/** Stops of the robot's joints, as impulses on single coordinates. */
export class JointConstraints {
  private readonly data: RobotData;
  /** Active stops: coordinate, sign, bias, and index of the impulse kept between steps. */
  private active = 0;
  private readonly coordinate: Int32Array;
  private readonly sign: Float64Array;
  private readonly bias: Float64Array;
  private readonly slot: Int32Array;
  /** Impulses at lower and at upper stops, nq each (Nm s or N s). */
  readonly impulse: Float64Array;
  /** Columns of M⁻¹ of the active coordinates. */
  private readonly column: Float64Array;

  constructor(data: RobotData) {
    const { nq } = data.model;
    this.data = data;
    this.coordinate = new Int32Array(2 * nq);
    this.sign = new Float64Array(2 * nq);
    this.bias = new Float64Array(2 * nq);
    this.slot = new Int32Array(2 * nq);
    this.impulse = new Float64Array(2 * nq);
    this.column = new Float64Array(2 * nq * nq);
  }

  reset(): void {
    this.impulse.fill(0);
    this.active = 0;
  }

  /** Collects what is active at `q` for a free step to velocity `u`, and applies the impulses of the step before. */
  prepare(q: Float64Array, u: Float64Array, dt_s: number): void {
    const { model } = this.data;
    const { nq } = model;
    this.active = 0;
    const { position_lower, position_upper } = model;
    for (let i = 0; i < nq; i++) {
      const below = q[i] - position_lower[i];
      const above = position_upper[i] - q[i];
      const travel = u[i] * dt_s;
      if (below < WATCH || below + travel < WATCH) this.activate(i, 1, approach(below, dt_s), i, u);
      else this.impulse[i] = 0;
      if (above < WATCH || above - travel < WATCH) this.activate(i, -1, approach(above, dt_s), nq + i, u);
      else this.impulse[nq + i] = 0;
    }
  }

  private activate(i: number, sign: number, bias: number, slot: number, u: Float64Array): void {
    const { column, data } = this;
    const { nq } = data.model;
    const k = this.active++;
    const o = k * nq;
    for (let j = 0; j < nq; j++) column[o + j] = j === i ? 1 : 0;
    choleskySolve(data, column, o, column, o);
    this.coordinate[k] = i;
    this.sign[k] = sign;
    this.bias[k] = bias;
    this.slot[k] = slot;
    const impulse = sign * this.impulse[slot];
    if (impulse !== 0) for (let j = 0; j < nq; j++) u[j] += column[o + j] * impulse;
  }

  /** One sweep over the active stops; raises `most[0]` to the largest change of energy (J). */
  sweep(u: Float64Array, most: Float64Array): void {
    const { coordinate, column, slot, impulse } = this;
    const { nq } = this.data.model;
    for (let k = 0; k < this.active; k++) {
      const i = coordinate[k];
      const o = k * nq;
      const mobility = column[o + i];
      const s = slot[k];
      let next = impulse[s] - (this.sign[k] * u[i] + this.bias[k]) / mobility;
      if (next < 0) next = 0;
      const change = this.sign[k] * (next - impulse[s]);
      impulse[s] = next;
      if (change !== 0) for (let j = 0; j < nq; j++) u[j] += column[o + j] * change;
      const energy = change * change * mobility;
      if (energy > most[0]) most[0] = energy;
    }
  }
}

/** Velocity that uses up the room to a stop, or undoes part of an overrun. */
function approach(room: number, dt_s: number): number {
  return (room > 0 ? room : CORRECTION * room) / dt_s;
}
