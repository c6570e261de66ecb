import type { CameraName } from '../../contracts/index.ts';
import {
  type Board,
  CALIBRATION_FORMAT,
  type CalibrationFile,
  calibratedCameraOf,
  calibrationFile,
} from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CAMERA_SPECS, type RandomizationLevel } from '../../sim/index.ts';
import { type CalibrationMethod, calibrationTrial, type Trial } from './calibration_trial.ts';

export interface CellCalibrationOptions {
  readonly cameras: readonly CameraName[];
  readonly method: CalibrationMethod;
  readonly level: RandomizationLevel;
  /** Of the run whose cell it is: `sim` and `run` with this seed have the same cameras and encoders. */
  readonly seed: number;
  readonly views: number;
  readonly board: Board;
  /** When, RFC 3339; it is written into the file. */
  readonly date: string;
}

export interface CellCalibration {
  readonly file: CalibrationFile;
  readonly trials: readonly { readonly camera: CameraName; readonly trial: Trial }[];
}

/**
 * Calibrates the cameras of a simulated cell as its robot would, and says how far from the truth they are then.
 * @param each  told after every camera
 * @throws CalibrationRefused for views that do not determine a camera
 */
export function calibrateCell(
  robot: Robot,
  { cameras, method, level, seed, views, board, date }: CellCalibrationOptions,
  each: (camera: CameraName, trial: Trial) => void = () => {},
): CellCalibration {
  const trials = cameras.map((camera) => {
    const trial = calibrationTrial(robot, { camera, method, seed, level, views, board });
    each(camera, trial);
    return { camera, trial };
  });
  const calibrated = trials.map(({ camera, trial: { session } }) => {
    const { width, height } = CAMERA_SPECS[camera];
    const { estimate, taken, used, pictures_sha256: sha256 } = session;
    const mounting = camera === 'overview' ? 'eye_to_hand' : 'eye_in_hand';
    return calibratedCameraOf(
      { name: camera, mounting, method, width, height, pictures: { taken, used, sha256 } },
      estimate,
    );
  });
  const file = { format: CALIBRATION_FORMAT, version: 1, robot: robot.name, date, cameras: calibrated };
  return { file: calibrationFile.parse(file), trials };
}
