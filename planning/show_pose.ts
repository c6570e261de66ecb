import { HELD } from '../collision/index.ts';
import type { Pose, Rng, Vector3 } from '../contracts/index.ts';
import type { Grasp } from './grasp.ts';
import type { Planned } from './motion_planner.ts';
import type { PickMotions, PickScene, PickWay } from './pick_motions.ts';
import type { TableObject } from './table_objects.ts';
import { compose } from './view_poses.ts';
import type { CameraPlace } from './workcell.ts';

/** A held object before the camera, and the way there. */
export interface Show {
  readonly q: Float64Array;
  readonly path: readonly Float64Array[];
  /** Pose of the object's shape then, frame world. */
  readonly object_pose: Pose;
}

/** Distances from the camera (m), angles by which the side is turned up from the horizontal (rad) and shifts to the side (m). */
const DISTANCES_M = [0.28, 0.31, 0.34];
const SHIFTS_M = [0, 0.06, -0.06];
/** How far from facing the camera squarely the side may be shown (rad). */
const SLANTS_RAD = [0, 0.2, 0.35];

/** Direction, seen from above, in which the side of an object looks that faces most squarely against the camera's view (rad). */
export function facingYaw({ shape, yaw_rad }: TableObject, { axis }: CameraPlace): number {
  const against = Math.atan2(-axis[1], -axis[0]);
  if (shape.type !== 'box') return against;
  const quarter = Math.PI / 2;
  return yaw_rad + quarter * Math.round((against - yaw_rad) / quarter);
}

/** True if the fingers leave the side that looks along `facing_rad` free. */
export function leavesFree(grasp: Grasp, facing_rad: number): boolean {
  return Math.abs(Math.cos(grasp.closing_yaw_rad - facing_rad)) < 0.2;
}

/**
 * Where to hold an object so that the camera sees one of its sides squarely and near, and a free way there from the top
 * of the lift.
 * @param facing_rad  direction in which the side looked where the object stood
 */
export function planShow(
  motions: PickMotions,
  scene: PickScene,
  way: PickWay,
  facing_rad: number,
  camera: CameraPlace,
  rng: Rng,
): Planned<Show> {
  const { motion } = motions;
  const { grasp, line } = way;
  motions.hold(scene, grasp);
  for (const name of motion.workcell.supports) motion.world.allow(HELD, name, false);
  const elevation = Math.asin(-camera.axis[2]);
  let reason = 'no pose before the camera can be reached';
  for (const distance of DISTANCES_M) {
    for (const slant of SLANTS_RAD) {
      for (const [k, shift] of SHIFTS_M.entries()) {
        const at: Vector3 = [
          camera.position[0] + distance * camera.axis[0],
          camera.position[1] + distance * camera.axis[1] + shift,
          camera.position[2] + distance * camera.axis[2],
        ];
        const pose = toolAt(grasp, at, facing_rad, elevation - slant);
        const stream = rng.stream(`show/${distance}/${slant}/${k}`);
        const q = motions.reach(pose, line.top, stream);
        if (q === null) continue;
        const path = motion.jointPath(line.top, q, stream);
        if (!path.ok) {
          reason = path.reason;
          continue;
        }
        return { ok: true, value: { q, path: path.value, object_pose: toPose(compose(pose, grasp.T_tool_object)) } };
      }
    }
  }
  return { ok: false, reason: `show: ${reason}` };
}

/**
 * Tool pose with the object's centre at a point and the side that looked along `facing_rad` now looking along x, turned
 * up by `up_rad`: the pose of the grasp, turned about the vertical and then about −y.
 */
function toolAt(grasp: Grasp, at: Vector3, facing_rad: number, up_rad: number): Float64Array {
  const [c, s] = [Math.cos(facing_rad), Math.sin(facing_rad)];
  const [cu, su] = [Math.cos(up_rad), Math.sin(up_rad)];
  // rotation about −y by up times rotation about z by −facing
  const turn = Float64Array.of(cu * c, cu * s, -su, -s, c, 0, su * c, su * s, cu, 0, 0, 0);
  const pose = grasp.tool_pose.slice();
  pose.fill(0, 9);
  const turned = compose(turn, pose);
  const offset = compose(turned, grasp.T_tool_object);
  for (let k = 0; k < 3; k++) turned[9 + k] = at[k] - offset[9 + k];
  return turned;
}

function toPose(T: Float64Array): Pose {
  return { position: [T[9], T[10], T[11]], orientation: quaternionOf(T) };
}

/** Unit quaternion xyzw, w ≥ 0, of a rotation (Shepperd, 1978). */
function quaternionOf(R: Float64Array): [number, number, number, number] {
  const trace = R[0] + R[4] + R[8];
  const diagonal = [R[0], R[4], R[8]];
  const i = diagonal.indexOf(Math.max(...diagonal));
  const q: [number, number, number, number] = [0, 0, 0, 0];
  if (trace > diagonal[i]) {
    q[3] = (1 + trace) / 4;
    q[0] = (R[7] - R[5]) / 4;
    q[1] = (R[2] - R[6]) / 4;
    q[2] = (R[3] - R[1]) / 4;
  } else {
    const j = (i + 1) % 3;
    const k = (i + 2) % 3;
    q[i] = (1 + 2 * R[4 * i] - trace) / 4;
    q[j] = (R[3 * i + j] + R[3 * j + i]) / 4;
    q[k] = (R[3 * i + k] + R[3 * k + i]) / 4;
    q[3] = (R[3 * k + j] - R[3 * j + k]) / 4;
  }
  const scale = (q[3] < 0 ? -1 : 1) / Math.hypot(...q);
  return [q[0] * scale, q[1] * scale, q[2] * scale, q[3] * scale];
}
