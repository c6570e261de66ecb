import { createRng } from '../contracts/index.ts';
import { jointsBetween, type RobotModel } from '../dynamics/index.ts';
import type { Robot, SemanticModel } from '../robots/index.ts';
import type { ConvexSet } from './convex.ts';
import type { Gjk } from './gjk.ts';
import type { LinkShapes } from './link_shapes.ts';

const SAMPLES = 60;

/**
 * Pairs of links worth checking against each other, two entries each. With an SRDF: all that move relative to each other
 * and are not disabled there. Without: links at least two joints apart that are free at home and are not in contact in
 * nearly all of a fixed sample of positions (then their shapes overlap by construction).
 */
export function selectSelfPairs(robot: Robot, links: LinkShapes, gjk: Gjk): readonly number[] {
  let pairs = selected.get(robot);
  if (pairs === undefined) {
    pairs = robot.semantic === undefined ? select(robot, links, gjk) : enabled(robot.semantic, links);
    selected.set(robot, pairs);
  }
  return pairs;
}

/** The choice depends on the robot alone, and a robot does not change. */
const selected = new WeakMap<Robot, readonly number[]>();

function select(robot: Robot, links: LinkShapes, gjk: Gjk): readonly number[] {
  const { body } = links;
  const { model, limits } = robot;
  const own = links.names.length - 1;
  const candidates: { readonly a: number; readonly b: number; contacts: number }[] = [];
  for (let a = 0; a < own; a++) {
    for (let b = a + 1; b < own; b++) {
      const apart = jointsBetween(model, body[a], body[b]) >= 2;
      if (apart && !siblings(model, body[a], body[b])) candidates.push({ a, b, contacts: 0 });
    }
  }
  const rng = createRng(0, 'self-collision');
  const q = robot.home_q.slice();
  for (let sample = 0; sample <= SAMPLES; sample++) {
    links.forward(q, 0);
    for (const pair of candidates) {
      if (linkDistance(links, gjk, pair.a, pair.b) === 0) pair.contacts += sample === 0 ? SAMPLES : 1;
    }
    for (let j = 0; j < robot.arm_joints; j++) q[j] = rng.range(limits.position_lower[j], limits.position_upper[j]);
  }
  return candidates.filter((pair) => pair.contacts < 0.95 * SAMPLES).flatMap(({ a, b }) => [a, b]);
}

function enabled({ disabled_pairs }: SemanticModel, { names, body }: LinkShapes): readonly number[] {
  const disabled = new Set(disabled_pairs.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]));
  const pairs: number[] = [];
  for (let a = 0; a < names.length - 1; a++) {
    for (let b = a + 1; b < names.length - 1; b++) {
      if (body[a] !== body[b] && !disabled.has(`${names[a]} ${names[b]}`)) pairs.push(a, b);
    }
  }
  return pairs;
}

/** Pairs of the held object with every link but the hand, what hangs on it and the link before it. */
export function heldPairs(links: LinkShapes): number[] {
  const { model, body, tool, names } = links;
  const held = names.length - 1;
  const pairs: number[] = [];
  for (let link = 0; link < held; link++) {
    if (!carries(model, tool.body, body[link]) && body[link] !== model.parent[tool.body]) pairs.push(held, link);
  }
  return pairs;
}

/** Smallest distance of the shapes of two links (m) at the last `forward`, or `within_m` if that is less. */
export function linkDistance(
  links: LinkShapes,
  gjk: Gjk,
  a: number,
  b: number,
  within_m: number = Number.POSITIVE_INFINITY,
): number {
  const { first, shapes } = links;
  let least = within_m;
  for (let i = first[a]; i < first[a + 1]; i++) {
    links.placeShape(i);
    for (let j = first[b]; j < first[b + 1]; j++) {
      links.placeShape(j);
      if (!ballsApart(shapes, i, j, least)) least = Math.min(least, gjk.distance(shapes, i, shapes, j));
    }
  }
  return least;
}

/** Whether the balls about two shapes are further apart than a distance, with a little room for rounding. */
function ballsApart({ pose, bound }: ConvexSet, i: number, j: number, distance_m: number): boolean {
  const dx = pose[12 * i + 9] - pose[12 * j + 9];
  const dy = pose[12 * i + 10] - pose[12 * j + 10];
  const dz = pose[12 * i + 11] - pose[12 * j + 11];
  return Math.sqrt(dx * dx + dy * dy + dz * dz) - bound[i] - bound[j] > distance_m + 1e-9;
}

/** True if `body` is `base` or hangs on it. */
function carries(model: RobotModel, base: number, body: number): boolean {
  for (let b = body; b >= 0; b = model.parent[b]) if (b === base) return true;
  return base < 0;
}

/** True if both hang on the same body by one joint each (fingers of one hand). */
function siblings(model: RobotModel, a: number, b: number): boolean {
  return a >= 0 && b >= 0 && model.parent[a] === model.parent[b];
}
