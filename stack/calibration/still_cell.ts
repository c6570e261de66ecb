import { type CameraName, createRng, type Rng } from '../../contracts/index.ts';
import { forwardKinematics, frameIndex, framePose, RobotData } from '../../dynamics/index.ts';
import {
  compose,
  fromMatrix,
  type HandPosture,
  type Intrinsics,
  intrinsicsOf,
  inverse,
  type RigidTransform,
  rotationFromVector,
} from '../../perception/index.ts';
import type { Robot } from '../../robots/index.ts';
import {
  CAMERA_SPECS,
  type CameraFrame,
  type CameraPerturbation,
  createTask,
  drawRandomization,
  offsetZeros,
  type Randomization,
  type RandomizationLevel,
  randomizeCamera,
  randomizeScene,
  type SceneModel,
  SceneView,
  SimCamera,
  type WorldPoses,
} from '../../sim/index.ts';

export const HAND_LINK = 'panda_hand';

/** How one cell differs from what its robot believes, and what stands in it. */
export interface DrawnCell {
  readonly scene: SceneModel;
  readonly randomization: Randomization;
}

/** Draws a cell as a run of this seed has it: its cameras and encoders, and objects, light and noise of one episode. */
export function drawCell(robot: Robot, level: RandomizationLevel, seed: number): DrawnCell {
  const task = createTask('pick-place');
  const rng = createRng(seed, 'calibration');
  const instance = task.reset(rng.stream('task'), 'train');
  const streams = { start_up: createRng(seed).stream('start_up'), episode: rng.stream('episode') };
  const randomization = drawRandomization(level, streams, robot, task, instance);
  return { scene: randomizeScene(randomization, instance.scene, task.spec.touching), randomization };
}

/** A picture and where the encoders said the arm was. */
export interface Shot {
  readonly frame: CameraFrame;
  /** Arm joints as read, rad, and fingers, m: nq. */
  readonly q: Float64Array;
}

/**
 * A cell whose arm stands where it is told to: true links by the true zeros of the joints and the play of the gears,
 * pictures by the true cameras. What comes out is what a robot would have: pictures, camera infos and encoder readings.
 */
export class StillCell implements WorldPoses {
  readonly robot: Robot;
  private readonly truth: Robot;
  private readonly data: RobotData;
  private readonly drawn: DrawnCell;
  private readonly cameras: Readonly<Record<CameraName, SimCamera>>;
  private readonly rng: Rng;
  private shots = 0;

  /** @param robot  with whatever is bolted to it */
  constructor(robot: Robot, drawn: DrawnCell, rng: Rng) {
    const { randomization, scene } = drawn;
    this.robot = robot;
    this.drawn = drawn;
    this.rng = rng;
    this.truth = offsetZeros(robot, randomization.start_up.encoder_offset_rad);
    this.data = new RobotData(this.truth.model);
    const view = new SceneView(scene, robot.model);
    const camera = (name: CameraName) =>
      new SimCamera(CAMERA_SPECS[name], view, robot.model, randomizeCamera(randomization, name));
    this.cameras = { overview: camera('overview'), wrist: camera('wrist') };
  }

  /** Takes a picture with the arm's joints at q (rad, m; nq), as far as encoders can tell. */
  shoot(name: CameraName, q: Float64Array): Shot {
    const { start_up, reset } = this.drawn.randomization;
    const rng = this.rng.stream(`shot/${this.shots++}`);
    const joint = q.slice();
    const read = q.slice();
    for (let j = 0; j < this.robot.arm_joints; j++) {
      // The load leaves each gear on one of its flanks.
      joint[j] += (rng.uniform() < 0.5 ? -0.5 : 0.5) * start_up.backlash_rad;
      read[j] += reset.sensors.encoder_noise_rad * rng.normal();
    }
    forwardKinematics(this.truth.model, this.data, joint);
    const frame = this.cameras[name].capture(this, BigInt(this.shots) * 100_000_000n, this.rng);
    return { frame, q: read };
  }

  bodyPose(body: number, out: Float64Array): void {
    for (let k = 0; k < 9; k++) out[k] = this.data.R[9 * body + k];
    for (let k = 0; k < 3; k++) out[9 + k] = this.data.p[3 * body + k];
  }

  objectState(index: number, out: Float64Array, offset: number): void {
    const { position, orientation } = this.drawn.scene.objects[index].pose;
    out.fill(0, offset, offset + 13);
    out.set(position, offset);
    out.set(orientation, offset + 3);
  }
}

/** A camera as it truly is: its intrinsics, and its pose in its mount. */
export interface CameraTruth {
  readonly intrinsics: Intrinsics;
  readonly T_mount_camera: RigidTransform;
}

/**
 * A camera of a cell as it truly is.
 * @param believed  its K, and its pose in its mount (the base, or the hand), as its robot has them
 */
export function trueCamera(believed: CameraTruth, change: CameraPerturbation): CameraTruth {
  const f = believed.intrinsics;
  const { focal_scale, principal_point_px: shift, distortion, pose_error } = change;
  const K = [focal_scale * f[0], 0, f[2] + shift[0], 0, focal_scale * f[1], f[3] + shift[1]];
  const E = errorTransform(pose_error);
  return { intrinsics: intrinsicsOf(K, distortion), T_mount_camera: compose(believed.T_mount_camera, E) };
}

/** What the robot believes of a camera before it is calibrated. */
export function believedCamera(robot: Robot, name: CameraName): CameraTruth {
  const { width, height, horizontal_fov_rad, mount } = CAMERA_SPECS[name];
  const f = width / 2 / Math.tan(horizontal_fov_rad / 2);
  const intrinsics = Float64Array.of(f, f, (width - 1) / 2, (height - 1) / 2, 0, 0, 0, 0, 0);
  return { intrinsics, T_mount_camera: typeof mount === 'string' ? inHand(robot, mount) : fromMatrix(mount) };
}

function inHand(robot: Robot, link: string): RigidTransform {
  const { model } = robot;
  const [hand, camera] = [HAND_LINK, link].map((name) => {
    const { R, p } = model.frames[frameIndex(model, name)];
    return Float64Array.of(...R, ...p);
  });
  return compose(inverse(hand), camera);
}

function errorTransform([x, y, z, rx, ry, rz]: CameraPerturbation['pose_error']): RigidTransform {
  const E = new Float64Array(12);
  rotationFromVector(rx, ry, rz, E);
  E.set([x, y, z], 9);
  return E;
}

/** Where the hand is, and how each joint of the arm moves it, at q as read. */
export function handPosture(robot: Robot, data: RobotData, q: Float64Array): HandPosture {
  const { model, arm_joints } = robot;
  forwardKinematics(model, data, q);
  const T_base_hand = new Float64Array(12);
  framePose(model, data, frameIndex(model, HAND_LINK), T_base_hand);
  const joints = new Float64Array(6 * arm_joints);
  for (let b = 0; b < model.nb; b++) {
    const j = model.coordinate[b];
    if (j < arm_joints) joints.set(data.S.subarray(6 * b, 6 * b + 6), 6 * j);
  }
  return { T_base_hand, joints };
}
