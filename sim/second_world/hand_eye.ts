import { multiplyMatrices, rotationExp } from '../../dynamics/index.ts';
import type { CameraPerturbation } from '../sensors/index.ts';
import type { Effects } from './effects.ts';

export type Mount = Effects['hand_eye']['overview'];

/** A camera's perturbation with one of its mount before it: small, so that their position and rotation vectors add up. */
export function misplace(camera: CameraPerturbation, { position_m: p, rotation_rad: r }: Mount): CameraPerturbation {
  const [x, y, z, rx, ry, rz] = camera.pose_error;
  return { ...camera, pose_error: [x + p[0], y + p[1], z + p[2], rx + r[0], ry + r[1], rz + r[2]] };
}

/**
 * Where things are taken to be that a misplaced camera sees: T_world_told = T (T E)⁻¹, T where the camera is believed, E its
 * error. Rotation row-major 9 and position 3.
 * @param T_world_camera  row-major 4×4
 */
export function toldFrame(T_world_camera: readonly number[], { position_m: p, rotation_rad: r }: Mount): Float64Array {
  const T = T_world_camera;
  const R = Float64Array.of(T[0], T[1], T[2], T[4], T[5], T[6], T[8], T[9], T[10]);
  const back = new Float64Array(9);
  const half = new Float64Array(9);
  const out = new Float64Array(12);
  rotationExp(-r[0], -r[1], -r[2], back);
  multiplyMatrices(R, 0, back, 0, half, 0);
  // R (−r) Rᵀ
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      out[3 * i + j] = half[3 * i] * R[3 * j] + half[3 * i + 1] * R[3 * j + 1] + half[3 * i + 2] * R[3 * j + 2];
    }
  }
  for (let i = 0; i < 3; i++) {
    const turned = out[3 * i] * T[3] + out[3 * i + 1] * T[7] + out[3 * i + 2] * T[11];
    const shifted = half[3 * i] * p[0] + half[3 * i + 1] * p[1] + half[3 * i + 2] * p[2];
    out[9 + i] = T[4 * i + 3] - turned - shifted;
  }
  return out;
}
