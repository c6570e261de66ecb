import type { Pose, Vector3 } from '../contracts/index.ts';
import { matrixFromQuaternion, multiplyQuaternions, quaternionFromMatrix, rotate, type Source } from './rotation.ts';

/** T_a_c = T_a_b T_b_c. */
export function composePoses(T_a_b: Pose, T_b_c: Pose): Pose {
  const offset = rotate(matrixFromQuaternion(T_a_b.orientation), T_b_c.position);
  const position: Vector3 = [
    T_a_b.position[0] + offset[0],
    T_a_b.position[1] + offset[1],
    T_a_b.position[2] + offset[2],
  ];
  const orientation: [number, number, number, number] = [0, 0, 0, 1];
  multiplyQuaternions(T_a_b.orientation, 0, T_b_c.orientation, 0, orientation);
  return { position, orientation };
}

/** T_b_a of T_a_b. */
export function invertPose(T_a_b: Pose): Pose {
  const [x, y, z, w] = T_a_b.orientation;
  const orientation = [-x, -y, -z, w] as const;
  const [px, py, pz] = rotate(matrixFromQuaternion(orientation), T_a_b.position);
  return { position: [-px, -py, -pz], orientation };
}

/** A point given in b, seen in a. */
export function transformPoint(T_a_b: Pose, point: Vector3): Vector3 {
  const [x, y, z] = rotate(matrixFromQuaternion(T_a_b.orientation), point);
  return [x + T_a_b.position[0], y + T_a_b.position[1], z + T_a_b.position[2]];
}

/** Pose of twelve numbers: rotation row-major, then position (m); the layout of framePose. */
export function poseFrom12(values: Source): Pose {
  return { position: [values[9], values[10], values[11]], orientation: quaternionFromMatrix(values) };
}
