import { choleskySolve, type RobotData } from '../../dynamics/index.ts';

/**
 * Constraint rows over the velocities `u`: robot joints (nq), then 6 per object (linear, angular; world axes, at the
 * centre of mass). A row has a block for the robot and for up to two objects: J, and M⁻¹Jᵀ, by which impulses act.
 */
export class Rows {
  readonly u: Float64Array;
  readonly nq: number;
  /** Effective inverse inertia J M⁻¹ Jᵀ. */
  readonly diagonal: Float64Array;
  readonly inverse: Float64Array;
  readonly impulse: Float64Array;
  readonly bias: Float64Array;
  readonly softness: Float64Array;
  /** Largest change of energy since it was set (J); factor of `scale`, or impulse of `add`. One entry each. */
  readonly change = new Float64Array(1);
  readonly factor = new Float64Array(1);
  /** Impulse being applied; in an array because doubles as arguments would be boxed. */
  private readonly step = new Float64Array(1);
  /** Block per row: robot nq, first object 6, second object 6. */
  readonly J: Float64Array;
  readonly MJ: Float64Array;
  /** Entries of J and MJ per row. */
  readonly stride: number;
  readonly has_robot: Uint8Array;
  /** 1/kg; world inverse inertia about the centre of mass 9 row-major; centre of mass (m): per object. */
  readonly inverse_mass: Float64Array;
  readonly inverse_inertia: Float64Array;
  private readonly centre: Float64Array;
  private readonly first: Int32Array;
  private readonly second: Int32Array;
  private readonly data: RobotData;
  private readonly objects: number;

  /** @param centre  position of the rigid bodies, 3 each: 0 the fixed world, then objects, then robot bodies */
  constructor(data: RobotData, objects: number, rows: number, centre: Float64Array) {
    const { nq } = data.model;
    this.data = data;
    this.nq = nq;
    this.objects = objects;
    this.stride = nq + 12;
    this.centre = centre;
    this.u = new Float64Array(nq + 6 * objects);
    this.diagonal = new Float64Array(rows);
    this.inverse = new Float64Array(rows);
    this.impulse = new Float64Array(rows);
    this.bias = new Float64Array(rows);
    this.softness = new Float64Array(rows);
    this.J = new Float64Array(rows * this.stride);
    this.MJ = new Float64Array(rows * this.stride);
    this.has_robot = new Uint8Array(rows);
    this.first = new Int32Array(rows);
    this.second = new Int32Array(rows);
    this.inverse_mass = new Float64Array(objects);
    this.inverse_inertia = new Float64Array(9 * objects);
  }

  /**
   * Row r: velocity of rigid body b relative to a at the point points[at ..] along directions[along ..], or about it if
   * `angular`. Clears its impulse, bias and softness. (Arrays and offsets: doubles as arguments would be boxed.)
   */
  build(
    r: number,
    a: number,
    b: number,
    points: Float64Array,
    at: number,
    directions: Float64Array,
    along: number,
    angular: boolean,
  ): void {
    const px = points[at];
    const py = points[at + 1];
    const pz = points[at + 2];
    const dx = directions[along];
    const dy = directions[along + 1];
    const dz = directions[along + 2];
    const { J, MJ, nq, data, objects } = this;
    const o = r * this.stride;
    let robot = 0;
    let blocks = 0;
    let diagonal = 0;
    this.first[r] = -1;
    this.second[r] = -1;
    for (let side = 0; side < 2; side++) {
      const rigid = side === 0 ? a : b;
      if (rigid === 0) continue;
      const sx = side === 0 ? -dx : dx;
      const sy = side === 0 ? -dy : dy;
      const sz = side === 0 ? -dz : dz;
      if (rigid > objects) {
        if (robot === 0) for (let i = 0; i < nq; i++) J[o + i] = 0;
        robot = 1;
        const { S, model } = data;
        const { parent, coordinate } = model;
        // Moment of the force about the root's origin: p × d.
        const mx = angular ? sx : py * sz - pz * sy;
        const my = angular ? sy : pz * sx - px * sz;
        const mz = angular ? sz : px * sy - py * sx;
        for (let body = rigid - objects - 1; body >= 0; body = parent[body]) {
          const k = 6 * body;
          let value = mx * S[k] + my * S[k + 1] + mz * S[k + 2];
          if (!angular) value += sx * S[k + 3] + sy * S[k + 4] + sz * S[k + 5];
          J[o + coordinate[body]] += value;
        }
        continue;
      }
      const object = rigid - 1;
      const k = o + nq + 6 * blocks;
      if (blocks === 0) this.first[r] = nq + 6 * object;
      else this.second[r] = nq + 6 * object;
      blocks++;
      const lx = angular ? 0 : sx;
      const ly = angular ? 0 : sy;
      const lz = angular ? 0 : sz;
      const rx = px - this.centre[3 * rigid];
      const ry = py - this.centre[3 * rigid + 1];
      const rz = pz - this.centre[3 * rigid + 2];
      const ax = angular ? sx : ry * sz - rz * sy;
      const ay = angular ? sy : rz * sx - rx * sz;
      const az = angular ? sz : rx * sy - ry * sx;
      const m = this.inverse_mass[object];
      const e = 9 * object;
      const I = this.inverse_inertia;
      const ix = I[e] * ax + I[e + 1] * ay + I[e + 2] * az;
      const iy = I[e + 3] * ax + I[e + 4] * ay + I[e + 5] * az;
      const iz = I[e + 6] * ax + I[e + 7] * ay + I[e + 8] * az;
      J[k] = lx;
      J[k + 1] = ly;
      J[k + 2] = lz;
      J[k + 3] = ax;
      J[k + 4] = ay;
      J[k + 5] = az;
      MJ[k] = m * lx;
      MJ[k + 1] = m * ly;
      MJ[k + 2] = m * lz;
      MJ[k + 3] = ix;
      MJ[k + 4] = iy;
      MJ[k + 5] = iz;
      diagonal += m * (lx * lx + ly * ly + lz * lz) + ax * ix + ay * iy + az * iz;
    }
    this.has_robot[r] = robot;
    if (robot === 1) {
      choleskySolve(data, J, o, MJ, o);
      for (let i = 0; i < nq; i++) diagonal += J[o + i] * MJ[o + i];
    }
    this.diagonal[r] = diagonal;
    this.inverse[r] = diagonal > 1e-12 ? 1 / diagonal : 0;
    this.impulse[r] = 0;
    this.bias[r] = 0;
    this.softness[r] = 0;
  }

