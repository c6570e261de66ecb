import { InputError, type Shape } from '../../contracts/index.ts';
import { type BodyShape, forwardKinematics, RobotData, type RobotModel } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type Capsule, capsuleVolume, fitCapsule } from './capsule_fit.ts';

/** Corners of the polygon about a cylinder's rim. */
const RIM = 48;
/** A link gets two capsules if they take up less than this share of the volume of one. */
const WORTH_SPLITTING = 0.85;
/** Positions of coordinates that are not the arm's, over their travel, in all. */
const TRAVEL_SAMPLES = 64;

/** Capsules fixed to the arm's bodies; together they hold every collision shape of the robot. */
export interface LinkCapsules {
  readonly count: number;
  /** Link whose shapes the capsule holds. */
  readonly link: readonly string[];
  /** Body that carries it, −1 for the base; only bodies moved by the arm's joints. */
  readonly body: Int32Array;
  /** Ends of the axis in the body frame, 6 each: ax ay az bx by bz (m). */
  readonly ends: Float64Array;
  readonly radius: Float64Array;
}

/**
 * Covers the collision shapes of every link by one or two capsules. What moves with coordinates other than the arm's
 * (fingers) is covered over its whole travel and fixed to the arm's body that carries it. Computed once for a robot.
 * Throws InputError if an arm joint hangs on a joint that is not one of the arm's.
 */
export function linkCapsules(robot: Robot): LinkCapsules {
  let capsules = known.get(robot);
  if (capsules === undefined) {
    capsules = cover(robot);
    known.set(robot, capsules);
  }
  return capsules;
}

const known = new WeakMap<Robot, LinkCapsules>();

function cover(robot: Robot): LinkCapsules {
  const { model } = robot;
  const list: { readonly link: string; readonly body: number; readonly capsule: Capsule }[] = [];
  const carriers = armBodies(robot);
  for (const link of new Set(model.collision.map((shape) => shape.link))) {
    const shapes = model.collision.filter((shape) => shape.link === link);
    const body = carriers[shapes[0].body + 1];
    const balls = shapes.map((shape) => sweptBalls(robot, shape, body));
    for (const capsule of coverBalls(balls)) list.push({ link, body, capsule });
  }
  return {
    count: list.length,
    link: list.map(({ link }) => link),
    body: Int32Array.from(list, ({ body }) => body),
    ends: Float64Array.from(list.flatMap(({ capsule }) => [...capsule.a, ...capsule.b])),
    radius: Float64Array.from(list, ({ capsule }) => capsule.radius),
  };
}

/** For body −1 and every body: itself if only the arm's joints move it, else the last body on the way to it of which this holds. */
function armBodies({ model, arm_joints, name }: Robot): Int32Array {
  const carrier = new Int32Array(model.nb + 1);
  carrier[0] = -1;
  for (let b = 0; b < model.nb; b++) {
    const before = carrier[model.parent[b] + 1];
    const moved = model.coordinate[b] < arm_joints;
    if (moved && before !== model.parent[b]) {
      throw new InputError(
        `joint ${model.body_joint_names[b]} of ${name}`,
        'must not hang on a joint that is not one of the arm, or collisions cannot be checked',
      );
    }
    carrier[b + 1] = moved ? b : before;
  }
  return carrier;
}

/** One capsule over all shapes, or two over a division of them along a principal direction. */
function coverBalls(shapes: readonly Float64Array[]): Capsule[] {
  const one = fitCapsule(concat(shapes));
  let best = [one];
  let volume = WORTH_SPLITTING * capsuleVolume(one);
  const middles = shapes.map((balls) => [0, 1, 2].map((k) => mean(balls, k)));
  const direction = one.b.map((value, k) => value - one.a[k]);
  const tried = new Set<string>();
  for (const along of [direction, [1, 0, 0], [0, 1, 0], [0, 0, 1]]) {
    const order = shapes.map((_, i) => i).sort((i, j) => dot(middles[i], along) - dot(middles[j], along) || i - j);
    for (let split = 1; split < shapes.length; split++) {
      const first = order.slice(0, split).sort((i, j) => i - j);
      const key = first.includes(0)
        ? first.join()
        : order
            .slice(split)
            .sort((i, j) => i - j)
            .join();
      if (tried.has(key)) continue;
      tried.add(key);
      const two = [order.slice(0, split), order.slice(split)].map((part) =>
        fitCapsule(concat(part.map((i) => shapes[i]))),
      );
      const both = capsuleVolume(two[0]) + capsuleVolume(two[1]);
      if (both >= volume) continue;
      volume = both;
      best = two;
    }
  }
  return best;
}

