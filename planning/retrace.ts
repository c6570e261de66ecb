import type { JointTrajectory } from '../contracts/index.ts';
import { distance } from './configuration_space.ts';
import type { MotionPlanner } from './motion_planner.ts';

/** Least distance between the points that a way back is timed by (rad). */
const POINT_RAD = 0.004;
/** Ways back begin so far apart, up to so far from where the arm is (rad). */
const STEP_RAD = 0.006;
const FURTHEST_RAD = 0.06;
const SPEED_M_S = 0.25;

/**
 * Trajectories from rest on the way of one that was broken off back to its start, for a controller that takes the one that
 * begins where it has brought the arm to rest: from the point nearest to `q`, then from points ever farther from it.
 * @param position  of the trajectory, row-major
 */
export function* retracings(
  motion: MotionPlanner,
  position: Float64Array,
  q: Float64Array,
): Generator<JointTrajectory> {
  const n = q.length;
  const apart = (row: number): number => distance(position, row * n, q, 0, n);
  let nearest = 0;
  for (let row = 1; row < position.length / n; row++) if (apart(row) < apart(nearest)) nearest = row;
  const away = (row: number): number => distance(position, row * n, position, nearest * n, n);
  const onward = spaced(position, n, nearest, 1);
  const back = spaced(position, n, nearest, -1);
  for (const row of [nearest, ...onward, ...back].sort((a, b) => away(a) - away(b))) {
    const path = pathBack(position, n, row);
    if (path.length > 1) yield motion.sample(motion.timeJointPath(path, SPEED_M_S));
  }
}

/** Rows after `from` in one direction, STEP_RAD apart, none farther than FURTHEST_RAD. */
function spaced(position: Float64Array, n: number, from: number, direction: 1 | -1): number[] {
  const rows: number[] = [];
  let last = from;
  for (let row = from + direction; row >= 0 && row < position.length / n; row += direction) {
    if (distance(position, row * n, position, from * n, n) > FURTHEST_RAD) break;
    if (distance(position, row * n, position, last * n, n) < STEP_RAD) continue;
    rows.push(row);
    last = row;
  }
  return rows;
}

function pathBack(position: Float64Array, n: number, from: number): Float64Array[] {
  const path = [position.slice(from * n, (from + 1) * n)];
  for (let row = from - 1; row > 0; row--) {
    const far = distance(position, row * n, path[path.length - 1], 0, n) >= POINT_RAD;
    if (far && distance(position, row * n, position, 0, n) >= POINT_RAD)
      path.push(position.slice(row * n, (row + 1) * n));
  }
  if (from > 0 && distance(path[path.length - 1], 0, position, 0, n) > 1e-9) path.push(position.slice(0, n));
  return path;
}
