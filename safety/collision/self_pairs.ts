import { createRng } from '../../contracts/index.ts';
import { forwardKinematics, RobotData, type RobotModel } from '../../dynamics/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CORE_OUT } from './core.ts';
import { linkCapsules } from './link_capsules.ts';
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
  const { count, body, ends, radius } = linkCapsules(robot);
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
  const placed = new Float64Array(6 * count);
  const out = new Float64Array(CORE_OUT);
  for (let sample = 0; sample <= SAMPLES; sample++) {
    forwardKinematics(model, data, q);
    for (let c = 0; c < count; c++) {
      for (let end = 0; end < 6; end += 3) {
        for (let row = 0; row < 3; row++) {
          const R = 9 * body[c] + 3 * row;
          const e = 6 * c + end;
          placed[e + row] =
            body[c] < 0
              ? ends[e + row]
              : data.R[R] * ends[e] +
                data.R[R + 1] * ends[e + 1] +
                data.R[R + 2] * ends[e + 2] +
                data.p[3 * body[c] + row];
        }
      }
    }
    for (const pair of candidates) {
      segmentSegment(placed.subarray(6 * pair.moving), placed, 6 * pair.fixed, out);
      const clearance = out[0] - radius[pair.fixed] - radius[pair.moving];
      if (sample === 0 && clearance <= margin_m + HOME_ROOM_M) pair.contacts += SAMPLES;
      else if (clearance <= margin_m) pair.contacts++;
    }
    for (let j = 0; j < robot.arm_joints; j++) {
      const [low, high] = [limits.position_lower[j], limits.position_upper[j]];
      q[j] = Number.isFinite(high - low) ? rng.range(low, high) : rng.range(-Math.PI, Math.PI);
    }
  }
  return candidates.filter(({ contacts }) => contacts < MOST * SAMPLES).map(({ fixed, moving }) => ({ fixed, moving }));
}

/** Tree joints on the way between two bodies; −1 is the root. */
function jointsBetween(model: RobotModel, a: number, b: number): number {
  let x = a;
  let y = b;
  let joints = 0;
  while (x !== y) {
    if (x > y) x = model.parent[x];
    else y = model.parent[y];
    joints++;
  }
  return joints;
}
