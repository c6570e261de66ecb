import { type CameraInfo, type ColourImage, type DepthImage, InputError, type Rng } from '../../contracts/index.ts';
import type { FrameModel, RobotModel } from '../../dynamics/index.ts';
import type { WorldPoses } from '../engine.ts';
import { intrinsics, type PinholeCamera, Rasteriser, type RenderTarget, type SceneView } from '../render/index.ts';
import { type CameraPerturbation, type CameraSpec, NO_PERTURBATION } from './camera_spec.ts';
import { senseDepth } from './depth_sensor.ts';
import { Lens } from './lens.ts';
import { addColourNoise, type CameraNoise } from './noise.ts';

/** What one exposure gives; the arrays are new and belong to the readers. */
export interface CameraFrame {
  readonly colour: ColourImage;
  readonly depth: DepthImage;
  readonly info: CameraInfo;
}

/** A picture of a pinhole camera, with the camera and the picture's size. */
export interface PinholePicture {
  readonly camera: PinholeCamera;
  readonly width: number;
  readonly height: number;
  readonly picture: RenderTarget;
}

/**
 * A camera in a simulated world. Its info is what the robot believes: the calibrated K and pose and the lens's D. The
 * picture is taken by the true camera, which a perturbation may have moved, zoomed and bent.
 */
export class SimCamera {
  readonly spec: CameraSpec;
  readonly perturbation: CameraPerturbation;
  /** From exposure to when the message is out, s. */
  readonly latency_s: number;
  private readonly view: SceneView;
  private readonly mount: FrameModel | null;
  private readonly rasteriser: Rasteriser;
  private readonly lens: Lens | null;
  private readonly source: RenderTarget;
  private readonly clean: RenderTarget;
  private readonly noise: CameraNoise;
  private readonly K: readonly number[];
  private readonly T: number[];
  private readonly K_true: readonly number[];
  private readonly T_true: number[];
  /** T_believed_true, row-major 3×4. */
  private readonly error: Float64Array;
  private readonly pose = new Float64Array(12);

  /** @throws InputError if the camera is to sit on a frame that the robot lacks, or its lens folds the picture */
  constructor(
    spec: CameraSpec,
    view: SceneView,
    robot: RobotModel,
    perturbation: CameraPerturbation = NO_PERTURBATION,
  ) {
    this.spec = spec;
    this.perturbation = perturbation;
    this.latency_s = spec.latency_s + perturbation.latency_s;
    this.view = view;
    const { mount, width, height } = spec;
    const { focal_scale, principal_point_px: shift, distortion } = perturbation;
    this.mount = typeof mount === 'string' ? frameOf(robot, mount, spec.name) : null;
    this.T = typeof mount === 'string' ? new Array<number>(16).fill(0) : [...mount];
    this.T_true = [...this.T];
    this.error = rigidTransform(perturbation.pose_error);
    const K = intrinsics(width, height, spec.horizontal_fov_rad);
    this.K = K;
    const bent = [focal_scale * K[0], 0, K[2] + shift[0], 0, focal_scale * K[4], K[5] + shift[1], 0, 0, 1];
    this.lens = distortion.some((d) => d !== 0) ? new Lens(bent, distortion, width, height) : null;
    this.K_true = this.lens?.K ?? bent;
    this.noise = scaledNoise(spec.noise, perturbation);
    const source_width = this.lens?.source_width ?? width;
    const source_height = this.lens?.source_height ?? height;
    this.rasteriser = new Rasteriser(source_width, source_height);
    this.clean = createRenderTarget(width, height);
    this.source = this.lens === null ? this.clean : createRenderTarget(source_width, source_height);
  }

  /** What the robot believes of the camera; the next call rewrites the pose of a moving one. */
  pinhole(engine: WorldPoses): PinholeCamera {
    if (this.mount !== null) placeFrame(this.mount, engine, this.pose, this.T);
    return { K: this.K, T_world_camera_optical: this.T, near_m: this.spec.near_m, far_m: this.spec.far_m };
  }

  /** A picture without noise, with labels, of the world as it is. */
  render(engine: WorldPoses, out: RenderTarget): void {
    const { lens, source } = this;
    this.rasteriser.render(this.view.scene, this.truePinhole(engine), lens === null ? out : source);
    lens?.bend(source, out);
  }

  /** What the true camera sees before the lens bends it, for others to paint; the next picture rewrites it. */
  renderPinhole(engine: WorldPoses): PinholePicture {
    const camera = this.truePinhole(engine);
    const { source, lens, spec } = this;
    this.rasteriser.render(this.view.scene, camera, source);
    return {
      ...{ camera, picture: source },
      ...{ width: lens?.source_width ?? spec.width, height: lens?.source_height ?? spec.height },
    };
  }

  private truePinhole(engine: WorldPoses): PinholeCamera {
    const { near_m, far_m } = this.spec;
    this.view.update(engine);
    if (this.mount !== null) placeFrame(this.mount, engine, this.pose, this.T);
    times(this.T, this.error, this.T_true);
    return { K: this.K_true, T_world_camera_optical: this.T_true, near_m, far_m };
  }

