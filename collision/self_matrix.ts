import { createRng, type Rng } from '../contracts/index.ts';
import { jointsBetween } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { Gjk } from './gjk.ts';
import { LinkShapes } from './link_shapes.ts';
import { linkDistance } from './self_pairs.ts';

/** Why two links need no check, in the words of MoveIt's setup assistant. */
export type PairReason = 'Adjacent' | 'Always' | 'Default' | 'Never';

export interface UncheckedPair {
  readonly a: string;
  readonly b: string;
  readonly reason: PairReason;
}

export interface SelfMatrixOptions {
  /** Positions drawn within the limits. Default 100,000. */
  readonly samples?: number;
  /** By pair, from how many of the nearest positions drawn the distance is made least. Default 20. */
  readonly descents?: number;
}

/** Links that come nearer than this (m) anywhere are checked. */
const NEVER_M = 0.005;
const ALWAYS = 0.95;
/** Share of the joints that are drawn at a limit: there links come nearest to each other. */
const AT_LIMIT = 0.1;
/** Steps of a descent, as shares of a joint's range. */
const FIRST_STEP = 0.1;
const LAST_STEP = 1e-4;

interface Candidate {
  readonly a: number;
  readonly b: number;
  touching: number;
  /** Nearest positions so far, nearest first. */
  readonly nearest: { readonly distance_m: number; readonly q: Float64Array }[];
}

/**
 * The pairs of links of a robot whose mutual contact need not be checked, in order of the model. Adjacent: a joint or less
 * apart. Default: side by side on one body, in contact when the gripper is closed. Always: in contact in nearly all positions.
 * Never: 5 mm or more apart in every position drawn, the gripper's included, and wherever the distance gets from the nearest of
 * them by coordinate descent within the limits. Distances are exact (GJK). Links of one body have none and are left out.
 */
export function selfCollisionMatrix(robot: Robot, options: SelfMatrixOptions = {}): UncheckedPair[] {
  const { samples = 100_000, descents = 20 } = options;
  const links = new LinkShapes(robot);
  const gjk = new Gjk();
  const { names, body, model } = links;
  const own = names.length - 1;
  const reasons = new Map<string, PairReason>();
  const candidates: Candidate[] = [];
  place(
    links,
    robot.home_q.map((x, j) => (j === robot.gripper?.coordinate ? 0 : x)),
  );
  for (let a = 0; a < own; a++) {
    for (let b = a + 1; b < own; b++) {
      if (body[a] === body[b]) continue;
      const siblings = body[a] >= 0 && model.parent[body[a]] === model.parent[body[b]];
      if (jointsBetween(model, body[a], body[b]) <= 1) reasons.set(`${a} ${b}`, 'Adjacent');
      else if (siblings && linkDistance(links, gjk, a, b) < NEVER_M) reasons.set(`${a} ${b}`, 'Default');
      else candidates.push({ a, b, touching: 0, nearest: [] });
    }
  }
  const range = limitsOf(robot);
  const rng = createRng(0, 'self-collision matrix');
  for (let sample = 0; sample < samples; sample++) {
    const q = draw(rng, range);
    place(links, q);
    for (const pair of candidates) look(links, gjk, pair, q, descents, sample < samples / 10);
  }
  for (const pair of candidates) {
    const key = `${pair.a} ${pair.b}`;
    if (pair.touching >= ALWAYS * Math.ceil(samples / 10)) reasons.set(key, 'Always');
    else if (pair.nearest.every(({ q }) => least(links, gjk, pair, q.slice(), range) >= NEVER_M)) {
      reasons.set(key, 'Never');
    }
  }
  const unchecked: UncheckedPair[] = [];
  for (let a = 0; a < own; a++) {
    for (let b = a + 1; b < own; b++) {
      const reason = reasons.get(`${a} ${b}`);
      if (reason !== undefined) unchecked.push({ a: names[a], b: names[b], reason });
    }
  }
  return unchecked;
}

/** An SRDF that leaves out the checks of these pairs. */
export function srdfOf(robot: Robot, pairs: readonly UncheckedPair[]): string {
  const lines = pairs.map(({ a, b, reason }) => `  <disable_collisions link1="${a}" link2="${b}" reason="${reason}"/>`);
  return `<?xml version="1.0"?>\n<!-- Pairs of links that never touch, or always may; written by scripts/write_srdf.mjs. -->\n<robot name="${robot.model.name}">\n${lines.join('\n')}\n</robot>\n`;
}

type Range = { readonly lower: Float64Array; readonly upper: Float64Array };

/** Limits of all coordinates; a full turn where there are none. */
function limitsOf({ model }: Robot): Range {
  const bounded = (x: number, otherwise: number): number => (Number.isFinite(x) ? x : otherwise);
  return {
    lower: model.position_lower.map((x) => bounded(x, -Math.PI)),
    upper: model.position_upper.map((x) => bounded(x, Math.PI)),
  };
}

function draw(rng: Rng, { lower, upper }: Range): Float64Array {
  return lower.map((least_q, j) => {
    if (rng.uniform() >= AT_LIMIT) return rng.range(least_q, upper[j]);
    return rng.uniform() < 0.5 ? least_q : upper[j];
  });
}

function place(links: LinkShapes, q: Float64Array): void {
  links.q.set(q);
  links.forward(q, 0);
  links.placeLinks();
}

/** Notes how near a pair is, if it may be among its nearest; all positions are counted only while `counting`. */
function look(links: LinkShapes, gjk: Gjk, pair: Candidate, q: Float64Array, most: number, counting: boolean): void {
  const { a, b, nearest } = pair;
  const { centre, bound } = links;
  const far = nearest.length < most ? Infinity : nearest[nearest.length - 1].distance_m;
  if (far === 0 && !counting) return;
  const between = Math.hypot(...[0, 1, 2].map((k) => centre[3 * a + k] - centre[3 * b + k]));
  if (between - bound[a] - bound[b] > far) return;
  const distance_m = linkDistance(links, gjk, a, b);
  if (distance_m === 0) pair.touching++;
  if (distance_m >= far) return;
  const at = nearest.findIndex((one) => one.distance_m > distance_m);
  nearest.splice(at < 0 ? nearest.length : at, 0, { distance_m, q: q.slice() });
  if (nearest.length > most) nearest.pop();
}

/** The least distance of a pair (m) that steps of single joints lead to from q. */
function least(links: LinkShapes, gjk: Gjk, { a, b }: Candidate, q: Float64Array, { lower, upper }: Range): number {
  const distance = (): number => {
    place(links, q);
    return linkDistance(links, gjk, a, b);
  };
  let best = distance();
  for (let step = FIRST_STEP; step > LAST_STEP && best >= NEVER_M; ) {
    const before = best;
    for (let j = 0; j < q.length; j++) {
      for (const way of [step, -step]) {
        const here = q[j];
        q[j] = Math.min(Math.max(here + way * (upper[j] - lower[j]), lower[j]), upper[j]);
        const there = distance();
        if (there < best) best = there;
        else q[j] = here;
      }
    }
    if (best === before) step /= 2;
  }
  return best;
}
