import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, jointsBetween, RobotData } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CORE_OUT, segmentCore } from './core.ts';
import { type LinkCapsules, linkCapsules } from './link_capsules.ts';
import { type LinkCores, linkCores } from './link_cores.ts';
import { segmentSegment } from './segment_segment.ts';

const SAMPLES = 400;
/** Room beyond the margin that a pair has at home, or it nests by construction (m). */
const HOME_ROOM_M = 0.01;
/** Pairs within their margin in more than this share of the sample nest in each other: their capsules, not their links, touch. */
const MOST = 0.5;

/** A pair of capsules worth checking against each other; `fixed` is seen as standing still, on the body nearer the base. */
export interface SelfPair {
  readonly fixed: number;
  readonly moving: number;
}

/**
 * The capsule pairs checked for self-collision: on bodies at least two joints apart, clear of the margin by 1 cm at home,
 * and clear of it in at least half of a fixed sample of positions. Computed once for a robot and a margin, and always the same.
 */
export function selfPairs(robot: Robot, margin_m: number): readonly SelfPair[] {
  const of_robot = known.get(robot) ?? new Map<number, readonly SelfPair[]>();
  known.set(robot, of_robot);
  let pairs = of_robot.get(margin_m);
  if (pairs === undefined) {
    pairs = select(robot, margin_m);
    of_robot.set(margin_m, pairs);
  }
  return pairs;
}

const known = new WeakMap<Robot, Map<number, readonly SelfPair[]>>();

function select(robot: Robot, margin_m: number): SelfPair[] {
  const { model, limits } = robot;
  const nearness = new Nearness(robot);
  const { count, body } = nearness.capsules;
  let candidates: (SelfPair & { contacts: number })[] = [];
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      const ordered = body[a] < body[b] || (body[a] === body[b] && a < b);
      if (ordered && jointsBetween(model, body[a], body[b]) >= 2) candidates.push({ fixed: a, moving: b, contacts: 0 });
    }
  }
  const rng = createRng(0, 'self-collision');
  const q = robot.home_q.slice();
  for (let sample = 0; sample <= SAMPLES; sample++) {
    nearness.place(q);
    const room = margin_m + (sample === 0 ? HOME_ROOM_M : 0);
    for (const pair of candidates) {
      if (nearness.within(pair.fixed, pair.moving, room)) pair.contacts += sample === 0 ? SAMPLES : 1;
    }
    // What nests is looked at no more.
    candidates = candidates.filter(({ contacts }) => contacts <= MOST * SAMPLES);
    for (let j = 0; j < robot.arm_joints; j++) {
      const [low, high] = [limits.position_lower[j], limits.position_upper[j]];
      q[j] = Number.isFinite(high - low) ? rng.range(low, high) : rng.range(-Math.PI, Math.PI);
    }
  }
  return candidates.map(({ fixed, moving }) => ({ fixed, moving }));
}

/** Tells of capsules at one position of the arm whether they are near each other; allocates nothing but at construction. */
class Nearness {
  readonly capsules: LinkCapsules;
  private readonly robot: Robot;
  private readonly cores: LinkCores;
  private readonly data: RobotData;
  /** Of every capsule: ends of its axis, their middle and half their distance, frame world (m); its first core, or −1. */
  private readonly ends: Float64Array;
  private readonly middle: Float64Array;
  private readonly half: Float64Array;
  private readonly first: Int32Array;
  private readonly segment = new Float64Array(6);
  private readonly placed = new Float64Array(6);
  private readonly out = new Float64Array(CORE_OUT);

  constructor(robot: Robot) {
    const capsules = linkCapsules(robot);
    const { count, link, ends } = capsules;
    this.robot = robot;
    this.capsules = capsules;
    this.cores = linkCores(robot);
    this.data = new RobotData(robot.model);
    this.ends = new Float64Array(6 * count);
    this.middle = new Float64Array(3 * count);
    this.half = Float64Array.from(link, (_, c) => {
      const at = (k: number) => ends[6 * c + 3 + k] - ends[6 * c + k];
      return Math.hypot(at(0), at(1), at(2)) / 2;
    });
    this.first = Int32Array.from(link, (name) => this.cores.link.indexOf(name));
  }

  place(q: Float64Array): void {
    const { capsules, data, ends, middle, robot } = this;
    forwardKinematics(robot.model, data, q);
    for (let c = 0; c < capsules.count; c++) {
      const b = capsules.body[c];
      for (let e = 6 * c; e < 6 * c + 6; e += 3) {
        if (b < 0) for (let k = 0; k < 3; k++) ends[e + k] = capsules.ends[e + k];
        else toRoot(data.R, 9 * b, data.p, 3 * b, capsules.ends, ends, e);
      }
      for (let k = 0; k < 3; k++) middle[3 * c + k] = 0.5 * (ends[6 * c + k] + ends[6 * c + 3 + k]);
    }
  }

  /** Whether a pair is within `room` (m), by the capsules and by the shapes of the fixed link. */
  within(fixed: number, moving: number, room: number): boolean {
    const { capsules, cores, data, ends, middle, half, segment, placed, out } = this;
    const { radius, body, link } = capsules;
    const dx = middle[3 * fixed] - middle[3 * moving];
    const dy = middle[3 * fixed + 1] - middle[3 * moving + 1];
    const dz = middle[3 * fixed + 2] - middle[3 * moving + 2];
    const reach = half[fixed] + half[moving] + radius[fixed] + radius[moving] + room + ROUNDING_M;
    if (dx * dx + dy * dy + dz * dz > reach * reach) return false;
    const b = body[fixed];
    for (let e = 0; e < 6; e += 3) {
      if (b < 0) for (let k = 0; k < 3; k++) segment[e + k] = ends[6 * moving + e + k];
      else toFrame(data.R, 9 * b, data.p, 3 * b, ends, 6 * moving + e, segment, e);
    }
    segmentSegment(segment, capsules.ends, 6 * fixed, out);
    if (out[0] - radius[fixed] - radius[moving] > room) return false;
    const first = this.first[fixed];
    if (first < 0) return true;
    for (let c = first; cores.link[c] === link[fixed]; c++) {
      for (let e = 0; e < 6; e += 3) toFrame(cores.R, 9 * c, cores.p, 3 * c, segment, e, placed, e);
      segmentCore(cores.kind[c], placed, cores.size, 6 * c, out);
      if (out[0] - cores.rounding[c] - radius[moving] <= room) return true;
    }
    return false;
  }
}

/** More than what rounding can do to a distance (m). */
const ROUNDING_M = 1e-9;

/** R x + p, of a point in a capsule's body frame. */
function toRoot(
  R: Float64Array,
  r: number,
  p: Float64Array,
  t: number,
  x: Float64Array,
  out: Float64Array,
  at: number,
): void {
  for (let k = 0; k < 3; k++) {
    const row = r + 3 * k;
    out[at + k] = R[row] * x[at] + R[row + 1] * x[at + 1] + R[row + 2] * x[at + 2] + p[t + k];
  }
}

/** Rᵀ (x − p). */
function toFrame(
  R: Float64Array,
  r: number,
  p: Float64Array,
  t: number,
  x: Float64Array,
  from: number,
  out: Float64Array,
  at: number,
): void {
  const a = x[from] - p[t];
  const b = x[from + 1] - p[t + 1];
  const c = x[from + 2] - p[t + 2];
  for (let k = 0; k < 3; k++) out[at + k] = R[r + k] * a + R[r + 3 + k] * b + R[r + 6 + k] * c;
}
