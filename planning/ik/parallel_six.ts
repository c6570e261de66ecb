import type { AngleLimits, Branches } from './branches.ts';
import {
  across,
  distanceFrom,
  dot,
  LENGTH_TOLERANCE_M,
  meetingPoint,
  parallel,
  reversed,
  type Screw,
} from './screws.ts';
import { invert, type SixJoints, turn } from './spherical_six.ts';
import { angleOnto, anglesToPlane, anglesToSphere, rotateAbout } from './subproblems.ts';
import { EXACT, setTurn } from './three_joints.ts';

/**
 * Six joints of which the second, third and fourth are parallel and the last two meet, as Universal Robots builds them
 * (or the same taken from the end). What happens along the parallel axes depends on the others alone: q₁ follows from the
 * height of the wrist, q₅ and q₆ from the orientation; what is left is a planar arm (Hawkins, "Analytic inverse kinematics
 * for the Universal Robots UR-5/UR-10 arms", 2013, in the form of Elias and Wen's subproblems). Up to eight rows.
 */
export class ParallelSix implements SixJoints {
  readonly structure: string;
  private readonly screws: readonly Screw[];
  private readonly order: readonly number[];
  private readonly fromEnd: boolean;
  private readonly wrist: Float64Array;
  private readonly side2: Float64Array;
  private readonly sign3: number;
  private readonly sign4: number;
  private readonly toElbow: Float64Array;
  private readonly toShoulder: Float64Array;
  private readonly toWrist: Float64Array;
  private readonly Y = new Float64Array(12);
  private readonly u = new Float64Array(3);
  private readonly v = new Float64Array(3);
  private readonly last = new Float64Array(3);
  private readonly height = new Float64Array(3);
  private readonly t = new Float64Array(3);
  private readonly first = new Float64Array(3);
  private readonly fifth = new Float64Array(3);
  private readonly third = new Float64Array(3);
  private readonly q = new Float64Array(7);
  private readonly turn1 = new Float64Array(2);
  private readonly back1 = new Float64Array(2);
  private readonly back5 = new Float64Array(2);
  private readonly back6 = new Float64Array(2);
  private readonly turns = new Float64Array(2);

  private constructor(screws: readonly Screw[], order: readonly number[], fromEnd: boolean, wrist: Float64Array) {
    this.screws = screws;
    this.order = order;
    this.fromEnd = fromEnd;
    this.wrist = wrist;
    this.side2 = across(screws[1].axis);
    this.sign3 = Math.sign(dot(screws[1].axis, screws[2].axis));
    this.sign4 = Math.sign(dot(screws[1].axis, screws[3].axis));
    const between = (to: Float64Array, from: Float64Array): Float64Array => to.map((x, k) => x - from[k]);
    this.toElbow = between(screws[3].point, screws[2].point);
    this.toShoulder = between(screws[1].point, screws[2].point);
    this.toWrist = between(wrist, screws[3].point);
    this.structure = `three parallel axes${fromEnd ? ', taken from the end' : ''}`;
  }

  /** Null where the chain has not this structure; `places` as for SphericalSix. */
  static of(chain: readonly Screw[], places: readonly number[]): ParallelSix | null {
    for (const fromEnd of [false, true]) {
      const screws = fromEnd ? reversed(chain) : chain;
      const [e1, e2, e3, e4, e5, e6] = screws;
      const wrist = meetingPoint(e5, e6);
      if (wrist === null || !parallel(e2, e3) || !parallel(e3, e4)) continue;
      if (parallel(e1, e2) || parallel(e4, e5) || distanceFrom(e3.point, e2) < LENGTH_TOLERANCE_M) continue;
      if (distanceFrom(e4.point, e3) < LENGTH_TOLERANCE_M) continue;
      return new ParallelSix(screws, fromEnd ? [...places].reverse() : places, fromEnd, wrist);
    }
    return null;
  }

  solve(X: Float64Array, near: Float64Array, limits: AngleLimits | null, found: Branches): void {
    const { Y, u, screws, order, first, wrist, fromEnd, q } = this;
    if (fromEnd) invert(X, Y);
    else Y.set(X);
    const { axis: h1, point: o1 } = screws[0];
    const h = screws[1].axis;
    for (let r = 0; r < 3; r++) {
      u[r] = Y[3 * r] * wrist[0] + Y[3 * r + 1] * wrist[1] + Y[3 * r + 2] * wrist[2] + Y[9 + r] - o1[r];
    }
    first[0] = h[0] * (wrist[0] - o1[0]) + h[1] * (wrist[1] - o1[1]) + h[2] * (wrist[2] - o1[2]);
    anglesToPlane(h1, u, h, first);
    if (limits !== null && first[2] > EXACT) return;
    for (let i = 0; i < 2; i++) {
      q[Q1] = -first[i];
      if (limits === null || limits.fits(order[0], q, Q1)) this.afterFirst(near, limits, found);
    }
  }

