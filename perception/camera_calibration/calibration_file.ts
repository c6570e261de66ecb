import { z } from 'zod';
import { CAMERAS, type CameraInfo, type CameraName, InputError } from '../../contracts/index.ts';
import type { CameraEstimate } from './camera_estimate.ts';
import type { Mounting } from './hand_eye_reprojection.ts';
import { cameraMatrix } from './lens_model.ts';
import { compose, distance, fromMatrix, type RigidTransform, toMatrix } from './rigid_transform.ts';

export const CALIBRATION_FORMAT = 'surepick/camera-calibration';

const numbers = (length: number) => z.array(z.number()).length(length).readonly();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal');

const calibratedCamera = z.object({
  name: z.custom<CameraName>(
    (name) => typeof name === 'string' && Object.hasOwn(CAMERAS, name),
    `one of ${Object.keys(CAMERAS).join(', ')}`,
  ),
  mounting: z.enum(['eye_to_hand', 'eye_in_hand']),
  /** What was looked at: a printed target, or the arm and the table while the arm moved. */
  method: z.enum(['target', 'motion']),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** Row-major 3×3, pixels; k1, k2, p1, p2, k3 of the plumb-bob model. */
  K: numbers(9),
  D: numbers(5),
  /** Of fx, fy, cx, cy (pixels), k1, k2, p1, p2, k3; row-major 9×9. */
  intrinsics_covariance: numbers(81),
  /** T_world_camera_optical of a camera that stands, T_hand_camera of one on the hand; row-major 4×4, m. */
  T_mount_camera: numbers(16),
  /** Rotation vector about the mount's axes (rad), then position (m); row-major 6×6. */
  pose_covariance: numbers(36),
  /** How much more each encoder reads than its joint has turned, rad, as far as this camera tells. */
  encoder_offset_rad: z.array(z.number()).readonly(),
  residuals: z.object({
    kind: z.enum(['pixels', 'metres']),
    rms: z.number().nonnegative(),
    views: z.array(z.number().nonnegative()).readonly(),
  }),
  pictures: z.object({ taken: z.number().int(), used: z.number().int(), sha256 }),
});

/** What was measured of a cell's cameras, as a file. */
export const calibrationFile = z.object({
  format: z.literal(CALIBRATION_FORMAT),
  version: z.literal(1),
  robot: z.string(),
  /** When, as who calibrated says: RFC 3339. */
  date: z.iso.datetime({ offset: true }),
  cameras: z.array(calibratedCamera).min(1).readonly(),
});
export type CalibrationFile = Readonly<z.infer<typeof calibrationFile>>;
export type CalibratedCamera = CalibrationFile['cameras'][number];

/** Largest part of a rotation matrix's product with itself that is not 1, for rounding in the file. */
const ORTHONORMAL = 1e-6;
/** How far a calibration may be from what a camera is said to be before it is another camera's. */
const OTHER = { focal_share: 0.1, centre_share: 0.1, position_m: 0.05, rotation_rad: 0.1 } as const;
const REMEDY = 'calibrate this one: surepick calibrate cameras';

/**
 * A calibration from its text.
 * @throws InputError naming the field, for what is no calibration or has poses that are none
 */
