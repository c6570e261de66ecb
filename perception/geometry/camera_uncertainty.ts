import type { CameraModel } from '../camera_model.ts';

/** How far a camera may be from what its info says, as standard deviations. A property of its calibration. */
export interface CameraUncertainty {
  /** Of its place, along each axis (m). */
  readonly position_m: number;
  /** Of its orientation, about each axis (rad). */
  readonly rotation_rad: number;
  /** Of its focal length, as a share. */
  readonly focal_share: number;
  /** Of its principal point, along each axis (pixels). */
  readonly principal_point_px: number;
}

/** A camera mounted to a drawing and used with its data sheet's intrinsics: within 3 mm, 4 mrad, 1 % and 2 pixels. */
export const AS_PUT_UP: CameraUncertainty = {
  position_m: 0.003 / Math.sqrt(3),
  rotation_rad: 0.004 / Math.sqrt(3),
  focal_share: 0.01 / Math.sqrt(3),
  principal_point_px: 2 / Math.sqrt(3),
};

/** What a calibration from the robot's own motion leaves (stack/calibration): half a millimetre, 0.03°, both as medians. */
export const CALIBRATED_CAMERA: CameraUncertainty = {
  position_m: 0.33e-3,
  rotation_rad: 0.35e-3,
  focal_share: 0.5e-3,
  principal_point_px: 0.2,
};

/** A camera whose errors are too small to matter. */
export const EXACT_CAMERA: CameraUncertainty = {
  position_m: 0,
  rotation_rad: 0,
  focal_share: 0,
  principal_point_px: 0,
};

/** Errors of a camera: position (3) and rotation vector (3) in its own frame, focal share, principal point (2). */
export const CAMERA_ERRORS = 9;

/** Covariance of the nine errors, row-major 9×9. */
export function cameraCovariance(u: CameraUncertainty): Float64Array {
  const P = new Float64Array(CAMERA_ERRORS * CAMERA_ERRORS);
  const sigmas = [u.position_m, u.rotation_rad];
  for (let k = 0; k < 6; k++) P[10 * k] = sigmas[k < 3 ? 0 : 1] ** 2;
  P[60] = u.focal_share ** 2;
  P[70] = P[80] = u.principal_point_px ** 2;
  return P;
}

/**
 * How the image of a world point moves (pixels) when the camera has each of the nine errors; the coordinates are those of
 * the pixels, so the focal length and the principal point move it too.
 * @param out  row-major 2×9
 */
export function imageSlopes(camera: CameraModel, X: number, Y: number, Z: number, out: Float64Array): void {
  const { T, fx, fy } = camera;
  const dx = X - T[3];
  const dy = Y - T[7];
  const dz = Z - T[11];
  const qx = T[0] * dx + T[4] * dy + T[8] * dz;
  const qy = T[1] * dx + T[5] * dy + T[9] * dz;
  const qz = T[2] * dx + T[6] * dy + T[10] * dz;
  const x = qx / qz;
  const y = qy / qz;
  // a point moves by −position − rotation × q in the frame of a camera that moves
  out[0] = -fx / qz;
  out[1] = 0;
  out[2] = (fx * x) / qz;
  out[3] = fx * x * y;
  out[4] = -fx * (1 + x * x);
  out[5] = fx * y;
  out[6] = fx * x;
  out[7] = 1;
  out[8] = 0;
  out[9] = 0;
  out[10] = -fy / qz;
  out[11] = (fy * y) / qz;
  out[12] = fy * (1 + y * y);
  out[13] = -fy * x * y;
  out[14] = -fy * x;
  out[15] = fy * y;
  out[16] = 0;
  out[17] = 1;
}

/**
 * How what a pixel's depth says of the world moves (m, frame world) when the camera has each of the nine errors.
 * @param normal  direction along which the move is taken; any length
 * @param out  nine values
 */
export function rayShifts(
  camera: CameraModel,
  x: number,
  y: number,
  depth: number,
  normal: Float64Array,
  out: Float64Array,
): void {
  const { T, fx, fy } = camera;
  const nx = T[0] * normal[0] + T[4] * normal[1] + T[8] * normal[2];
  const ny = T[1] * normal[0] + T[5] * normal[1] + T[9] * normal[2];
  const nz = T[2] * normal[0] + T[6] * normal[1] + T[10] * normal[2];
  out[0] = nx;
  out[1] = ny;
  out[2] = nz;
  out[3] = depth * (y * nz - ny);
  out[4] = depth * (nx - x * nz);
  out[5] = depth * (x * ny - y * nx);
  out[6] = -depth * (nx * x + ny * y);
  out[7] = (-depth * nx) / fx;
  out[8] = (-depth * ny) / fy;
}
