import { multiplyMatrices, rotationExp, rotationLog } from '../dynamics/index.ts';
import { distance } from './configuration_space.ts';
import type { IkSolver } from './ik/index.ts';
import type { Planned } from './motion_planner.ts';
import { CubicSpline } from './timing/index.ts';

/**
 * A straight motion of the tool: its origin on a line, its rotation about one axis at a constant rate. q(s) over the way s
 * (m), where 1 rad of rotation is at least LENGTH_PER_RADIAN_M of way.
 */
export interface CartesianLine {
  readonly spline: CubicSpline;
  readonly start: Float64Array;
  readonly end: Float64Array;
}

/**
 * The straight motion of the tool from arm joints `start` to a tool pose: inverse kinematics by continuation, joined by a
 * spline that leaves the line by less than 0.2 mm. Joint limits hold; collisions are not checked here.
 * @param target  rotation row-major 9 and position 3, root frame (m)
 */
export function cartesianLine(ik: IkSolver, start: Float64Array, target: Float64Array): Planned<CartesianLine> {
  const n = ik.robot.arm_joints;
  ik.chain.place(start);
  const from = ik.chain.tool.slice();
  const turn = relativeTurn(from, target);
  const travel_m = Math.hypot(target[9] - from[9], target[10] - from[10], target[11] - from[11]);
  const way_m = Math.max(travel_m, LENGTH_PER_RADIAN_M * Math.hypot(turn[0], turn[1], turn[2]));
  if (way_m < SHORTEST_M) return { ok: false, reason: 'the straight line has no length: the tool is there already' };
  const count = Math.max(5, Math.ceil(way_m / LINE_STEP_M) + 1);
  const knots = Float64Array.from({ length: count }, (_, i) => (way_m * i) / (count - 1));
  const values = new Float64Array(count * n);
  const pose = new Float64Array(12);
  let q = start.slice(0, n);
  values.set(q);
  for (let i = 1; i < count; i++) {
    poseAt(from, target, turn, i / (count - 1), pose);
    const solution = ik.solve(pose, q, null, 0);
    const at_mm = ((1000 * travel_m * i) / (count - 1)).toFixed(0);
    if (!solution.ok) return { ok: false, reason: `the straight line ends ${at_mm} mm on: ${solution.reason}` };
    if (distance(q, 0, solution.q, 0, n) > LINE_JUMP_RAD) {
      return { ok: false, reason: `the straight line passes a singular position ${at_mm} mm on` };
    }
    q = solution.q.slice();
    values.set(q, i * n);
  }
  return { ok: true, value: { spline: new CubicSpline(knots, values, n), start: values.slice(0, n), end: q } };
}

/** The pose `travel` (root frame, m) away at the same orientation. */
export function movedPose(from: Float64Array, travel: readonly [number, number, number]): Float64Array {
  const out = from.slice(0, 12);
  for (let k = 0; k < 3; k++) out[9 + k] += travel[k];
  return out;
}

/** Points of a line dense enough to be checked and travelled as a polyline: neighbours at most `step_rad` apart. */
export function linePoints(line: CartesianLine, step_rad: number): Float64Array[] {
  const { spline, start } = line;
  const n = start.length;
  const state = new Float64Array(4 * n);
  const pieces = Math.max(2, Math.ceil((1.2 * distance(start, 0, line.end, 0, n)) / step_rad), spline.knots.length - 1);
  return Array.from({ length: pieces + 1 }, (_, i) => {
    spline.evaluate((spline.end * i) / pieces, state);
    return state.slice(0, n);
  });
}

/** Rotation vector, in axes of `from`, that brings its rotation to the target's. */
function relativeTurn(from: Float64Array, target: Float64Array): Float64Array {
  const relative = new Float64Array(9);
  const transposed = Float64Array.from({ length: 9 }, (_, i) => from[3 * (i % 3) + Math.floor(i / 3)]);
  multiplyMatrices(transposed, 0, target, 0, relative, 0);
  const turn = new Float64Array(3);
  rotationLog(relative, 0, turn);
  return turn;
}

function poseAt(from: Float64Array, target: Float64Array, turn: Float64Array, part: number, out: Float64Array): void {
  const step = new Float64Array(9);
  rotationExp(part * turn[0], part * turn[1], part * turn[2], step);
  multiplyMatrices(from, 0, step, 0, out, 0);
  for (let k = 9; k < 12; k++) out[k] = from[k] + part * (target[k] - from[k]);
}

/** Way that a turn of 1 rad counts as at least (m). */
const LENGTH_PER_RADIAN_M = 0.2;
const SHORTEST_M = 1e-9;
/** Distance between the knots of a line (m), and the joint step between two of them that counts as a jump (rad). */
const LINE_STEP_M = 0.012;
const LINE_JUMP_RAD = 0.25;
