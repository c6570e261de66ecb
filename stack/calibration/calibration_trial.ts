import { type CameraName, createRng } from '../../contracts/index.ts';
import {
  type Board,
  type CameraEstimate,
  compose,
  DEFAULT_BOARD,
  distance,
  identity,
  inverse,
  type RigidTransform,
  rotationFromVector,
  symmetricEigen,
  vectorFromRotation,
} from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { type RandomizationLevel, randomizeCamera } from '../../sim/index.ts';
import { robotWithBoard, sceneWithBoard } from './board_parts.ts';
import { calibrateWithMotion, motionPostures } from './motion_session.ts';
import {
  believedCamera,
  type CameraTruth,
  type DrawnCell,
  drawCell,
  HAND_LINK,
  StillCell,
  trueCamera,
} from './still_cell.ts';
import {
  calibrateWithTarget,
  type SessionResult,
  T_BASE_BOARD,
  T_HAND_BOARD,
  targetPostures,
} from './target_session.ts';

export type CalibrationMethod = 'target' | 'motion';

export interface TrialOptions {
  readonly camera: CameraName;
  readonly method: CalibrationMethod;
  /** Fixes the cell: its cameras, its encoders, its light. */
  readonly seed: number;
  readonly level: RandomizationLevel;
  /** Fixes the postures. */
  readonly postures_seed?: number;
  readonly views?: number;
  readonly board?: Board;
}

/** A calibration in a drawn cell, and how far from the truth it and what the robot believed before are. */
export interface Trial {
  readonly session: SessionResult;
  readonly truth: CameraTruth;
  readonly position_error_m: number;
  readonly rotation_error_rad: number;
  /**
   * The same in the base as the first joint's encoder has it, which is what the arm moves in: pictures do not tell the
   * first joint's zero from a turn of the whole cell.
   */
  readonly position_error_to_arm_m: number;
  readonly rotation_error_to_arm_rad: number;
  readonly position_error_before_m: number;
  readonly rotation_error_before_rad: number;
  /** Squared Mahalanobis distance of the pose's error by the stated covariance, six degrees of freedom. */
  readonly pose_chi2: number;
}

export const DEFAULT_VIEWS = 28;

/** Calibrates one camera of a drawn cell as its robot would, and compares with what is true of it. */
export function calibrationTrial(robot: Robot, options: TrialOptions): Trial {
  const { camera, method, seed, level, postures_seed = 1, views = DEFAULT_VIEWS, board = DEFAULT_BOARD } = options;
  const drawn = drawCell(robot, level, seed);
  const rng = createRng(postures_seed, `${method}/${camera}`);
  const shooting = createRng(seed, 'cell');
  let session: SessionResult;
  if (method === 'motion') {
    const cell = new StillCell(robot, drawn, shooting);
    session = calibrateWithMotion(robot, camera, motionPostures(robot, camera, views, rng), (name, q) =>
      cell.shoot(name, q),
    );
  } else {
    const cell = cellWithBoard(robot, camera, board, drawn, shooting);
    const postures = targetPostures(robot, camera, board, views, rng);
    session = calibrateWithTarget(robot, camera, board, postures, (name, q) => cell.shoot(name, q));
  }
  const believed = believedCamera(robot, camera);
  const truth = trueCamera(believed, randomizeCamera(drawn.randomization, camera));
  const after = distance(session.estimate.T_mount_camera, truth.T_mount_camera);
  const { estimate } = session;
  const turned = (T: RigidTransform, offset_rad: number) => (camera === 'overview' ? turnedAboutZ(T, offset_rad) : T);
  const to_arm = distance(
    turned(estimate.T_mount_camera, estimate.encoder_offset_rad[0]),
    turned(truth.T_mount_camera, drawn.randomization.start_up.encoder_offset_rad[0]),
  );
  const before = distance(believed.T_mount_camera, truth.T_mount_camera);
  return {
    session,
    truth,
    position_error_m: after.position_m,
    rotation_error_rad: after.rotation_rad,
    position_error_to_arm_m: to_arm.position_m,
    rotation_error_to_arm_rad: to_arm.rotation_rad,
    position_error_before_m: before.position_m,
    rotation_error_before_rad: before.rotation_rad,
    pose_chi2: poseChi2(session.estimate, truth),
  };
}

/** The table cleared, with the board on the hand for a camera that stands, or on the table for one on the hand. */
function cellWithBoard(
  robot: Robot,
  camera: CameraName,
  board: Board,
  drawn: DrawnCell,
  rng: ReturnType<typeof createRng>,
): StillCell {
  const bare = { ...drawn.scene, objects: [] };
  return camera === 'overview'
    ? new StillCell(robotWithBoard(robot, board, HAND_LINK, T_HAND_BOARD), { ...drawn, scene: bare }, rng)
    : new StillCell(robot, { ...drawn, scene: sceneWithBoard(bare, board, T_BASE_BOARD) }, rng);
}

/** Error of a pose in the coordinates of its covariance, weighed by it. */
function poseChi2(
  { T_mount_camera: T, pose_covariance: C }: CameraEstimate,
  { T_mount_camera: truth }: CameraTruth,
): number {
  const turn = vectorFromRotation(compose(truth, inverse(T)));
  const error = Float64Array.of(...turn, truth[9] - T[9], truth[10] - T[10], truth[11] - T[11]);
  const { values, vectors } = symmetricEigen(C, 6);
  let sum = 0;
  for (let c = 0; c < 6; c++) {
    let along = 0;
    for (let r = 0; r < 6; r++) along += vectors[6 * r + c] * error[r];
    sum += (along * along) / values[c];
  }
  return sum;
}

/** A pose in the base seen from a base that is turned back about z by an angle. */
function turnedAboutZ(T: RigidTransform, angle_rad: number): RigidTransform {
  const turn = identity();
  rotationFromVector(0, 0, angle_rad, turn);
  return compose(turn, T);
}
