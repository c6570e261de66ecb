import { ArmDynamics } from '../control/index.ts';
import type { Robot } from '../robots/index.ts';

/** One way in which the joints that a driver names may belong to those of the robot's description. */
export type Wiring =
  | { readonly kind: 'as_described' }
  /** Each of two joints is reported under the other's name. */
  | { readonly kind: 'swapped'; readonly joints: readonly [number, number] }
  /** A joint counts the other way round. */
  | { readonly kind: 'inverted'; readonly joint: number };

/** An arm at rest, as its driver reports it: rad and Nm, the arm's joints. */
export interface RestSample {
  readonly position: Float64Array;
  readonly effort: Float64Array;
}

export interface WiringVerdict {
  readonly wiring: Wiring;
  /** Greatest difference between measured and expected torque, in standard deviations: as described, and as explained best. */
  readonly misfit: number;
  readonly best_misfit: number;
  /** Wirings that these poses cannot tell from the description: gravity looks the same either way. */
  readonly untold: readonly Wiring[];
  /** Measured less expected torque as described, mean over the samples, Nm. */
  readonly residual_Nm: Float64Array;
}

/** What torque sensors and friction at rest may be off by: this part of the joint's limit, and at least this (Nm). */
const EFFORT_PART = 0.03;
const EFFORT_LEAST_NM = 0.5;
/** A misfit that calls for an explanation, and how much better another wiring has to explain it. */
export const UNEXPLAINED = 2;
const BETTER = 0.5;
/** Wirings whose expected torques differ by less than this many standard deviations are not told apart. */
const TOLD = 3;

/**
 * Whether an arm's joints are those of its description, judged by weight alone, so before anything moves: for every wiring
 * with two joints swapped or one inverted, the torques of gravity in the pose that it implies are compared with those
 * measured. What turns about the vertical has no weight to tell; it is listed as untold.
 */
export class WiringCheck {
  private readonly robot: Robot;
  private readonly arm: ArmDynamics;
  private readonly wirings: readonly Wiring[];
  private readonly sigma: Float64Array;
  private readonly q: Float64Array;
  private readonly v: Float64Array;

  constructor(robot: Robot) {
    const n = robot.arm_joints;
    this.robot = robot;
    this.arm = new ArmDynamics(robot);
    this.wirings = wiringsOf(n);
    this.sigma = robot.limits.effort.slice(0, n).map((effort) => Math.max(EFFORT_LEAST_NM, EFFORT_PART * effort));
    this.q = robot.home_q.slice();
    this.v = new Float64Array(robot.model.nq);
  }

  judge(samples: readonly RestSample[]): WiringVerdict {
    const scored = this.wirings.map((wiring) => ({ wiring, misfit: this.misfit(wiring, samples) }));
    const [described] = scored;
    const best = scored.reduce((a, b) => (b.misfit < a.misfit ? b : a));
    const other = described.misfit > UNEXPLAINED && best.misfit < BETTER * described.misfit ? best : described;
    return {
      wiring: other.wiring,
      misfit: described.misfit,
      best_misfit: best.misfit,
      untold: this.wirings.slice(1).filter((wiring) => this.distance(wiring, samples) < TOLD),
      residual_Nm: this.residual(samples),
    };
  }

  /** Infinite where the pose that a wiring implies is beyond the joints' limits. */
  private misfit(wiring: Wiring, samples: readonly RestSample[]): number {
    const { robot, sigma } = this;
    const n = robot.arm_joints;
    let most = 0;
    for (const { position, effort } of samples) {
      const expected = this.expected(wiring, position);
      if (expected === null) return Number.POSITIVE_INFINITY;
      for (let i = 0; i < n; i++) most = Math.max(most, Math.abs(effort[i] - expected[i]) / sigma[i]);
    }
    return most;
  }

  /** Greatest difference that a wiring makes to any torque expected, in standard deviations. */
  private distance(wiring: Wiring, samples: readonly RestSample[]): number {
    let most = 0;
    for (const { position } of samples) {
      const here = this.expected(wiring, position);
      const described = this.expected({ kind: 'as_described' }, position);
      if (here === null || described === null) return Number.POSITIVE_INFINITY;
      for (let i = 0; i < here.length; i++) {
        most = Math.max(most, Math.abs(here[i] - described[i]) / this.sigma[i]);
      }
    }
    return most;
  }

  private residual(samples: readonly RestSample[]): Float64Array {
    const mean = new Float64Array(this.robot.arm_joints);
    for (const { position, effort } of samples) {
      const expected = this.torques(position);
      for (let i = 0; i < mean.length; i++) mean[i] += (effort[i] - expected[i]) / samples.length;
    }
    return mean;
  }

  /** Torques of gravity as the driver would report them if the arm were wired so; null beyond the joints' limits. */
  private expected(wiring: Wiring, position: Float64Array): Float64Array | null {
    const { position_lower, position_upper } = this.robot.limits;
    const truly = rewire(wiring, position);
    // A joint at its end stop may read a little beyond it.
    if (truly.some((q, i) => q < position_lower[i] - 0.05 || q > position_upper[i] + 0.05)) return null;
    return rewire(wiring, this.torques(truly));
  }

  private torques(position: Float64Array): Float64Array {
    const n = this.robot.arm_joints;
    this.q.set(position.subarray(0, n));
    this.arm.update(this.q, this.v);
    return this.arm.bias.slice(0, n);
  }
}

/** Joints' values as the driver has them from those of the description, and back: every wiring is its own inverse. */
export function rewire(wiring: Wiring, values: Float64Array): Float64Array {
  const out = values.slice();
  if (wiring.kind === 'inverted') out[wiring.joint] = -values[wiring.joint];
  if (wiring.kind === 'swapped') {
    const [a, b] = wiring.joints;
    out[a] = values[b];
    out[b] = values[a];
  }
  return out;
}

/** In words, with the joints' names. */
export function describeWiring(wiring: Wiring, names: readonly string[]): string {
  switch (wiring.kind) {
    case 'as_described':
      return 'the joints are as described';
    case 'swapped':
      return `${names[wiring.joints[0]]} and ${names[wiring.joints[1]]} are swapped`;
    case 'inverted':
      return `${names[wiring.joint]} counts the wrong way round`;
  }
}

function wiringsOf(n: number): Wiring[] {
  const wirings: Wiring[] = [{ kind: 'as_described' }];
  for (let a = 0; a < n; a++) {
    wirings.push({ kind: 'inverted', joint: a });
    for (let b = a + 1; b < n; b++) wirings.push({ kind: 'swapped', joints: [a, b] });
  }
  return wirings;
}