/** Balls whose hull holds a shape in the frame of `carrier`, at every position of the joints between. */
function sweptBalls(robot: Robot, item: BodyShape, carrier: number): Float64Array {
  const { model } = robot;
  const points = shapeBalls(item.shape).map(([x, y, z, r]) => [...place(item.R, item.p, [x, y, z]), r]);
  const between: number[] = [];
  for (let b = item.body; b !== carrier; b = model.parent[b]) between.push(b);
  if (between.length === 0) return Float64Array.from(points.flat());

  const coordinates = [...new Set(between.map((b) => model.coordinate[b]))];
  const straight = between.every((b) => model.joint_type[b] === 1);
  const samples = straight ? 2 : Math.max(2, Math.floor(TRAVEL_SAMPLES ** (1 / coordinates.length)));
  const data = new RobotData(model);
  const q = robot.home_q.slice();
  const balls: number[] = [];
  let padding = 0;
  if (!straight) {
    const reach = Math.max(...points.map(([x, y, z, r]) => Math.hypot(x, y, z) + r));
    for (const b of between) padding += turnBetween(model, b, samples) * (reach + lengthBelow(model, between, b));
  }
  for (let index = 0; index < samples ** coordinates.length; index++) {
    coordinates.forEach((c, i) => {
      const step = Math.floor(index / samples ** i) % samples;
      const [low, high] = travel(model, c);
      q[c] = low + ((high - low) * step) / (samples - 1);
    });
    forwardKinematics(model, data, q);
    for (const [x, y, z, r] of points) {
      let at = place(data.R.subarray(9 * item.body), data.p.subarray(3 * item.body), [x, y, z]);
      if (carrier >= 0) at = placeBack(data.R.subarray(9 * carrier), data.p.subarray(3 * carrier), at);
      balls.push(...at, r + padding);
    }
  }
  return Float64Array.from(balls);
}

/** Half a sample step of the joint of body b, times its multiplier: rad, or m of a prismatic joint. */
function turnBetween(model: RobotModel, b: number, samples: number): number {
  const [low, high] = travel(model, model.coordinate[b]);
  return (0.5 * Math.abs(model.multiplier[b]) * (high - low)) / (samples - 1);
}

/** Greatest length from body b's origin to that of the first body of `between`, which hangs below it; at least 1 for prismatic. */
function lengthBelow(model: RobotModel, between: readonly number[], b: number): number {
  let length = model.joint_type[b] === 1 ? 1 : 0;
  for (let i = between.indexOf(b) - 1; i >= 0; i--) {
    const below = between[i];
    const t = 3 * below;
    length += Math.hypot(model.tree_p[t], model.tree_p[t + 1], model.tree_p[t + 2]);
    if (model.joint_type[below] === 1) length += greatestStroke(model, below);
  }
  return length;
}

/** Greatest absolute value of the joint of body b. */
export function greatestStroke(model: RobotModel, b: number): number {
  const [low, high] = travel(model, model.coordinate[b]);
  const at = (q: number): number => Math.abs(model.multiplier[b] * q + model.offset[b]);
  return Math.max(at(low), at(high));
}

function travel(model: RobotModel, coordinate: number): readonly [number, number] {
  const low = model.position_lower[coordinate];
  const high = model.position_upper[coordinate];
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [-Math.PI, Math.PI];
}

/** Balls whose convex hull holds the shape, in its own frame: x y z and radius (m). */
export function shapeBalls(shape: Shape): number[][] {
  if (shape.type === 'sphere') return [[0, 0, 0, shape.radius]];
  if (shape.type === 'box') {
    const [x, y, z] = shape.size.map((size) => size / 2);
    return [-x, x].flatMap((a) => [-y, y].flatMap((b) => [-z, z].map((c) => [a, b, c, 0])));
  }
  // The polygon about the rim, so that its hull holds the disc.
  const radius = shape.radius / Math.cos(Math.PI / RIM);
  return Array.from({ length: 2 * RIM }, (_, i) => {
    const angle = (Math.floor(i / 2) * 2 * Math.PI) / RIM;
    return [radius * Math.cos(angle), radius * Math.sin(angle), (i % 2 === 0 ? -0.5 : 0.5) * shape.length, 0];
  });
}

function place(R: ArrayLike<number>, p: ArrayLike<number>, x: readonly number[]): number[] {
  return [0, 1, 2].map((r) => R[3 * r] * x[0] + R[3 * r + 1] * x[1] + R[3 * r + 2] * x[2] + p[r]);
}

function placeBack(R: ArrayLike<number>, p: ArrayLike<number>, x: readonly number[]): number[] {
  const d = [x[0] - p[0], x[1] - p[1], x[2] - p[2]];
  return [0, 1, 2].map((c) => R[c] * d[0] + R[3 + c] * d[1] + R[6 + c] * d[2]);
}

function mean(balls: Float64Array, k: number): number {
  let sum = 0;
  for (let i = k; i < balls.length; i += 4) sum += balls[i];
  return (4 * sum) / balls.length;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function concat(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}
