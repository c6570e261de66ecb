import { type ConvexMesh, InputError, type Shape } from '../../contracts/index.ts';
import { type BodyShape, forwardKinematics, RobotData, type RobotModel } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type Capsule, fitCapsule, fitQuickly } from './capsule_fit.ts';
import { CoverShare } from './cover_share.ts';
import { foundCover } from './found_covers.ts';
import { meshBalls, meshPieces } from './mesh_pieces.ts';
import { concat, OuterBalls, outermost, QUICK_DIRECTIONS } from './outermost.ts';

/** Corners of the polygon about a cylinder's rim. */
const RIM = 48;
/** Another capsule is worth it if the cover then takes up less than this share of what it did. */
const WORTH_SPLITTING = 0.9;
const MOST_CAPSULES = 3;
/** Places along an axis at which shapes are parted. */
const MOST_DIVISIONS = 10;
/** Capsules of less than this radius are not divided further (m). */
const THIN = 0.025;
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
 * Covers the collision shapes of every link by one to three capsules. What moves with coordinates other than the arm's
 * (fingers) is covered over its whole travel and fixed to the arm's body that carries it. Computed once for
 * robots of the same geometry, whatever their masses, friction and speeds.
 * Throws InputError if an arm joint hangs on a joint that is not one of the arm's.
 */
export function linkCapsules(robot: Robot): LinkCapsules {
  const before = known.get(robot);
  if (before !== undefined) return before;
  const geometry = geometryOf(robot);
  const capsules = of_geometry.get(geometry) ?? cover(robot);
  known.set(robot, capsules);
  of_geometry.set(geometry, capsules);
  const [oldest] = of_geometry.keys();
  if (of_geometry.size > MOST_GEOMETRIES) of_geometry.delete(oldest);
  return capsules;
}

const known = new WeakMap<Robot, LinkCapsules>();
const of_geometry = new Map<string, LinkCapsules>();
const MOST_GEOMETRIES = 8;

/** All that the capsules, and errors about them, depend on. */
function geometryOf({ name, model, arm_joints, home_q }: Robot): string {
  const { visual: _v, mass: _m, com: _c, inertia: _i, damping: _d, friction: _f, ...geometry } = model;
  const { velocity_limit: _speed, effort_limit: _effort, ...rest } = geometry;
  return JSON.stringify([name, arm_joints, home_q, rest], (_, value: unknown) =>
    ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : value,
  );
}

function cover(robot: Robot): LinkCapsules {
  const list = linkBalls(robot).flatMap(({ link, body, balls }) =>
    (foundCover(balls) ?? coverBalls(balls)).map((capsule) => ({ link, body, capsule })),
  );
  return {
    count: list.length,
    link: list.map(({ link }) => link),
    body: Int32Array.from(list, ({ body }) => body),
    ends: Float64Array.from(list.flatMap(({ capsule }) => [...capsule.a, ...capsule.b])),
    radius: Float64Array.from(list, ({ capsule }) => capsule.radius),
  };
}

/** Of every link with collision shapes: the body that carries it, and balls (x y z and radius, m) of which pieces of the shapes are hulls. */
export function linkBalls(
  robot: Robot,
): { readonly link: string; readonly body: number; readonly balls: Float64Array[] }[] {
  const { model } = robot;
  const carriers = armBodies(robot);
  return [...new Set(model.collision.map((shape) => shape.link))].map((link) => {
    const shapes = model.collision.filter((shape) => shape.link === link);
    const body = carriers[shapes[0].body + 1];
    const swept = (shape: BodyShape) => pieces(shape.shape).map((piece) => sweptBalls(robot, shape, piece, body));
    return { link, body, balls: shapes.flatMap(swept) };
  });
}

