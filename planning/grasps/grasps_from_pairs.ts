import type { Vector3 } from '../../contracts/index.ts';
import type { Grasp } from '../grasp.ts';
import { compose, inverse } from '../view_poses.ts';
import type { ContactPair } from './contact_pair.ts';
import { pairMiddle, pairWidth } from './contact_pair.ts';
import { handPoses } from './hand_poses.ts';
import { holdPerNewton, type Pads } from './hold.ts';

export interface PairGraspOptions {
  readonly pads: Pads;
  /** The object's centre of mass in its frame (m). */
  readonly centre: Vector3;
  /** Room wanted on both sides of the object between the open fingers (m), and how wide they open. */
  readonly side_clearance_m: number;
  readonly max_width_m: number;
  /** Turns of the hand about the line it closes on, from as near to straight down as that line allows (rad). */
  readonly turns_rad: readonly number[];
  /** Steepest and flattest the hand may come, as angles between its z axis and straight down (rad). */
  readonly tilts_rad: readonly [number, number];
  /** Lowest height of the tool's origin (m, frame world). */
  readonly lowest_m: number;
}

/**
 * Ways to take an object by pairs of contacts.
 * @param pairs  frame of the object
 * @param T_world_object  rotation row-major 9 and position 3 (m)
 * @returns those that hold, the one that holds most first
 */
export function graspsFromPairs(
  pairs: readonly ContactPair[],
  T_world_object: Float64Array,
  options: PairGraspOptions,
): Grasp[] {
  const { pads, centre, side_clearance_m, max_width_m, turns_rad, tilts_rad, lowest_m } = options;
  const grasps: Grasp[] = [];
  for (const pair of pairs) {
    const width_m = pairWidth(pair);
    const hold = holdPerNewton(pair, centre, pads);
    if (hold === 0 || width_m + 2 * side_clearance_m > max_width_m) continue;
    const middle = pairMiddle(pair);
    const shift_m = Math.hypot(middle[0] - centre[0], middle[1] - centre[1], middle[2] - centre[2]);
    for (const tool_pose of handPoses(inWorld(pair, T_world_object), DOWN, turns_rad)) {
      const tilt_rad = Math.acos(Math.max(-1, Math.min(1, -tool_pose[8])));
      if (tilt_rad < tilts_rad[0] || tilt_rad > tilts_rad[1] || tool_pose[11] < lowest_m) continue;
      const T_tool_object = compose(inverse(tool_pose), T_world_object);
      const closing_yaw_rad = Math.atan2(tool_pose[4], tool_pose[1]);
      grasps.push({ tool_pose, T_tool_object, closing_yaw_rad, width_m, raised_m: 0, shift_m, tilt_rad, hold });
    }
  }
  return grasps.sort((a, b) => b.hold - a.hold);
}

function inWorld(pair: ContactPair, T: Float64Array): ContactPair {
  const turned = (v: Vector3): Vector3 => [
    T[0] * v[0] + T[1] * v[1] + T[2] * v[2],
    T[3] * v[0] + T[4] * v[1] + T[5] * v[2],
    T[6] * v[0] + T[7] * v[1] + T[8] * v[2],
  ];
  const moved = (v: Vector3): Vector3 => {
    const [x, y, z] = turned(v);
    return [x + T[9], y + T[10], z + T[11]];
  };
  return { a: moved(pair.a), b: moved(pair.b), normal_a: turned(pair.normal_a), normal_b: turned(pair.normal_b) };
}

const DOWN: Vector3 = [0, 0, -1];
