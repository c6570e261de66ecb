import type { ConvexMesh, Shape } from '../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../dynamics/index.ts';
import type { Robot } from '../robots/index.ts';
import { type ContactPair, holdPerNewton, type Pads } from './grasps/index.ts';
import { shapeHeight, type TableObject } from './table_objects.ts';

/** A way to take an object between the fingers from above. */
export interface Grasp {
  /** Pose of the tool frame with the object between the fingers, frame world: rotation row-major 9, position 3 (m). */
  readonly tool_pose: Float64Array;
  /** Object's pose in the tool frame once the fingers have closed, same layout. */
  readonly T_tool_object: Float64Array;
  /** Direction of the hand's y axis (along which the fingers close) in the table's plane (rad). */
  readonly closing_yaw_rad: number;
  /** Distance between the fingers when they hold the object (m). */
  readonly width_m: number;
  /** Height of the tool's origin over the preferred one (m): more room for the hand over neighbours, less grip. */
  readonly raised_m: number;
  /** Distance of the hand's middle from the object's along its sides (m). */
  readonly shift_m: number;
  /** Angle between the tool's z axis and straight down (rad). */
  readonly tilt_rad: number;
  /** Weight held in the least favourable direction for each newton of grip, see holdPerNewton. */
  readonly hold: number;
}

export interface GraspOptions {
  /** Least distance of the fingertips from the table (m). */
  readonly table_clearance_m?: number;
  /** Room wanted on both sides of the object between the open fingers (m). */
  readonly side_clearance_m?: number;
  /** Directions tried round a cylinder, half a turn. */
  readonly cylinder_yaws?: number;
  /** How far the tool's origin stays below the object's top at least (m), so that the pads cover enough of it. */
  readonly pad_cover_m?: number;
  /** Distances of the hand's middle from the object's along a box's sides, in the order they are liked (m). */
  readonly shifts_m?: readonly number[];
  readonly pads?: Pads;
}

/** Pads of rubber on dry things, cautiously. */
export const USUAL_PADS: Pads = { friction: 0.5, radius_m: 0.009 };

/** How far the fingers reach beyond the tool frame's origin along its z axis (m), from their collision shapes. */
export function fingertipReach(robot: Robot): number {
  const { model, gripper } = robot;
  const data = new RobotData(model);
  forwardKinematics(model, data, robot.home_q);
  const tool = new Float64Array(12);
  framePose(model, data, frameIndex(model, robot.tcp_frame), tool);
  let reach = 0;
  for (const part of model.collision) {
    if (gripper === null || part.body < 0 || model.coordinate[part.body] !== gripper.coordinate) continue;
    const B = data.R.subarray(9 * part.body, 9 * part.body + 9);
    const p = data.p.subarray(3 * part.body, 3 * part.body + 3);
    // tool z axis in the body's frame, then in the shape's
    const z = [0, 1, 2].map((c) => B[c] * tool[2] + B[3 + c] * tool[5] + B[6 + c] * tool[8]);
    const local = [0, 1, 2].map((c) => part.R[c] * z[0] + part.R[3 + c] * z[1] + part.R[6 + c] * z[2]);
    const centre = z[0] * part.p[0] + z[1] * part.p[1] + z[2] * part.p[2];
    const origin = tool[2] * (p[0] - tool[9]) + tool[5] * (p[1] - tool[10]) + tool[8] * (p[2] - tool[11]);
    reach = Math.max(reach, origin + centre + extent(part.shape, local));
  }
  return reach;
}

/** How far a shape reaches from its centre along a unit vector of its frame (m). */
function extent(shape: Shape | ConvexMesh, u: readonly number[]): number {
  if (shape.type === 'mesh') {
    let most = -Infinity;
    const { vertices: v } = shape;
    for (let i = 0; i < v.length; i += 3) most = Math.max(most, v[i] * u[0] + v[i + 1] * u[1] + v[i + 2] * u[2]);
    return most + shape.short_m;
  }
  if (shape.type === 'sphere') return shape.radius;
  if (shape.type === 'cylinder') return shape.radius * Math.hypot(u[0], u[1]) + (shape.length / 2) * Math.abs(u[2]);
  return shape.size.reduce((sum, size, k) => sum + (size / 2) * Math.abs(u[k]), 0);
}

