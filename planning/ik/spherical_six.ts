import type { AngleLimits, Branches } from './branches.ts';
import { across, distanceFrom, LENGTH_TOLERANCE_M, meetingPoint, reversed, type Screw } from './screws.ts';
import { angleOnto, anglesToPlane, rotateAbout } from './subproblems.ts';
import { EXACT, setTurn, ThreeJoints } from './three_joints.ts';

/** Six joints solved in closed form: every row of angles with e₁…e₆ = X. */
export interface SixJoints {
  readonly structure: string;
  /**
   * @param X  rotation row-major 9 and position 3 (m)
   * @param near  angles that a free joint of a singular position takes, one a place (rad)
   * @param limits  rows that do not fit are left out; null keeps all, the inexact ones too
   * @param found  rows are appended
   */
  solve(X: Float64Array, near: Float64Array, limits: AngleLimits | null, found: Branches): void;
}

/**
 * Six joints of which the last three (or the first three: the chain is then taken from its end) meet in a point, which
 * only the others move: they are solved first, then the wrist (Pieper, 1968). Up to eight rows.
 */
export class SphericalSix implements SixJoints {
  readonly structure: string;
  private readonly arm: ThreeJoints;
  private readonly screws: readonly Screw[];
  /** The chain's joint at each place, and whether it is taken from the end. */
  private readonly order: readonly number[];
  private readonly fromEnd: boolean;
  private readonly centre: Float64Array;
  private readonly side: Float64Array;
  private readonly Y = new Float64Array(12);
  private readonly y = new Float64Array(3);
  private readonly last = new Float64Array(3);
  private readonly lateral = new Float64Array(3);
  private readonly u = new Float64Array(3);
  private readonly v = new Float64Array(3);
  private readonly two = new Float64Array(3);
  private readonly back = new Float64Array(2);
  private readonly fifth = new Float64Array(2);

  private constructor(
    screws: readonly Screw[],
    order: readonly number[],
    fromEnd: boolean,
    centre: Float64Array,
    arm: ThreeJoints,
  ) {
    this.screws = screws;
    this.fromEnd = fromEnd;
    this.order = order;
    this.centre = centre;
    this.side = across(screws[5].axis);
    this.arm = arm;
    this.structure = `spherical ${fromEnd ? 'shoulder' : 'wrist'}, of the others the ${arm.structure}`;
  }

  /**
   * Null where neither end of the chain is spherical, or the other three joints have no closed form.
   * @param places  of the six joints in rows and limits
   */
  static of(chain: readonly Screw[], places: readonly number[]): SphericalSix | null {
    for (const fromEnd of [false, true]) {
      const screws = fromEnd ? reversed(chain) : chain;
      const centre = meetingPoint(screws[3], screws[4]);
      if (centre === null || distanceFrom(centre, screws[5]) > LENGTH_TOLERANCE_M) continue;
      if (meetingPoint(screws[4], screws[5]) === null) continue;
      const order = fromEnd ? [...places].reverse() : places;
      const arm = ThreeJoints.of(screws.slice(0, 3), centre, [order[0], order[1], order[2]]);
      if (arm !== null) return new SphericalSix(screws, order, fromEnd, centre, arm);
    }
    return null;
  }

  solve(X: Float64Array, near: Float64Array, limits: AngleLimits | null, found: Branches): void {
    const { Y, y, centre, arm, screws, order, last, lateral, side, u, v, two, fromEnd, back, fifth } = this;
    const { q } = found;
    if (fromEnd) invert(X, Y);
    else Y.set(X);
    for (let r = 0; r < 3; r++) {
      y[r] = Y[3 * r] * centre[0] + Y[3 * r + 1] * centre[1] + Y[3 * r + 2] * centre[2] + Y[9 + r];
    }
    arm.solve(y, limits);
    const h4 = screws[3].axis;
    const h5 = screws[4].axis;
    const h6 = screws[5].axis;
    for (let i = 0; i < arm.count; i++) {
      turn(Y, h6, last);
      turn(Y, side, lateral);
      for (let k = 0; k < 3; k++) {
        setTurn(back, arm.angles, 3 * i + k);
        back[1] = -back[1];
        rotateAbout(screws[k].axis, back, last, last);
        rotateAbout(screws[k].axis, back, lateral, lateral);
      }
      two[0] = h4[0] * last[0] + h4[1] * last[1] + h4[2] * last[2];
      anglesToPlane(h5, h6, h4, two);
      if (limits !== null && two[2] > EXACT) continue;
      for (let k = 0; k < 2; k++) {
        if (found.count === found.capacity) return;
        const row = found.n * found.count;
        const at4 = row + order[3];
        const at5 = row + order[4];
        const at6 = row + order[5];
        q[at5] = two[k];
        if (limits !== null && !limits.fits(order[4], q, at5)) continue;
        setTurn(fifth, q, at5);
        rotateAbout(h5, fifth, h6, u);
        const aligned = Math.abs(u[0] * h4[0] + u[1] * h4[1] + u[2] * h4[2]);
        if (aligned > SINGULAR) q[at4] = near[order[3]];
        else angleOnto(h4, u, last, q, at4);
        if (limits !== null && !limits.fits(order[3], q, at4)) continue;
        setTurn(back, q, at4);
        back[1] = -back[1];
        fifth[1] = -fifth[1];
        rotateAbout(h4, back, lateral, v);
        rotateAbout(h5, fifth, v, v);
        angleOnto(h6, side, v, q, at6);
        if (limits !== null && !limits.fits(order[5], q, at6)) continue;
        for (let j = 0; j < 3; j++) q[row + order[j]] = arm.angles[3 * i + j];
        found.miss[found.count++] = arm.miss[i] + two[2];
      }
    }
  }
}

/** Cosine of the angle below which two wrist axes count as one line. */
const SINGULAR = 1 - 1e-12;

/** out = R v of a pose's rotation. */
export function turn(X: Float64Array, v: Float64Array, out: Float64Array): void {
  for (let r = 0; r < 3; r++) out[r] = X[3 * r] * v[0] + X[3 * r + 1] * v[1] + X[3 * r + 2] * v[2];
}

export function invert(X: Float64Array, out: Float64Array): void {
  for (let r = 0; r < 3; r++) {
    for (let c = 0; c < 3; c++) out[3 * r + c] = X[3 * c + r];
    out[9 + r] = -(X[r] * X[9] + X[3 + r] * X[10] + X[6 + r] * X[11]);
  }
}
