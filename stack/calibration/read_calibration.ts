import { readFileSync } from 'node:fs';
import { type CameraInfo, type CameraName, InputError } from '../../contracts/index.ts';
import {
  CalibratedCameras,
  type CalibrationFile,
  cameraMatrix,
  parseCalibration,
  toMatrix,
} from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CAMERA_SPECS } from '../../sim/index.ts';
import { believedCamera } from './still_cell.ts';

/**
 * The calibration in a file, for a robot.
 * @throws InputError for a file that cannot be read, is none, or is of another robot
 */
export function readCalibration(file: string, robot: Robot): CalibrationFile {
  const calibration = parseCalibration(readText(file), file);
  if (calibration.robot === robot.name) return calibration;
  throw new InputError(`${file}: robot ${calibration.robot}`, `${robot.name}; calibrate its own cameras`);
}

/**
 * As `readCalibration`, for a simulated cell, whose cameras are known before there are pictures.
 * @throws InputError also where a camera of the file is none of this cell's: of another size, lens or place
 */
export function readCellCalibration(file: string, robot: Robot): CalibrationFile {
  const calibration = readCalibration(file, robot);
  const cameras = new CalibratedCameras(calibration, file);
  const hand = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  for (const { name } of calibration.cameras) cameras.apply(plannedInfo(robot, name), hand);
  return calibration;
}

/** What is known of a camera before it is calibrated, with the hand at the origin. */
function plannedInfo(robot: Robot, name: CameraName): CameraInfo {
  const { frame_id, width, height } = CAMERA_SPECS[name];
  const { intrinsics, T_mount_camera } = believedCamera(robot, name);
  return {
    ...{ stamp_ns: 0n, frame_id, name, width, height, ...cameraMatrix(intrinsics), distortion_model: 'plumb_bob' },
    T_world_camera_optical: toMatrix(T_mount_camera),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`${file} (${reason})`, 'a file that `surepick calibrate cameras` wrote', { cause });
  }
}
