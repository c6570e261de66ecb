import type { Vector3 } from '../../contracts/index.ts';

/**
 * A pinhole camera in the OpenCV and ROS convention: z forward, x right, y down; a pixel's centre has integer
 * coordinates, so the ray of pixel (u, v) is ((u − cx) / fx, (v − cy) / fy, 1) and a centred principal point is
 * ((width − 1) / 2, (height − 1) / 2).
 */
export interface PinholeCamera {
  /** Row-major 3×3, pixels. No skew. */
  readonly K: readonly number[];
  /** Row-major 4×4, m. */
  readonly T_world_camera_optical: readonly number[];
  /** Depths along the optical z axis within which surfaces are seen, m. */
  readonly near_m: number;
  readonly far_m: number;
}

/** K of square pixels and a centred principal point; the field of view spans the outer edges of the image. */
export function intrinsics(width: number, height: number, horizontal_fov_rad: number): number[] {
  const f = width / 2 / Math.tan(horizontal_fov_rad / 2);
  return [f, 0, (width - 1) / 2, 0, f, (height - 1) / 2, 0, 0, 1];
}

/** T_world_camera_optical of a camera at `eye` whose optical axis goes through `target`, with `up` upwards in the image. */
export function lookAt(eye: Vector3, target: Vector3, up: Vector3): number[] {
  const z = normalised([target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]]);
  const x = normalised(cross(z, up));
  const y = cross(z, x);
  return [x[0], y[0], z[0], eye[0], x[1], y[1], z[1], eye[1], x[2], y[2], z[2], eye[2], 0, 0, 0, 1];
}

/** World point (m) to pixel coordinates u, v and depth along the optical axis (m). u, v mean nothing at depth ≤ 0. */
export function project(camera: Pick<PinholeCamera, 'K' | 'T_world_camera_optical'>, point: Vector3): Vector3 {
  const { K, T_world_camera_optical: T } = camera;
  const dx = point[0] - T[3];
  const dy = point[1] - T[7];
  const dz = point[2] - T[11];
  const x = T[0] * dx + T[4] * dy + T[8] * dz;
  const y = T[1] * dx + T[5] * dy + T[9] * dz;
  const z = T[2] * dx + T[6] * dy + T[10] * dz;
  return [K[2] + (K[0] * x) / z, K[5] + (K[4] * y) / z, z];
}

/** Pixel coordinates and depth along the optical axis (m) to the world point (m). */
export function unproject(
  camera: Pick<PinholeCamera, 'K' | 'T_world_camera_optical'>,
  u: number,
  v: number,
  depth_m: number,
): Vector3 {
  const { K, T_world_camera_optical: T } = camera;
  const x = ((u - K[2]) / K[0]) * depth_m;
  const y = ((v - K[5]) / K[4]) * depth_m;
  return [
    T[0] * x + T[1] * y + T[2] * depth_m + T[3],
    T[4] * x + T[5] * y + T[6] * depth_m + T[7],
    T[8] * x + T[9] * y + T[10] * depth_m + T[11],
  ];
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function normalised(a: Vector3): Vector3 {
  const length = Math.hypot(a[0], a[1], a[2]);
  if (!(length > 0))
    throw new Error(`direction ${a.join(' ')} has no length; eye and target, or axis and up, coincide`);
  return [a[0] / length, a[1] / length, a[2] / length];
}
