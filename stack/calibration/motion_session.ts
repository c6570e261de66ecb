import { type CameraName, InputError, type Rng } from '../../contracts/index.ts';
import { RobotData } from '../../dynamics/index.ts';
import {
  calibrateByMotion,
  compose,
  identity,
  inverse,
  type MotionShot,
  type RigidTransform,
} from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import { CAMERA_SPECS } from '../../sim/index.ts';
import { armPosture, armSurface } from './arm_surface_of.ts';
import { JOINT_ERRORS } from './joint_errors.ts';
import { type Picture, pictureHash } from './picture_hash.ts';
import { drawBefore, PostureFinder } from './postures.ts';
import { believedCamera, handPosture } from './still_cell.ts';
import type { SessionResult, Shoot } from './target_session.ts';

/** Where the hand is held before a camera that stands, and the table before one on the hand: depths (m), tilt (rad). */
const BEFORE = {
  overview: { depth_m: [0.35, 0.75], tilt_rad: [0, 0.9] },
  wrist: { depth_m: [0.2, 0.4], tilt_rad: [0.1, 0.7] },
} as const;
/** Middle of the table that a camera on the hand looks at, and how far beside it, m. */
const TABLE: { readonly middle: RigidTransform; readonly spread_m: number } = {
  middle: Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1, 0.5, 0, 0),
  spread_m: 0.12,
};
const MOST_DRAWS = 4000;

/** Joint positions from which a camera that stands sees much of the arm, or one on the hand the table; free of contact. */
export function motionPostures(robot: Robot, camera: CameraName, count: number, rng: Rng): Float64Array[] {
  const believed = believedCamera(robot, camera);
  const { width, height } = CAMERA_SPECS[camera];
  const finder = new PostureFinder(robot, null);
  const { depth_m, tilt_rad } = BEFORE[camera];
  const found: Float64Array[] = [];
  for (let draw = 0; draw < MOST_DRAWS && found.length < count; draw++) {
    const T = drawBefore(believed, width, height, depth_m, tilt_rad, [-Math.PI, Math.PI], rng);
    const q = finder.reach(
      camera === 'overview' ? compose(believed.T_mount_camera, T) : overTable(T, believed.T_mount_camera, rng),
      rng.stream(`${draw}`),
    );
    if (q !== null) found.push(q);
  }
  if (found.length < count) {
    throw new InputError(`views for the ${camera} camera`, `${count} are wanted, the arm reaches ${found.length}`);
  }
  return found;
}

function overTable(T_camera_table: RigidTransform, T_hand_camera: RigidTransform, rng: Rng): RigidTransform {
  const place = compose(TABLE.middle, identity());
  place[9] += rng.range(-TABLE.spread_m, TABLE.spread_m);
  place[10] += rng.range(-TABLE.spread_m, TABLE.spread_m);
  return compose(compose(place, inverse(T_camera_table)), inverse(T_hand_camera));
}

/** Drives to every posture, takes depth pictures, and calibrates the camera by what the arm and the table look like. */
export function calibrateWithMotion(
  robot: Robot,
  camera: CameraName,
  postures: readonly Float64Array[],
  shoot: Shoot,
): SessionResult {
  const { width, height } = CAMERA_SPECS[camera];
  const data = new RobotData(robot.model);
  const pictures: Picture[] = postures.map((q) => shoot(camera, q));
  const shots = pictures.map(({ frame, q }): MotionShot => {
    const hand = handPosture(robot, data, q);
    return { depth: frame.depth, hand, arm: armPosture(robot, data, q) };
  });
  const { intrinsics, T_mount_camera } = believedCamera(robot, camera);
  const estimate = calibrateByMotion(shots, {
    ...{ width, height, intrinsics, errors: JOINT_ERRORS, start: T_mount_camera },
    mounting: camera === 'overview' ? 'eye_to_hand' : 'eye_in_hand',
    surface: camera === 'overview' ? armSurface(robot) : null,
  });
  return {
    estimate,
    taken: pictures.length,
    used: pictures.length,
    pictures_sha256: pictureHash(pictures),
    refused: [],
  };
}
