import { AngleLimits, Branches } from './branches.ts';
import type { SerialChain } from './chain.ts';
import { ParallelSix } from './parallel_six.ts';
import { type Screw, screwsOf } from './screws.ts';
import { invert, type SixJoints, SphericalSix } from './spherical_six.ts';
import { rotateAbout } from './subproblems.ts';
import { setTurn } from './three_joints.ts';

/**
 * Closed-form inverse kinematics of a chain whose structure allows it, found from the model itself. Six joints: all of
 * up to eight rows at once. Seven: all rows for a given angle of the first or last joint, over which the caller sweeps
 * (for the Franka arm this is He and Liu, "Analytical inverse kinematics for Franka Emika Panda", ICCMA 2021). The rows
 * are those of the ideal structure; the caller polishes them on the model.
 */
export class ClosedForm {
  /** In words, for people. */
  readonly structure: string;
  /** Chain joint whose angle the caller gives, or −1. */
  readonly swept: number;
  /** Its angle, set by the caller (rad). */
  readonly angle = new Float64Array(1);
  readonly limits: AngleLimits;
  /** False where the model departs from the ideal structure, so that rows are only near its solutions. */
  readonly exact: boolean;
  /** Written by find: rows over the chain's joints, as values of the arm's coordinates. */
  readonly found: Branches;
  private readonly six: SixJoints;
  private readonly screw: Screw | null;
  private readonly toolAtZero = new Float64Array(12);
  private readonly X = new Float64Array(12);
  private readonly target = new Float64Array(12);
  private readonly column = new Float64Array(3);
  private readonly turn = new Float64Array(2);

  private constructor(chain: SerialChain, limits: AngleLimits, six: SixJoints, swept: number, screw: Screw | null) {
    this.six = six;
    this.swept = swept;
    this.screw = screw;
    this.limits = limits;
    this.structure = swept < 0 ? six.structure : `joint ${swept + 1} given: ${six.structure}`;
    this.found = new Branches(chain.count, 8);
    chain.place(new Float64Array(chain.n));
    invert(chain.tool, this.toolAtZero);
    this.exact = this.findsAgain(chain);
  }

  /** True if one of the rows for a position's tool pose is that position. */
  private findsAgain(chain: SerialChain): boolean {
    const { found, swept, angle } = this;
    const q = Float64Array.from({ length: chain.n }, (_, j) => 0.9 - 0.3 * j + 0.7 * (j % 2));
    chain.place(q);
    this.aim(chain.tool);
    const near = Float64Array.from(chain.coordinate, (j) => q[j]);
    if (swept >= 0) angle[0] = near[swept];
    this.find(near, false);
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < found.count; i++) {
      let largest = 0;
      near.forEach((x, k) => {
        const off = (found.q[i * found.n + k] - x) / (2 * Math.PI);
        largest = Math.max(largest, Math.abs(off - Math.round(off)));
      });
      least = Math.min(least, largest);
    }
    return least < EXACT_TURNS;
  }

  /** The closed form of a chain of six or seven revolute joints, or null where none is known. */
  static of(chain: SerialChain, lower: Float64Array, upper: Float64Array): ClosedForm | null {
    const screws = screwsOf(chain);
    if (screws === null || screws.length < 6 || screws.length > 7) return null;
    const at = (bounds: Float64Array): number[] => Array.from(chain.coordinate, (j) => bounds[j]);
    const limits = new AngleLimits(at(lower), at(upper));
    const places = screws.map((_, k) => k);
    for (const swept of screws.length === 6 ? [-1] : [6, 0]) {
      const rest = places.filter((k) => k !== swept);
      const chosen = rest.map((k) => screws[k]);
      const six = SphericalSix.of(chosen, rest) ?? ParallelSix.of(chosen, rest);
      if (six !== null) return new ClosedForm(chain, limits, six, swept, swept < 0 ? null : screws[swept]);
    }
    return null;
  }

  /** Sets the tool pose that find looks for: rotation row-major 9 and position 3, root frame (m). */
  aim(tool: Float64Array): void {
    multiply(tool, this.toolAtZero, this.target);
  }

  /**
   * Finds the rows for the angle of the swept joint (ignored without one).
   * @param near  angles that a free joint of a singular position takes, the chain's joints (rad)
   * @param within  only rows that fit the limits and are exact; else all, the nearest ones of poses out of reach too
   */
  find(near: Float64Array, within: boolean): void {
    const { six, screw, swept, target, X, found, limits, angle } = this;
    found.count = 0;
    if (screw === null) X.set(target);
    else if (swept === 0) this.turnFirst(screw);
    else this.turnLast(screw);
    six.solve(X, near, within ? limits : null, found);
    for (let i = 0; swept >= 0 && i < found.count; i++) found.q[i * found.n + swept] = angle[0];
  }

  /** X = e₁(−angle) target. */
  private turnFirst({ axis, point }: Screw): void {
    const { target, X, column, turn } = this;
    setTurn(turn, this.angle, 0);
    turn[1] = -turn[1];
    for (let k = 0; k < 3; k++) {
      for (let r = 0; r < 3; r++) column[r] = target[3 * r + k];
      rotateAbout(axis, turn, column, column);
      for (let r = 0; r < 3; r++) X[3 * r + k] = column[r];
    }
    for (let r = 0; r < 3; r++) column[r] = target[9 + r] - point[r];
    rotateAbout(axis, turn, column, column);
    for (let r = 0; r < 3; r++) X[9 + r] = column[r] + point[r];
  }

  /** X = target e(−angle): rows of the rotation turn forwards, and the point on the axis stays. */
  private turnLast({ axis, point }: Screw): void {
    const { target, X, column, turn } = this;
    setTurn(turn, this.angle, 0);
    for (let r = 0; r < 3; r++) {
      for (let k = 0; k < 3; k++) column[k] = target[3 * r + k];
      rotateAbout(axis, turn, column, column);
      X[9 + r] = target[9 + r];
      for (let k = 0; k < 3; k++) {
        X[3 * r + k] = column[k];
        X[9 + r] += (target[3 * r + k] - column[k]) * point[k];
      }
    }
  }
}

/** What rounding in a URDF may turn a joint by (turns). */
const EXACT_TURNS = 1e-8;

/** T_a_b T_b_c, rotation row-major 9 and position 3. */
function multiply(a: Float64Array, b: Float64Array, out: Float64Array): void {
  for (let r = 0; r < 3; r++) {
    const x = a[3 * r];
    const y = a[3 * r + 1];
    const z = a[3 * r + 2];
    for (let c = 0; c < 3; c++) out[3 * r + c] = x * b[c] + y * b[3 + c] + z * b[6 + c];
    out[9 + r] = a[9 + r] + x * b[9] + y * b[10] + z * b[11];
  }
}
