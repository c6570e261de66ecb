import type { Rng } from '../../contracts/index.ts';
import { type RobotModel, rotationExp } from '../../dynamics/index.ts';

export interface RandomRobotOptions {
  readonly bodies: number;
  /** Share of joints after the first that mimic an earlier one. */
  readonly mimics?: number;
  /** One body after the other, in place of a tree with branches. */
  readonly chain?: boolean;
}

/** A random tree of revolute and prismatic joints with oblique axes and physical inertias (sums of point masses). */
export function randomRobot(rng: Rng, { bodies: nb, mimics = 0, chain = false }: RandomRobotOptions): RobotModel {
  const parent = Int32Array.from({ length: nb }, (_, b) => (b === 0 || chain ? b - 1 : rng.int(b + 1) - 1));
  const coordinate = new Int32Array(nb);
  const multiplier = new Float64Array(nb).fill(1);
  const offset = new Float64Array(nb);
  let nq = 0;
  for (let b = 0; b < nb; b++) {
    if (b > 0 && rng.uniform() < mimics) {
      coordinate[b] = rng.int(nq);
      multiplier[b] = rng.range(-1.5, 1.5);
      offset[b] = rng.range(-0.3, 0.3);
    } else coordinate[b] = nq++;
  }
  const axis = new Float64Array(3 * nb);
  const tree_R = new Float64Array(9 * nb);
  const mass = new Float64Array(nb);
  const com = new Float64Array(3 * nb);
  const inertia = new Float64Array(6 * nb);
  for (let b = 0; b < nb; b++) {
    axis.set(rng.uniform() < 0.4 ? [0, 0, 1] : unit(rng), 3 * b);
    rotationExp(rng.range(-2, 2), rng.range(-2, 2), rng.range(-2, 2), tree_R, 9 * b);
    addPointMasses(rng, b, mass, com, inertia);
  }
  const names = Array.from({ length: nq }, (_, i) => `joint_${i}`);
  const all = (value: number) => new Float64Array(nq).fill(value);
  return {
    name: 'random',
    root_link: 'root',
    nb,
    nq,
    joint_names: names,
    body_joint_names: Array.from(coordinate, (c, b) => `body_joint_${b}_of_${c}`),
    parent,
    joint_type: Uint8Array.from({ length: nb }, () => (rng.uniform() < 0.7 ? 0 : 1)),
    axis,
    tree_R,
    tree_p: Float64Array.from({ length: 3 * nb }, () => rng.range(-0.4, 0.4)),
    coordinate,
    multiplier,
    offset,
    mass,
    com,
    inertia,
    position_lower: all(-3),
    position_upper: all(3),
    velocity_limit: all(3),
    effort_limit: all(100),
    damping: all(0),
    friction: all(0),
    frames: Array.from({ length: nb + 1 }, (_, i) => {
      const R = new Float64Array(9);
      rotationExp(rng.range(-2, 2), rng.range(-2, 2), rng.range(-2, 2), R);
      return { name: `frame_${i}`, body: i - 1, R: [...R], p: unit(rng) };
    }),
    collision: [],
    visual: [],
  };
}

/** The same tree with every joint on a coordinate of its own: what mimic joints constrain. */
export function freeOfMimics(model: RobotModel): RobotModel {
  const { nb } = model;
  const limit = new Float64Array(nb).fill(1e3);
  return {
    ...model,
    nq: nb,
    joint_names: [...model.body_joint_names],
    coordinate: Int32Array.from({ length: nb }, (_, b) => b),
    multiplier: new Float64Array(nb).fill(1),
    offset: new Float64Array(nb),
    position_lower: limit.map((x) => -x),
    position_upper: limit,
    velocity_limit: limit,
    effort_limit: limit,
    damping: new Float64Array(nb),
    friction: new Float64Array(nb),
  };
}

/** A vector of n numbers in ±scale. */
export function randomVector(rng: Rng, n: number, scale: number): Float64Array {
  return Float64Array.from({ length: n }, () => rng.range(-scale, scale));
}

/** Largest |a − b| relative to 1 + the largest |b|. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let scale = 1;
  for (let i = 0; i < b.length; i++) {
    const d = Math.abs(a[i] - b[i]);
    // a NaN must not pass as small
    if (!(d <= difference)) difference = d;
    scale = Math.max(scale, 1 + Math.abs(b[i]));
  }
  return difference / scale;
}

function unit(rng: Rng): number[] {
  const x = [rng.normal(), rng.normal(), rng.normal()];
  const length = Math.hypot(...x);
  return x.map((value) => value / length);
}

function addPointMasses(rng: Rng, b: number, mass: Float64Array, com: Float64Array, inertia: Float64Array): void {
  const points = Array.from({ length: 4 }, () => ({ m: rng.range(0.1, 1), x: randomVector(rng, 3, 0.15) }));
  for (const { m } of points) mass[b] += m;
  for (const { m, x } of points) for (let k = 0; k < 3; k++) com[3 * b + k] += (m * x[k]) / mass[b];
  for (const { m, x } of points) {
    const [dx, dy, dz] = [0, 1, 2].map((k) => x[k] - com[3 * b + k]);
    const terms = [dy * dy + dz * dz, dx * dx + dz * dz, dx * dx + dy * dy, -dx * dy, -dx * dz, -dy * dz];
    for (let k = 0; k < 6; k++) inertia[6 * b + k] += m * terms[k];
  }
}
