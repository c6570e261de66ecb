import { type CameraName, InputError, type Rng } from '../../contracts/index.ts';
import { RobotData } from '../../dynamics/index.ts';
import {
  applyHomography,
  type Board,
  boardCorners,
  type CameraEstimate,
  calibrateByTarget,
  compose,
  findBoard,
  greyOf,
  type HandEyeView,
  homography,
  inverse,
  type MotionShot,
  type RigidTransform,
  type TargetView,
} from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CAMERA_SPECS } from '../../sim/index.ts';
import { armPosture, armSurface } from './arm_surface_of.ts';
import { plateSize } from './board_parts.ts';
import { JOINT_ERRORS } from './joint_errors.ts';
import { type Picture, pictureHash } from './picture_hash.ts';
import { angleToRows, drawBefore, inPicture, PostureFinder } from './postures.ts';
import { believedCamera, handPosture } from './still_cell.ts';

/** Where the board is bolted to the hand for a camera that stands: beside it, its face up when the hand points down. */
export const T_HAND_BOARD: RigidTransform = Float64Array.of(0, 1, 0, -1, 0, 0, 0, 0, 1, 0.18, 0, 0.03);
/** About where the board lies on the table for a camera on the hand: face up in the middle. */
export const T_BASE_BOARD: RigidTransform = Float64Array.of(0, -1, 0, -1, 0, 0, 0, 0, -1, 0.5, 0, 0.003);

/** Where the target is held before each camera: depths (m), tilt (rad). */
const BEFORE = {
  overview: { depth_m: [0.33, 0.62], tilt_rad: [0.35, 0.85] },
  wrist: { depth_m: [0.2, 0.4], tilt_rad: [0.35, 0.8] },
} as const;
const MARGIN_PX = 6;
/** Between the board's edges and the rows of the picture. */
const LEAST_TURN_RAD = 0.15;
const MOST_DRAWS = 4000;

/** Takes a picture with a camera when the arm stands at joint positions (nq): what a robot's driver and camera do. */
export type Shoot = (camera: CameraName, q: Float64Array) => Picture;

export interface SessionResult {
  readonly estimate: CameraEstimate;
  /** Pictures taken, and those used. */
  readonly taken: number;
  readonly used: number;
  readonly pictures_sha256: string;
  /** Why pictures were not used. */
  readonly refused: readonly string[];
}

/** Joint positions from which the camera should see the whole board, in the order they are drawn; free of contact. */
export function targetPostures(
  robot: Robot,
  camera: CameraName,
  board: Board,
  count: number,
  rng: Rng,
): Float64Array[] {
  const believed = believedCamera(robot, camera);
  const { width, height } = CAMERA_SPECS[camera];
  const plate = camera === 'overview' ? { size: plateSize(board), T_hand_plate: T_HAND_BOARD } : null;
  const finder = new PostureFinder(robot, plate);
  const corners = boardCorners(board);
  const { depth_m, tilt_rad } = BEFORE[camera];
  const found: Float64Array[] = [];
  for (let draw = 0; draw < MOST_DRAWS && found.length < count; draw++) {
    const T = drawBefore(believed, width, height, depth_m, tilt_rad, [-Math.PI, Math.PI], rng);
    if (angleToRows(T) < LEAST_TURN_RAD) continue;
    if (!inPicture(believed, width, height, T, corners, MARGIN_PX)) continue;
    const T_base_hand =
      camera === 'overview'
        ? compose(compose(believed.T_mount_camera, T), inverse(T_HAND_BOARD))
        : compose(compose(T_BASE_BOARD, inverse(T)), inverse(believed.T_mount_camera));
    const q = finder.reach(T_base_hand, rng.stream(`${draw}`));
    if (q !== null) found.push(q);
  }
  if (found.length < count) {
    throw new InputError(
      `views of the board for the ${camera} camera`,
      `${count} are wanted, the arm reaches ${found.length}`,
    );
  }
  return found;
}

/** Drives to every posture, looks for the board, and calibrates the camera with what it found. */
export function calibrateWithTarget(
  robot: Robot,
  camera: CameraName,
  board: Board,
  postures: readonly Float64Array[],
  shoot: Shoot,
): SessionResult {
  const { width, height } = CAMERA_SPECS[camera];
  const data = new RobotData(robot.model);
  const views: HandEyeView[] = [];
  const shots: MotionShot[] = [];
  const refused: string[] = [];
  const pictures: Picture[] = [];
  for (const q of postures) {
    const picture = shoot(camera, q);
    pictures.push(picture);
    const seen = findBoard(greyOf(picture.frame.colour.data, width, height), board);
    if (!seen.found) {
      refused.push(seen.reason);
      continue;
    }
    const hand = handPosture(robot, data, picture.q);
    views.push({ ...seen.view, posture: hand });
    const arm = armPosture(robot, data, picture.q);
    shots.push({ depth: picture.frame.depth, hand, arm, besides: outline(seen.view, board) });
  }
  const { intrinsics } = believedCamera(robot, camera);
  const stands = camera === 'overview';
  const estimate = calibrateByTarget(
    views,
    stands ? 'eye_to_hand' : 'eye_in_hand',
    { width, height, intrinsics, errors: JOINT_ERRORS },
    { shots, surface: stands ? armSurface(robot) : null },
  );
  return {
    estimate,
    taken: pictures.length,
    used: views.length,
    pictures_sha256: pictureHash(pictures),
    refused,
  };
}

/** Corners of the board's plate in a picture, as the homography of its corners has them, a little outside. */
function outline({ points_m, pixels }: TargetView, board: Board): Float64Array {
  const H = homography(points_m, pixels);
  const [w, h] = plateSize(board).map((size) => 0.55 * size);
  const out = new Float64Array(8);
  const at = new Float64Array(2);
  [
    [-w, -h],
    [w, -h],
    [w, h],
    [-w, h],
  ].forEach(([x, y], i) => {
    applyHomography(H, x, y, at);
    out.set(at, 2 * i);
  });
  return out;
}
