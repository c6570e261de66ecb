import { readFileSync } from 'node:fs';
import { type CameraInfo, type CameraName, InputError } from '../../contracts/index.ts';
import {
  CalibratedCameras,
  type CalibrationFile,
  cameraMatrix,
  compose,
  fromMatrix,
  inverse,
  mountOf,
  parseCalibration,
  type RigidTransform,
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

/**
 * Corrects infos of pictures by a calibration. The hand is where the info of a camera on it has it, so that nobody has to
 * know when that was.
 * @param where  the file, for messages
 */
export function cameraCorrection(
  robot: Robot,
  calibration: CalibrationFile | null,
  where: string,
): (info: CameraInfo) => CameraInfo {
  if (calibration === null) return (info) => info;
  const cameras = new CalibratedCameras(calibration, where);
  const T_camera_hand = inverse(believedCamera(robot, 'wrist').T_mount_camera);
  return (info) => {
    const T_world_camera = fromMatrix(info.T_world_camera_optical);
    return cameras.apply(info, toMatrix(compose(T_world_camera, T_camera_hand)));
  };
}

/** T_hand_camera of the camera on the hand: as calibrated, else as planned. */
export function handCamera(robot: Robot, calibration: CalibrationFile | null): RigidTransform {
  const measured = calibration?.cameras.find(({ mounting }) => mounting === 'eye_in_hand');
  return measured === undefined ? believedCamera(robot, 'wrist').T_mount_camera : mountOf(measured);
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
