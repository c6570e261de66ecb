import type { Rng } from '../../contracts/index.ts';
import { multiplyMatrices, quaternionToMatrix, rotationExp } from '../../dynamics/index.ts';

/** Writes a pose (rotation row-major 9 and position 3) of any rotation, evenly, and a position in a cube about zero (m). */
export function randomPose(rng: Rng, spread_m: number, out: Float64Array, at: number): void {
  const q = [0, 1, 2, 3].map(() => rng.normal());
  const length = Math.hypot(...q);
  quaternionToMatrix([q[0] / length, q[1] / length, q[2] / length, q[3] / length], 0, out, at);
  for (let k = 0; k < 3; k++) out[at + 9 + k] = rng.range(-spread_m, spread_m);
}

/** A pose within a metre of zero. */
export function drawnPose(rng: Rng): Float64Array {
  const T = new Float64Array(12);
  rotationExp(rng.range(-2, 2), rng.range(-2, 2), rng.range(-2, 2), T, 0);
  for (let k = 9; k < 12; k++) T[k] = rng.range(-1, 1);
  return T;
}

/** A pose shifted by the first 3 numbers (m) and turned by the rotation vector of the last (rad), both of the world. */
export function moved(T: Float64Array, by: Float64Array): Float64Array {
  const out = new Float64Array(12);
  const R = new Float64Array(9);
  rotationExp(by[3], by[4], by[5], R, 0);
  multiplyMatrices(R, 0, T, 0, out, 0);
  for (let k = 0; k < 3; k++) out[9 + k] = T[9 + k] + by[k];
  return out;
}
