import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, jointsBetween, RobotData, rotate, rotateInverse } from '../../dynamics/index.ts';
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
  const last = known.get(robot);
  if (last !== undefined && last.margin_m === margin_m) return last.pairs;
  const pairs = select(robot, margin_m);
  known.set(robot, { margin_m, pairs });
  return pairs;
}

const known = new WeakMap<Robot, { readonly margin_m: number; readonly pairs: readonly SelfPair[] }>();

function select(robot: Robot, margin_m: number): SelfPair[] {
  const { model, limits } = robot;
  const capsules = linkCapsules(robot);
  const cores = linkCores(robot);
  const { count, body } = capsules;
  const candidates: (SelfPair & { contacts: number })[] = [];
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      const ordered = body[a] < body[b] || (body[a] === body[b] && a < b);
      if (ordered && jointsBetween(model, body[a], body[b]) >= 2) candidates.push({ fixed: a, moving: b, contacts: 0 });
    }
  }
  const rng = createRng(0, 'self-collision');
  const data = new RobotData(model);
  const q = robot.home_q.slice();
  for (let sample = 0; sample <= SAMPLES; sample++) {
    forwardKinematics(model, data, q);
    for (const pair of candidates) {
      const room = margin_m + (sample === 0 ? HOME_ROOM_M : 0);
      if (!nearer(capsules, cores, data, pair, room)) continue;
      pair.contacts += sample === 0 ? SAMPLES : 1;
    }
    for (let j = 0; j < robot.arm_joints; j++) {
      const [low, high] = [limits.position_lower[j], limits.position_upper[j]];
      q[j] = Number.isFinite(high - low) ? rng.range(low, high) : rng.range(-Math.PI, Math.PI);
    }
  }
  return candidates
    .filter(({ contacts }) => contacts <= MOST * SAMPLES)
    .map(({ fixed, moving }) => ({ fixed, moving }));
}

/** Whether a pair is within `room` (m), by the capsules and by the shapes of the fixed link. */
function nearer(capsules: LinkCapsules, cores: LinkCores, data: RobotData, pair: SelfPair, room: number): boolean {
  const { fixed, moving } = pair;
  const { ends, radius, body, link } = capsules;
  const world = [0, 3].map((e) => toRoot(data, body[moving], ends.subarray(6 * moving + e)));
  const segment = Float64Array.from(world.flatMap((x) => toBody(data, body[fixed], x)));
  const out = new Float64Array(CORE_OUT);
  segmentSegment(segment, ends, 6 * fixed, out);
  if (out[0] - radius[fixed] - radius[moving] > room) return false;
  const first = cores.link.indexOf(link[fixed]);
  if (first < 0) return true;
  for (let c = first; cores.link[c] === link[fixed]; c++) {
    const R = cores.R.subarray(9 * c);
    const at = cores.p.subarray(3 * c);
    for (const e of [0, 3]) {
      const x = world[e / 3];
      const y = rotateInverse(
        R,
        toBody(data, body[fixed], x).map((value, k) => value - at[k]),
      );
      segment.set(y, e);
    }
    segmentCore(cores.kind[c], segment, cores.size, 6 * c, out);
    if (out[0] - cores.rounding[c] - radius[moving] <= room) return true;
  }
  return false;
}

function toRoot(data: RobotData, body: number, x: Float64Array): number[] {
  return rotate(data.R.subarray(9 * body), x).map((value, k) => value + data.p[3 * body + k]);
}

function toBody(data: RobotData, body: number, x: readonly number[]): number[] {
  if (body < 0) return [...x];
  return [
    ...rotateInverse(
      data.R.subarray(9 * body),
      x.map((value, k) => value - data.p[3 * body + k]),
    ),
  ];
}