export function parseCalibration(text: string, file: string): CalibrationFile {
  const parsed = calibrationFile.safeParse(parseJson(text, file));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new InputError(
      `${file}: ${path.join('.') || 'calibration'}: ${message}`,
      'a file that `surepick calibrate` wrote',
    );
  }
  for (const camera of parsed.data.cameras) checkCamera(camera, file);
  const names = parsed.data.cameras.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw new InputError(`${file}: cameras ${names.join(', ')}`, 'each camera once');
  return parsed.data;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: ${error instanceof Error ? error.message : String(error)}`, 'JSON');
  }
}

function checkCamera({ name, K, T_mount_camera: T, ...covariances }: CalibratedCamera, file: string): void {
  const where = `${file}: camera ${name}`;
  for (const [what, size] of [
    ['intrinsics_covariance', 9],
    ['pose_covariance', 6],
  ] as const) {
    const least = Math.min(...covariances[what].filter((_, k) => k % (size + 1) === 0));
    if (least < 0) throw new InputError(`${where}: ${what} with a variance of ${least}`, 'at least 0');
  }
  if (!(K[0] > 0 && K[4] > 0 && K[1] === 0 && K[3] === 0 && K[6] === 0 && K[7] === 0 && K[8] === 1)) {
    throw new InputError(`${where}: K ${K.join(', ')}`, 'fx 0 cx, 0 fy cy, 0 0 1 with positive focal lengths');
  }
  const R = fromMatrix(T);
  let worst = 0;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const dot = R[3 * i] * R[3 * j] + R[3 * i + 1] * R[3 * j + 1] + R[3 * i + 2] * R[3 * j + 2];
      worst = Math.max(worst, Math.abs(dot - (i === j ? 1 : 0)));
    }
  }
  const turn =
    R[0] * (R[4] * R[8] - R[5] * R[7]) - R[1] * (R[3] * R[8] - R[5] * R[6]) + R[2] * (R[3] * R[7] - R[4] * R[6]);
  const last = [0, 0, 0, 1].every((value, k) => T[12 + k] === value);
  if (!(worst < ORTHONORMAL) || !(turn > 0) || !last) {
    throw new InputError(
      `${where}: T_mount_camera`,
      'a rotation and a translation, row-major 4×4 with a last row of 0 0 0 1',
    );
  }
}

/** How a calibration came about, beside what it says. */
export interface CalibrationOrigin {
  readonly name: CalibratedCamera['name'];
  readonly mounting: Mounting;
  readonly method: CalibratedCamera['method'];
  readonly width: number;
  readonly height: number;
  readonly pictures: CalibratedCamera['pictures'];
}

/** An estimate as the file has it. */
export function calibratedCameraOf(origin: CalibrationOrigin, estimate: CameraEstimate): CalibratedCamera {
  return {
    ...origin,
    ...cameraMatrix(estimate.intrinsics),
    intrinsics_covariance: [...estimate.intrinsics_covariance],
    T_mount_camera: toMatrix(estimate.T_mount_camera),
    pose_covariance: [...estimate.pose_covariance],
    encoder_offset_rad: [...estimate.encoder_offset_rad],
    residuals: { ...estimate.residuals, views: [...estimate.residuals.views] },
  };
}

/** T_mount_camera of a calibrated camera. */
export function mountOf(camera: CalibratedCamera): RigidTransform {
  return fromMatrix(camera.T_mount_camera);
}

/**
 * What a robot believes of its cameras with a calibration loaded: infos of calibrated cameras get its lens and pose, those
 * of others stay.
 */
export class CalibratedCameras {
  private readonly cameras: ReadonlyMap<string, CalibratedCamera>;
  private readonly where: string;
  private readonly checked = new Set<string>();

  /** @param where  the file, for messages */
  constructor(file: CalibrationFile, where = 'calibration') {
    this.cameras = new Map(file.cameras.map((camera) => [camera.name, camera]));
    this.where = where;
  }

  /** Whether this camera was calibrated. */
  has(camera: string): boolean {
    return this.cameras.has(camera);
  }

  /**
   * @param T_world_hand  where the hand was at the exposure, row-major 4×4; null where it is not known, which a camera on
   * the hand needs
   * @throws InputError where the calibration is another camera's: of another size, with another lens, or elsewhere
   */
  apply(info: CameraInfo, T_world_hand: readonly number[] | null): CameraInfo {
    const camera = this.cameras.get(info.name);
    if (camera === undefined) return info;
    const T_world_camera_optical = this.pose(camera, T_world_hand);
    if (!this.checked.has(info.name)) {
      this.check(camera, info, T_world_camera_optical);
      this.checked.add(info.name);
    }
    return { ...info, K: camera.K, D: camera.D, T_world_camera_optical };
  }

  private check(camera: CalibratedCamera, info: CameraInfo, T: readonly number[]): void {
    const { name, width, height, K } = camera;
    const where = `${this.where}: camera ${name}`;
    if (width !== info.width || height !== info.height) {
      throw new InputError(
        `${where} of ${width}×${height} pixels`,
        `${info.width}×${info.height}, as its pictures are; ${REMEDY}`,
      );
    }
    const focal = K[0] / info.K[0] - 1;
    if (!(Math.abs(focal) <= OTHER.focal_share)) {
      const allowed = `${info.K[0].toFixed(1)} within ${100 * OTHER.focal_share} %; it is another lens's, ${REMEDY}`;
      throw new InputError(`${where}: focal length of ${K[0].toFixed(1)} pixels`, allowed);
    }
    const centre = Math.hypot(K[2] - info.K[2], K[5] - info.K[5]);
    if (!(centre <= OTHER.centre_share * width)) {
      const allowed = `(${info.K[2].toFixed(1)}, ${info.K[5].toFixed(1)}) within ${OTHER.centre_share * width} pixels`;
      const value = `(${K[2].toFixed(1)}, ${K[5].toFixed(1)})`;
      throw new InputError(`${where}: principal point ${value}`, `${allowed}; it is another lens's, ${REMEDY}`);
    }
    const { position_m, rotation_rad } = distance(fromMatrix(T), fromMatrix(info.T_world_camera_optical));
    if (!(position_m <= OTHER.position_m) || !(rotation_rad <= OTHER.rotation_rad)) {
      throw new InputError(
        `${where}: ${(1000 * position_m).toFixed(0)} mm and ${rotation_rad.toFixed(2)} rad from where it is said to be`,
        `at most ${1000 * OTHER.position_m} mm and ${OTHER.rotation_rad} rad; it is of another cell, ${REMEDY}`,
      );
    }
  }

  private pose(camera: CalibratedCamera, T_world_hand: readonly number[] | null): readonly number[] {
    if (camera.mounting === 'eye_to_hand') return camera.T_mount_camera;
    if (T_world_hand === null) throw new InputError(`pose of camera '${camera.name}'`, 'the pose of the hand it is on');
    return toMatrix(compose(fromMatrix(T_world_hand), mountOf(camera)));
  }
}
