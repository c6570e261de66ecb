import type { RobotModel } from '../../dynamics/index.ts';
import { greatestStroke, type LinkCapsules } from './link_capsules.ts';

/** Joints on the way from one body to another, seen from the first as if it stood still, and how far each moves the second. */
export interface MotionPath {
  /** Body that is taken to stand still, −1 for the base; body whose capsules move. */
  readonly fixed: number;
  readonly moving: number;
  /** Coordinate and absolute multiplier of every joint on the way, in order. */
  readonly coordinate: Int32Array;
  readonly multiplier: Float64Array;
  /** Farthest that a point of the moving capsules' axes can be from each joint's axis (m); at least 1 for prismatic joints. */
  readonly reach: Float64Array;
}

/**
 * The path from `fixed` to `moving`, for bounds of relative motion. A change of the joint values by δ moves no point of an
 * axis farther than Σ reach_i |δ_i|, and since ∂²x/∂q_i∂q_j is at most the reach of the one farther along, the second
 * differences of a point along a motion are at most Σ reach_i |Δ²q_i| + Σ_ij reach_max(i,j) |Δq_i| |Δq_j|.
 */
export function motionPath(model: RobotModel, capsules: LinkCapsules, fixed: number, moving: number): MotionPath {
  const up: number[] = [];
  const down: number[] = [];
  let a = fixed;
  let b = moving;
  while (a !== b) {
    if (a > b) {
      up.push(a);
      a = model.parent[a];
    } else {
      down.unshift(b);
      b = model.parent[b];
    }
  }
  const path = [...up, ...down];
  const reach = new Float64Array(path.length);
  let farther = 0;
  for (let i = path.length - 1; i >= 0; i--) {
    const body = path[i];
    const axis = axisAfter(model, path, up.length, i);
    let across = 0;
    let length = 0;
    for (const point of i === path.length - 1
      ? farPoints(model, capsules, path, up.length, moving)
      : [offsetAfter(model, path, up.length, i)]) {
      across = Math.max(across, distanceToAxis(point, axis));
      length = Math.max(length, Math.hypot(point[0], point[1], point[2]));
    }
    const prismatic = model.joint_type[body] === 1;
    reach[i] = prismatic ? Math.max(1, length + farther) : across + farther;
    farther += length + (prismatic ? greatestStroke(model, body) : 0);
  }
  return {
    fixed,
    moving,
    coordinate: Int32Array.from(path, (body) => model.coordinate[body]),
    multiplier: Float64Array.from(path, (body) => Math.abs(model.multiplier[body])),
    reach,
  };
}

/** Axis of joint i of the path in the frame that moves with it, seen from the path's start. */
function axisAfter(model: RobotModel, path: readonly number[], up: number, i: number): number[] {
  const body = path[i];
  const axis = [...model.axis.subarray(3 * body, 3 * body + 3)];
  return i < up ? turned(model, body, axis) : axis;
}

/** From joint i to the next of the path, in the frame that moves with joint i. */
function offsetAfter(model: RobotModel, path: readonly number[], up: number, i: number): number[] {
  const at = (body: number): number[] => [...model.tree_p.subarray(3 * body, 3 * body + 3)];
  const here = i < up ? at(path[i]) : [0, 0, 0];
  const next = i + 1 < up ? [0, 0, 0] : at(path[i + 1]);
  return next.map((value, k) => value - here[k]);
}

/** Ends of the moving capsules from the last joint of the path, in the frame that moves with it. */
function farPoints(
  model: RobotModel,
  capsules: LinkCapsules,
  path: readonly number[],
  up: number,
  moving: number,
): number[][] {
  const last = path[path.length - 1];
  const origin = path.length === up ? [...model.tree_p.subarray(3 * last, 3 * last + 3)] : [0, 0, 0];
  const points: number[][] = [];
  for (let c = 0; c < capsules.count; c++) {
    if (capsules.body[c] !== moving) continue;
    for (const e of [6 * c, 6 * c + 3]) points.push(origin.map((value, k) => capsules.ends[e + k] - value));
  }
  return points;
}

function turned(model: RobotModel, body: number, x: readonly number[]): number[] {
  const R = model.tree_R.subarray(9 * body, 9 * body + 9);
  return [0, 1, 2].map((r) => R[3 * r] * x[0] + R[3 * r + 1] * x[1] + R[3 * r + 2] * x[2]);
}

function distanceToAxis(x: readonly number[], axis: readonly number[]): number {
  const along = x[0] * axis[0] + x[1] * axis[1] + x[2] * axis[2];
  return Math.sqrt(Math.max(0, x[0] * x[0] + x[1] * x[1] + x[2] * x[2] - along * along));
}