  /**
   * Takes a picture of the world as it is, stamped `stamp_ns`. The noise depends on the stream's seed and name, the
   * camera and the stamp, not on what was drawn before; `rng` is not advanced.
   */
  capture(engine: WorldPoses, stamp_ns: bigint, rng: Rng): CameraFrame {
    this.render(engine, this.clean);
    return this.expose(stamp_ns, rng);
  }

  /**
   * As `capture`, to the same bytes, of poses that stay as they are: drawn when somebody first reads colours or depths, for
   * most pictures of a cell are looked at by nobody.
   */
  captureLater(poses: WorldPoses, stamp_ns: bigint, rng: Rng): CameraFrame {
    let taken: CameraFrame | null = null;
    const picture = (): CameraFrame => {
      taken ??= this.capture(poses, stamp_ns, rng);
      return taken;
    };
    const { width, height, frame_id } = this.spec;
    this.pinhole(poses);
    return {
      colour: {
        ...{ stamp_ns, frame_id, width, height },
        get data() {
          return picture().colour.data;
        },
      },
      depth: {
        ...{ stamp_ns, frame_id, width, height },
        get data() {
          return picture().depth.data;
        },
      },
      info: this.info(stamp_ns),
    };
  }

  /** As `capture`, of a picture of `renderPinhole` whose colours may be somebody else's. */
  develop(picture: RenderTarget, stamp_ns: bigint, rng: Rng): CameraFrame {
    const { lens, clean } = this;
    if (lens !== null) lens.bend(picture, clean);
    else {
      clean.rgb.set(picture.rgb);
      clean.depth.set(picture.depth);
    }
    return this.expose(stamp_ns, rng);
  }

  private expose(stamp_ns: bigint, rng: Rng): CameraFrame {
    const { width, height, frame_id, name } = this.spec;
    const stream = rng.stream(`camera/${name}/${stamp_ns}`);
    const rgb = new Uint8Array(3 * width * height);
    const depth = new Float32Array(width * height);
    addColourNoise(this.clean.rgb, width, this.noise, stream, rgb, this.perturbation.exposure_gain);
    senseDepth(this.clean.depth, width, this.K[0], this.noise, stream, depth);
    return {
      colour: { stamp_ns, frame_id, width, height, data: rgb },
      depth: { stamp_ns, frame_id, width, height, data: depth },
      info: this.info(stamp_ns),
    };
  }

  /** True if the frame of this stamp never comes; the same stream and stamp always answer alike. */
  drops(stamp_ns: bigint, rng: Rng): boolean {
    const { drop_probability } = this.perturbation;
    return drop_probability > 0 && rng.stream(`drop/${this.spec.name}/${stamp_ns}`).uniform() < drop_probability;
  }

  /** Calibration with the believed pose of the last picture. */
  private info(stamp_ns: bigint): CameraInfo {
    return {
      stamp_ns,
      frame_id: this.spec.frame_id,
      name: this.spec.name,
      width: this.spec.width,
      height: this.spec.height,
      K: this.K,
      D: [...this.perturbation.distortion],
      distortion_model: 'plumb_bob',
      T_world_camera_optical: [...this.T],
    };
  }
}

function scaledNoise(noise: CameraNoise, { colour_noise_scale, depth_noise_scale }: CameraPerturbation): CameraNoise {
  if (colour_noise_scale === 1 && depth_noise_scale === 1) return noise;
  return {
    ...noise,
    colour_sigma: colour_noise_scale * noise.colour_sigma,
    depth_sigma_at_1m: depth_noise_scale * noise.depth_sigma_at_1m,
    depth_sensor_scale: depth_noise_scale * (noise.depth_sensor_scale ?? 1),
  };
}

/** Position (m) and rotation vector (rad) as a transform, row-major 3×4 (Rodrigues). */
function rigidTransform([px, py, pz, x, y, z]: CameraPerturbation['pose_error']): Float64Array {
  const angle = Math.hypot(x, y, z);
  const a = angle > 0 ? Math.sin(angle) / angle : 1;
  const b = angle > 0 ? (1 - Math.cos(angle)) / (angle * angle) : 0.5;
  return Float64Array.of(
    1 - b * (y * y + z * z),
    b * x * y - a * z,
    b * x * z + a * y,
    px,
    b * x * y + a * z,
    1 - b * (x * x + z * z),
    b * y * z - a * x,
    py,
    b * x * z - a * y,
    b * y * z + a * x,
    1 - b * (x * x + y * y),
    pz,
  );
}

/** A (row-major 4×4) times B (row-major 3×4) into `out` (row-major 4×4). */
function times(A: readonly number[], B: Float64Array, out: number[]): void {
  for (let r = 0; r < 12; r += 4) {
    for (let k = 0; k < 4; k++) out[r + k] = A[r] * B[k] + A[r + 1] * B[4 + k] + A[r + 2] * B[8 + k];
    out[r + 3] += A[r + 3];
  }
  out[15] = 1;
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
function placeFrame(frame: FrameModel, engine: WorldPoses, pose: Float64Array, T: number[]): void {
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