/** For body −1 and every body: itself if only the arm's joints move it, else the last body on the way to it of which this holds. */
export function armBodies({ model, arm_joints, name }: Robot): Int32Array {
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

/** One capsule over all shapes, or more over divisions of them, as long as each makes the cover notably smaller. */
export function coverBalls(shapes: readonly Float64Array[]): Capsule[] {
  const frame = fitCapsule(concat(shapes));
  const shares = new CoverShare(frame);
  const outer_of = new Map(
    shapes.map((balls) => [balls, new OuterBalls(outermost(balls, QUICK_DIRECTIONS), QUICK_DIRECTIONS)]),
  );
  let parts: (readonly Float64Array[])[] = [shapes];
  let cover = [frame];
  let share = shares.of(cover);
  while (parts.length < MOST_CAPSULES) {
    let best = WORTH_SPLITTING * share;
    let better: (readonly Float64Array[])[] | null = null;
    parts.forEach((part, i) => {
      if (cover[i].radius < THIN) return;
      const held = shares.inside(cover.filter((_, k) => k !== i));
      for (const two of divisions(part)) {
        const [small, large] = two.map((half) => half.flatMap((balls) => outer_of.get(balls) ?? [])).sort(byLength);
        const first = fitQuickly(large);
        // One of the two may already take up too much.
        if (shares.beside(held, [first]) >= best) continue;
        const next = shares.beside(held, [first, fitQuickly(small)]);
        if (next >= best) continue;
        best = next;
        better = [...parts.filter((_, k) => k !== i), ...two];
      }
    });
    if (better === null) break;
    parts = better;
    cover = parts.map((part) => fitCapsule(concat(part)));
    share = shares.of(cover);
  }
  return cover;
}

function byLength(a: readonly unknown[], b: readonly unknown[]): number {
  return a.length - b.length;
}

/** Ways to part shapes in two by the order of their middles along a coordinate axis of the body. */
function divisions(shapes: readonly Float64Array[]): Float64Array[][][] {
  const ways = new Map<string, Float64Array[][]>();
  for (let axis = 0; axis < 3; axis++) {
    const order = shapes.map((_, i) => i).sort((i, j) => mean(shapes[i], axis) - mean(shapes[j], axis) || i - j);
    const stride = Math.ceil(shapes.length / MOST_DIVISIONS);
    for (let split = stride; split < shapes.length; split += stride) {
      const halves = [order.slice(0, split), order.slice(split)].map((half) => half.sort((i, j) => i - j));
      const key = (halves[0][0] === 0 ? halves[0] : halves[1]).join();
      ways.set(
        key,
        halves.map((half) => half.map((i) => shapes[i])),
      );
    }
  }
  return [...ways.values()];
}

/** Balls of a shape cut across its length into pieces about as long as wide; together the pieces are the shape. */
function pieces(shape: Shape | ConvexMesh): number[][][] {
  const balls = shapeBalls(shape);
  if (shape.type === 'sphere') return [balls];
  if (shape.type === 'mesh') return meshPieces(shape);
  const sizes = shape.type === 'box' ? shape.size : [2 * shape.radius, 2 * shape.radius, shape.length];
  const axis = sizes.indexOf(Math.max(...sizes));
  const wide = [...sizes].sort((a, b) => b - a)[1];
  const count = shape.type === 'cylinder' && axis !== 2 ? 1 : Math.min(MOST_CAPSULES, Math.ceil(sizes[axis] / wide));
  return Array.from({ length: count }, (_, i) =>
    balls.map((ball) => ball.map((x, k) => (k === axis ? (x + (2 * i + 1 - count) * 0.5 * sizes[axis]) / count : x))),
  );
}

/** Balls (of `points`, in the shape's frame) in the frame of `carrier`, at every position of the joints between. */
function sweptBalls(robot: Robot, item: BodyShape, piece: readonly number[][], carrier: number): Float64Array {
  const { model } = robot;
  const points = piece.map(([x, y, z, r]) => [...place(item.R, item.p, [x, y, z]), r]);
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
export function shapeBalls(shape: Shape | ConvexMesh): number[][] {
  if (shape.type === 'mesh') return meshBalls(shape);
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
