import {
  type CameraInfo,
  type CameraName,
  type ColourImage,
  type DepthImage,
  InputError,
  type Rng,
} from '../../contracts/index.ts';
import type { FrameModel, RobotModel } from '../../dynamics/index.ts';
import type { PhysicsEngine } from '../engine.ts';
import {
  intrinsics,
  lookAt,
  type PinholeCamera,
  Rasteriser,
  type RenderTarget,
  type SceneView,
} from '../render/index.ts';
import { addColourNoise, addDepthNoise, type CameraNoise, RGBD_NOISE } from './noise.ts';

/** One RGB-D camera: colour and depth share a lens, so they are registered. */
export interface CameraSpec {
  readonly name: CameraName;
  /** Optical frame of the images. */
  readonly frame_id: string;
  readonly width: number;
  readonly height: number;
  readonly horizontal_fov_rad: number;
  readonly near_m: number;
  readonly far_m: number;
  readonly rate_hz: number;
  /** From exposure to when the message is out, s; the caller holds frames back for this long. */
  readonly latency_s: number;
  /** T_world_camera_optical, row-major 4×4, or the robot's frame that is the optical frame. */
  readonly mount: readonly number[] | string;
  readonly noise: CameraNoise;
}

export const CAMERA_SPECS: Readonly<Record<CameraName, CameraSpec>> = {
  overview: {
    name: 'overview',
    frame_id: 'camera_color_optical_frame',
    width: 320,
    height: 240,
    horizontal_fov_rad: (50 * Math.PI) / 180,
    near_m: 0.05,
    far_m: 4,
    rate_hz: 10,
    latency_s: 0.03,
    mount: lookAt([0.95, 0, 0.69], [0.55, 0, 0], [0, 0, 1]),
    noise: RGBD_NOISE,
  },
  wrist: {
    name: 'wrist',
    frame_id: 'wrist_camera_optical_frame',
    width: 128,
    height: 128,
    horizontal_fov_rad: (60 * Math.PI) / 180,
    near_m: 0.02,
    far_m: 4,
    rate_hz: 10,
    latency_s: 0.03,
    mount: 'wrist_camera_optical_frame',
    noise: RGBD_NOISE,
  },
};

/** @throws InputError naming the cameras there are */
export function cameraSpec(name: string): CameraSpec {
  const spec = Object.values(CAMERA_SPECS).find((known) => known.name === name);
  if (spec !== undefined) return spec;
  throw new InputError(`camera '${name}'`, `one of ${Object.keys(CAMERA_SPECS).join(', ')}`);
}

/** What one exposure gives; the arrays are new and belong to the readers. */
export interface CameraFrame {
  readonly colour: ColourImage;
  readonly depth: DepthImage;
  readonly info: CameraInfo;
}

/** A camera in a simulated world. */
export class SimCamera {
  readonly spec: CameraSpec;
  private readonly view: SceneView;
  private readonly mount: FrameModel | null;
  private readonly rasteriser: Rasteriser;
  private readonly clean: RenderTarget;
  private readonly K: readonly number[];
  private readonly T: number[];
  private readonly pose = new Float64Array(12);

  /** @throws InputError if the camera is to sit on a frame that the robot lacks */
  constructor(spec: CameraSpec, view: SceneView, robot: RobotModel) {
    this.spec = spec;
    this.view = view;
    const { mount, width, height } = spec;
    this.mount = typeof mount === 'string' ? frameOf(robot, mount, spec.name) : null;
    this.T = typeof mount === 'string' ? new Array<number>(16).fill(0) : [...mount];
    this.K = intrinsics(width, height, spec.horizontal_fov_rad);
    this.rasteriser = new Rasteriser(width, height);
    this.clean = createRenderTarget(width, height);
  }

  /** Where the camera is now; the next call rewrites the pose of a moving one. */
  pinhole(engine: PhysicsEngine): PinholeCamera {
    if (this.mount !== null) placeFrame(this.mount, engine, this.pose, this.T);
    return { K: this.K, T_world_camera_optical: this.T, near_m: this.spec.near_m, far_m: this.spec.far_m };
  }

  /** A perfect picture with labels, of the world as it is. */
  render(engine: PhysicsEngine, out: RenderTarget): void {
    this.view.update(engine);
    this.rasteriser.render(this.view.scene, this.pinhole(engine), out);
  }

  /**
   * Takes a picture of the world as it is, stamped `stamp_ns`. The noise depends on the stream's seed and name, the
   * camera and the stamp, not on what was drawn before; `rng` is not advanced.
   */
  capture(engine: PhysicsEngine, stamp_ns: bigint, rng: Rng): CameraFrame {
    const { width, height, frame_id, name, noise } = this.spec;
    this.render(engine, this.clean);
    const stream = rng.stream(`camera/${name}/${stamp_ns}`);
    const rgb = new Uint8Array(3 * width * height);
    const depth = new Float32Array(width * height);
    addColourNoise(this.clean.rgb, width, noise, stream, rgb);
    addDepthNoise(this.clean.depth, width, noise, stream, depth);
    return {
      colour: { stamp_ns, frame_id, width, height, data: rgb },
      depth: { stamp_ns, frame_id, width, height, data: depth },
      info: this.info(stamp_ns),
    };
  }

  /** Calibration with the pose of the last picture. */
  private info(stamp_ns: bigint): CameraInfo {
    return {
      stamp_ns,
      frame_id: this.spec.frame_id,
      name: this.spec.name,
      width: this.spec.width,
      height: this.spec.height,
      K: this.K,
      D: [0, 0, 0, 0, 0],
      distortion_model: 'plumb_bob',
      T_world_camera_optical: [...this.T],
    };
  }
}

export function createRenderTarget(width: number, height: number): RenderTarget {
  return {
    rgb: new Uint8Array(3 * width * height),
    depth: new Float32Array(width * height),
    segmentation: new Uint16Array(width * height),
  };
}

function frameOf(robot: RobotModel, name: string, camera: string): FrameModel {
  const frame = robot.frames.find((candidate) => candidate.name === name);
  if (frame !== undefined) return frame;
  throw new InputError(`camera '${camera}' on robot '${robot.name}'`, `needs a link named ${name} in the robot's URDF`);
}

/** T_world_frame of a robot's frame, row-major 4×4. */
function placeFrame(frame: FrameModel, engine: PhysicsEngine, pose: Float64Array, T: number[]): void {
  if (frame.body < 0) {
    pose.fill(0);
    pose[0] = pose[4] = pose[8] = 1;
  } else engine.bodyPose(frame.body, pose);
  for (let r = 0; r < 3; r++) {
    const a = pose[3 * r];
    const b = pose[3 * r + 1];
    const c = pose[3 * r + 2];
    for (let k = 0; k < 3; k++) T[4 * r + k] = a * frame.R[k] + b * frame.R[3 + k] + c * frame.R[6 + k];
    T[4 * r + 3] = a * frame.p[0] + b * frame.p[1] + c * frame.p[2] + pose[9 + r];
  }
  T[15] = 1;
}