  /** One Gauss-Seidel update of row r, unbounded. */
  sweep(r: number): void {
    this.step[0] = -(this.velocity(r) + this.bias[r]) * this.inverse[r];
    this.impulse[r] += this.step[0];
    this.apply(r);
  }

  /** One update of a row that only pushes, with its softness; raises `change` to its change of energy (J). */
  sweepPushing(r: number): void {
    const { impulse, change } = this;
    const before = impulse[r];
    let next = before - (this.velocity(r) + this.bias[r] + this.softness[r] * before) * this.inverse[r];
    if (next < 0) next = 0;
    impulse[r] = next;
    this.step[0] = next - before;
    this.apply(r);
    const energy = this.step[0] * this.step[0] * this.diagonal[r];
    if (energy > change[0]) change[0] = energy;
  }

  /** Adds `factor[0]` (N s or N m s) to the impulse of row r. */
  add(r: number): void {
    this.step[0] = this.factor[0];
    this.impulse[r] += this.step[0];
    this.apply(r);
  }

  /** Applies the impulse row r starts with. */
  warmStart(r: number): void {
    this.step[0] = this.impulse[r];
    this.apply(r);
  }

  /** Scales the impulse of row r to the part `factor[0]`. */
  scale(r: number): void {
    const before = this.impulse[r];
    const after = before * this.factor[0];
    this.impulse[r] = after;
    this.step[0] = after - before;
    this.apply(r);
  }

  /** J u of row r. */
  private velocity(r: number): number {
    const { u, J, nq } = this;
    let k = r * this.stride;
    let sum = 0;
    if (this.has_robot[r] === 1) for (let i = 0; i < nq; i++) sum += J[k + i] * u[i];
    const a = this.first[r];
    if (a < 0) return sum;
    k += nq;
    sum +=
      J[k] * u[a] +
      J[k + 1] * u[a + 1] +
      J[k + 2] * u[a + 2] +
      J[k + 3] * u[a + 3] +
      J[k + 4] * u[a + 4] +
      J[k + 5] * u[a + 5];
    const b = this.second[r];
    if (b < 0) return sum;
    return (
      sum +
      J[k + 6] * u[b] +
      J[k + 7] * u[b + 1] +
      J[k + 8] * u[b + 2] +
      J[k + 9] * u[b + 3] +
      J[k + 10] * u[b + 4] +
      J[k + 11] * u[b + 5]
    );
  }

  /** u += M⁻¹ Jᵀ step, for row r. */
  private apply(r: number): void {
    const impulse = this.step[0];
    if (impulse === 0) return;
    const { u, MJ, nq } = this;
    let k = r * this.stride;
    if (this.has_robot[r] === 1) for (let i = 0; i < nq; i++) u[i] += MJ[k + i] * impulse;
    const a = this.first[r];
    if (a < 0) return;
    k += nq;
    u[a] += MJ[k] * impulse;
    u[a + 1] += MJ[k + 1] * impulse;
    u[a + 2] += MJ[k + 2] * impulse;
    u[a + 3] += MJ[k + 3] * impulse;
    u[a + 4] += MJ[k + 4] * impulse;
    u[a + 5] += MJ[k + 5] * impulse;
    const b = this.second[r];
    if (b < 0) return;
    u[b] += MJ[k + 6] * impulse;
    u[b + 1] += MJ[k + 7] * impulse;
    u[b + 2] += MJ[k + 8] * impulse;
    u[b + 3] += MJ[k + 9] * impulse;
    u[b + 4] += MJ[k + 10] * impulse;
    u[b + 5] += MJ[k + 11] * impulse;
  }

  /** Adds Jᵀ impulse of row r on the robot to `out` (nq). */
  addRobotImpulse(r: number, out: Float64Array): void {
    if (this.has_robot[r] === 0) return;
    const k = r * this.stride;
    for (let i = 0; i < this.nq; i++) out[i] += this.J[k + i] * this.impulse[r];
  }
}
