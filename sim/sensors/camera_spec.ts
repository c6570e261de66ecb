import { type CameraName, InputError } from '../../contracts/index.ts';
import { lookAt } from '../render/index.ts';
import { type CameraNoise, RGBD_NOISE } from './noise.ts';

/** Coefficients k1, k2, p1, p2, k3 of the plumb-bob model (Brown, 1966), as OpenCV and ROS have them. */
export type Distortion = readonly [number, number, number, number, number];

/** One RGB-D camera as the robot knows it: colour and depth share a lens, so they are registered. */
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

/** How a camera differs from what the robot knows of it. A plain record, which randomisation may draw. */
export interface CameraPerturbation {
  /** Where the camera truly is in the frame in which the robot believes it: position (m) and rotation vector (rad). */
  readonly pose_error: readonly [number, number, number, number, number, number];
  /** True focal length over the calibrated one. */
  readonly focal_scale: number;
  /** True principal point minus the calibrated one, pixels. */
  readonly principal_point_px: readonly [number, number];
  /** Of the lens. The robot knows it: it is D of the camera's info. */
  readonly distortion: Distortion;
  /** Factor on the colours, which saturate. */
  readonly exposure_gain: number;
  /** Added to the camera's own latency, s. */
  readonly latency_s: number;
  /** Chance that a frame never comes. */
  readonly drop_probability: number;
  /** Factors on the standard deviations of colour and depth. */
  readonly colour_noise_scale: number;
  readonly depth_noise_scale: number;
}

export const NO_PERTURBATION: CameraPerturbation = {
  pose_error: [0, 0, 0, 0, 0, 0],
  focal_scale: 1,
  principal_point_px: [0, 0],
  distortion: [0, 0, 0, 0, 0],
  exposure_gain: 1,
  latency_s: 0,
  drop_probability: 0,
  colour_noise_scale: 1,
  depth_noise_scale: 1,
};

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