/**
 * Grasps from above with the tool's z axis down: a box across both of its horizontal edge pairs, a cylinder from evenly
 * spread directions, each with the hand either way round. The tool's origin comes to the height of the object's middle,
 * or higher if the fingertips would come too near to the table; then again as high as the pads still hold.
 * @param tip_reach_m  see fingertipReach
 */
export function graspsFromAbove(
  object: TableObject,
  max_width_m: number,
  tip_reach_m: number,
  table_top_m: number,
  options: GraspOptions = {},
): Grasp[] {
  const { shape } = object;
  const { table_clearance_m = 0.006, side_clearance_m = 0.006, cylinder_yaws = 12, pad_cover_m = 0.009 } = options;
  const shifts = shape.type === 'box' ? (options.shifts_m ?? [0]) : [0];
  const { position, yaw_rad } = object;
  const height = shapeHeight(shape);
  const z = Math.max(table_top_m + height / 2, table_top_m + tip_reach_m + table_clearance_m);
  const high = table_top_m + height - pad_cover_m;
  const directions: { yaw: number; width: number }[] = [];
  if (shape.type === 'box') {
    directions.push({ yaw: yaw_rad, width: shape.size[0] }, { yaw: yaw_rad + Math.PI / 2, width: shape.size[1] });
  } else {
    for (let k = 0; k < cylinder_yaws; k++)
      directions.push({ yaw: (k * Math.PI) / cylinder_yaws, width: 2 * shape.radius });
  }
  const grasps: Grasp[] = [];
  for (const { yaw, width } of directions) {
    if (width + 2 * side_clearance_m > max_width_m) continue;
    for (const closing of [yaw, yaw + Math.PI]) {
      for (const raised_m of high > z + 0.002 ? [0, high - z] : [0]) {
        for (const shift_m of shifts) {
          const tool_z = z + raised_m;
          const tool_pose = toolDown(closing, position[0], position[1], tool_z);
          const T_tool_object = objectInTool(closing, yaw_rad, tool_z - (table_top_m + height / 2));
          if (shift_m !== 0) {
            tool_pose[9] += shift_m * tool_pose[0];
            tool_pose[10] += shift_m * tool_pose[3];
            T_tool_object[9] -= shift_m;
          }
          const lever_m = Math.hypot(shift_m, tool_z - (table_top_m + height / 2));
          const hold = squareHold(width, lever_m, options.pads ?? USUAL_PADS);
          grasps.push({
            ...{ tool_pose, T_tool_object, closing_yaw_rad: closing, width_m: width },
            ...{ raised_m, shift_m, tilt_rad: 0, hold },
          });
        }
      }
    }
  }
  return grasps;
}

/** Hold of a pair that presses squarely, `lever_m` beside the middle of the object. */
function squareHold(width_m: number, lever_m: number, pads: Pads): number {
  const pair: ContactPair = {
    ...{ a: [-width_m / 2, 0, 0], b: [width_m / 2, 0, 0] },
    ...{ normal_a: [-1, 0, 0], normal_b: [1, 0, 0] },
  };
  return holdPerNewton(pair, [0, 0, lever_m], pads);
}

/** Tool pose with z down and y at `closing_yaw_rad` in the plane: rotation row-major 9 and position 3. */
export function toolDown(closing_yaw_rad: number, x: number, y: number, z: number): Float64Array {
  const c = Math.cos(closing_yaw_rad);
  const s = Math.sin(closing_yaw_rad);
  // columns: x = y × z = (−s, c, 0) turned by the hand's flip, y = (c, s, 0), z = (0, 0, −1)
  return Float64Array.of(-s, c, 0, c, s, 0, 0, 0, -1, x, y, z);
}

/** Pose in the tool frame of an upright object centred between the fingers, `below` the tool's origin (m). */
function objectInTool(closing_yaw_rad: number, object_yaw_rad: number, below: number): Float64Array {
  const tool = toolDown(closing_yaw_rad, 0, 0, 0);
  const c = Math.cos(object_yaw_rad);
  const s = Math.sin(object_yaw_rad);
  const object = [c, -s, 0, s, c, 0, 0, 0, 1];
  const out = new Float64Array(12);
  for (let r = 0; r < 3; r++) {
    for (let k = 0; k < 3; k++) {
      out[3 * r + k] = tool[r] * object[k] + tool[3 + r] * object[3 + k] + tool[6 + r] * object[6 + k];
    }
  }
  out[11] = below;
  return out;
}