  private afterFirst(near: Float64Array, limits: AngleLimits | null, found: Branches): void {
    const { Y, u, v, screws, order, last, height, fifth, side2, q, turn1, back1, back5, back6 } = this;
    const h1 = screws[0].axis;
    const h = screws[1].axis;
    const h5 = screws[4].axis;
    const h6 = screws[5].axis;
    setTurn(turn1, q, Q1);
    back1[0] = turn1[0];
    back1[1] = -turn1[1];
    // height of the last axis along the parallel ones, and those axes as the last frame sees them
    turn(Y, h6, last);
    rotateAbout(h1, back1, last, last);
    fifth[0] = h[0] * last[0] + h[1] * last[1] + h[2] * last[2];
    anglesToPlane(h5, h6, h, fifth);
    if (limits !== null && fifth[2] > EXACT) return;
    rotateAbout(h1, turn1, h, v);
    for (let k = 0; k < 3; k++) height[k] = Y[k] * v[0] + Y[3 + k] * v[1] + Y[6 + k] * v[2];
    for (let i = 0; i < 2; i++) {
      q[Q5] = fifth[i];
      if (limits !== null && !limits.fits(order[4], q, Q5)) continue;
      setTurn(back5, q, Q5);
      back5[1] = -back5[1];
      rotateAbout(h5, back5, h, u);
      const aligned = Math.abs(u[0] * h6[0] + u[1] * h6[1] + u[2] * h6[2]);
      if (aligned > SINGULAR) q[Q6] = near[order[5]];
      else angleOnto(h6, height, u, q, Q6);
      if (limits !== null && !limits.fits(order[5], q, Q6)) continue;
      // R₂₃₄ = R₁ᵀ R R₆ᵀ R₅ᵀ, seen by a vector across the parallel axes
      setTurn(back6, q, Q6);
      back6[1] = -back6[1];
      rotateAbout(h5, back5, side2, u);
      rotateAbout(h6, back6, u, u);
      turn(Y, u, v);
      rotateAbout(h1, back1, v, v);
      angleOnto(h, side2, v, q, SUM);
      this.planar(limits, found);
    }
  }

  /** The three parallel joints: two links that reach the fourth axis, and the sum of the turns. */
  private planar(limits: AngleLimits | null, found: Branches): void {
    const { Y, u, v, t, screws, order, wrist, third, toElbow, toShoulder, toWrist, sign3, sign4, q, turns, back1 } =
      this;
    const { axis: h1, point: o1 } = screws[0];
    const { axis: h, point: o2 } = screws[1];
    const h3 = screws[2].axis;
    for (let r = 0; r < 3; r++) {
      t[r] = Y[3 * r] * wrist[0] + Y[3 * r + 1] * wrist[1] + Y[3 * r + 2] * wrist[2] + Y[9 + r] - o1[r];
    }
    rotateAbout(h1, back1, t, t);
    setTurn(turns, q, SUM);
    rotateAbout(h, turns, toWrist, u);
    for (let r = 0; r < 3; r++) t[r] += o1[r] - u[r] - o2[r];
    third[0] = t[0] * t[0] + t[1] * t[1] + t[2] * t[2];
    anglesToSphere(h3, toElbow, toShoulder, third);
    if (limits !== null && third[2] > EXACT) return;
    for (let i = 0; i < 2; i++) {
      q[Q3] = third[i];
      if (limits !== null && !limits.fits(order[2], q, Q3)) continue;
      setTurn(turns, q, Q3);
      rotateAbout(h3, turns, toElbow, v);
      for (let k = 0; k < 3; k++) v[k] -= toShoulder[k];
      angleOnto(h, v, t, q, Q2);
      q[Q4] = sign4 * (q[SUM] - q[Q2] - sign3 * q[Q3]);
      if (limits !== null && !(limits.fits(order[1], q, Q2) && limits.fits(order[3], q, Q4))) continue;
      if (found.count === found.capacity) return;
      for (let j = 0; j < 6; j++) found.q[found.n * found.count + order[j]] = q[j];
      found.miss[found.count++] = this.first[2] + this.fifth[2] + third[2];
    }
  }
}

/** Places in the row that is being built; the last is the sum of the three parallel turns. */
const [Q1, Q2, Q3, Q4, Q5, Q6, SUM] = [0, 1, 2, 3, 4, 5, 6] as const;
/** As for a wrist: the cosine above which the last axis counts as parallel to the three. */
const SINGULAR = 1 - 1e-12;
