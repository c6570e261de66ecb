import type { Rng } from '../../contracts/index.ts';
import {
  compose,
  createProjection,
  type Intrinsics,
  inverse,
  projectPoint,
  type RigidTransform,
  rotationFromVector,
  type TargetView,
} from '../../perception/camera_calibration/index.ts';

/** Corners of a flat grid, x and y two each (m), row by row, about its middle. */
export function gridPoints(columns: number, rows: number, pitch_m: number): Float64Array {
  const at = (i: number, k: number) =>
    k === 0 ? ((i % columns) - (columns - 1) / 2) * pitch_m : (Math.floor(i / columns) - (rows - 1) / 2) * pitch_m;
  return Float64Array.from({ length: 2 * columns * rows }, (_, j) => at(j >> 1, j & 1));
}

/** A transform from a rotation vector (rad) and a translation (m). */
export function rigid(turn: readonly number[], shift: readonly number[]): RigidTransform {
  const T = new Float64Array(12);
  rotationFromVector(turn[0], turn[1], turn[2], T);
  T.set(shift, 9);
  return T;
}

/** A lens of a 640×480 picture with all its coefficients. */
export function drawIntrinsics(rng: Rng): Intrinsics {
  const f = rng.range(450, 800);
  return Float64Array.of(
    f,
    f * rng.range(0.97, 1.03),
    319.5 + rng.range(-15, 15),
    239.5 + rng.range(-15, 15),
    rng.range(-0.2, 0.2),
    rng.range(-0.1, 0.1),
    rng.range(-0.004, 0.004),
    rng.range(-0.004, 0.004),
    rng.range(-0.05, 0.05),
  );
}

/** T_camera_target with the target before the camera, tilted by up to `tilt_rad` about any axis across. */
export function drawView(rng: Rng, tilt_rad: number, depth_m: readonly [number, number]): RigidTransform {
  const about = rng.range(-Math.PI, Math.PI);
  const tilt = tilt_rad * Math.sqrt(rng.uniform());
  const facing = compose(
    rigid([tilt * Math.cos(about), tilt * Math.sin(about), 0], [0, 0, 0]),
    rigid([0, 0, rng.range(-0.6, 0.6)], [0, 0, 0]),
  );
  const z = rng.range(...depth_m);
  facing.set([rng.range(-0.2, 0.2) * z, rng.range(-0.15, 0.15) * z, z], 9);
  return facing;
}

/** Pixels of a flat target's points, with noise (pixels), rounded to 32 bits as OpenCV takes them. */
export function see(
  f: Intrinsics,
  T_camera_target: RigidTransform,
  points_m: Float64Array,
  rng: Rng,
  sigma_px: number,
): TargetView {
  const projection = createProjection();
  const pixels = new Float64Array(points_m.length);
  for (let i = 0; i < points_m.length; i += 2) {
    const [x, y] = [points_m[i], points_m[i + 1]];
    const at = (r: number) => T_camera_target[3 * r] * x + T_camera_target[3 * r + 1] * y + T_camera_target[9 + r];
    projectPoint(f, at(0), at(1), at(2), projection);
    pixels[i] = Math.fround(projection.u + sigma_px * rng.normal());
    pixels[i + 1] = Math.fround(projection.v + sigma_px * rng.normal());
  }
  return { points_m: points_m.map(Math.fround), pixels };
}

/** Hand poses in the base around a place, turned about all axes, m and rad. */
export function drawHands(rng: Rng, count: number, turn_rad: number): RigidTransform[] {
  return Array.from({ length: count }, () =>
    rigid(
      [rng.range(-turn_rad, turn_rad), rng.range(-turn_rad, turn_rad), rng.range(-turn_rad, turn_rad)],
      [0.5 + rng.range(-0.2, 0.2), rng.range(-0.2, 0.2), 0.4 + rng.range(-0.15, 0.15)],
    ),
  );
}

export function drawRigid(rng: Rng, turn_rad: number, shift_m: number): RigidTransform {
  const three = (size: number) => [rng.range(-size, size), rng.range(-size, size), rng.range(-size, size)];
  return rigid(three(turn_rad), three(shift_m));
}

/** What a camera on the hand sees of a target in the base: T_camera_target = X⁻¹ T_base_hand⁻¹ Y. */
export function seenFromHand(X: RigidTransform, T_base_hand: RigidTransform, Y: RigidTransform): RigidTransform {
  return compose(inverse(compose(T_base_hand, X)), Y);
}
