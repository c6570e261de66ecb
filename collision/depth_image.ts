import { type CameraInfo, type DepthImage, InputError } from '../contracts/index.ts';
import { type PointCloud, type PointCloudOptions, pointCloud } from './point_cloud.ts';

export interface DepthObstacleOptions extends Omit<PointCloudOptions, 'pose'> {
  /** Depths outside count as not measured (m). Default 0.05 to 4. */
  readonly range_m?: readonly [number, number];
  /** Every so many pixels in either direction one is taken. Default 1. */
  readonly stride?: number;
  /** Pixels to leave out: other than 0 in an image of the same size. */
  readonly mask?: Uint8Array;
  /** Points to leave out, world (m): those of the robot itself, by `RobotFilter`. */
  readonly exclude?: (x: number, y: number, z: number) => boolean;
  /** Fills what is hidden behind every surface to this depth (m). Default 0: what is not seen counts as free. */
  readonly behind_m?: number;
}

/** What a depth image says of the space before the camera. */
export interface DepthObstacle {
  /** Null if the image has no point left. */
  readonly cloud: PointCloud | null;
  /** Pixels used; without a depth in range (nothing is known along their rays); masked; of the robot. */
  readonly measured: number;
  readonly unknown: number;
  readonly masked: number;
  readonly excluded: number;
}

/**
 * An obstacle of the surfaces that a depth camera sees. Space before a surface is free, space behind it and along rays
 * without a depth is not known: it counts as free, but for `behind_m`.
 * Throws InputError if sizes differ, the camera matrix is not one, or the image is not rectified.
 */
export function depthObstacle(
  name: string,
  image: Pick<DepthImage, 'width' | 'height' | 'data'>,
  info: Pick<CameraInfo, 'width' | 'height' | 'K' | 'D' | 'T_world_camera_optical'>,
  options: DepthObstacleOptions = {},
): DepthObstacle {
  const { range_m = [0.05, 4], stride = 1, mask, exclude, behind_m = 0 } = options;
  check(name, image, info, options);
  const { width, height, data } = image;
  const { K, T_world_camera_optical: T } = info;
  const step_m = Math.max(options.voxel_m ?? 0.005, 0.002);
  const points: number[] = [];
  let [measured, unknown, masked, excluded] = [0, 0, 0, 0];
  for (let v = 0; v < height; v += stride) {
    for (let u = 0; u < width; u += stride) {
      const pixel = v * width + u;
      if (mask !== undefined && mask[pixel] !== 0) {
        masked++;
        continue;
      }
      const depth = data[pixel];
      if (!(depth >= range_m[0] && depth <= range_m[1])) {
        unknown++;
        continue;
      }
      const x = (u - K[2]) / K[0];
      const y = (v - K[5]) / K[4];
      const at = (row: number, d: number): number => d * (T[row] * x + T[row + 1] * y + T[row + 2]) + T[row + 3];
      if (exclude?.(at(0, depth), at(4, depth), at(8, depth)) === true) {
        excluded++;
        continue;
      }
      measured++;
      const step = step_m / Math.hypot(x, y, 1);
      for (let d = depth; d <= depth + behind_m; d += step) points.push(at(0, d), at(4, d), at(8, d));
    }
  }
  return {
    cloud: points.length === 0 ? null : pointCloud(name, Float64Array.from(points), options),
    measured,
    unknown,
    masked,
    excluded,
  };
}

function check(
  name: string,
  image: Pick<DepthImage, 'width' | 'height' | 'data'>,
  info: Pick<CameraInfo, 'width' | 'height' | 'K' | 'D' | 'T_world_camera_optical'>,
  { stride = 1, mask, range_m = [0.05, 4], behind_m = 0 }: DepthObstacleOptions,
): void {
  const refuse = (what: string, allowed: string): never => {
    throw new InputError(`depth image ${name}: ${what}`, allowed);
  };
  const pixels = image.width * image.height;
  if (image.data.length !== pixels) {
    refuse(`${image.data.length} depths`, `${image.width} x ${image.height} pixels have ${pixels}`);
  }
  if (info.width !== image.width || info.height !== image.height) {
    refuse(`a camera of ${info.width} x ${info.height}`, `must be that of the image, ${image.width} x ${image.height}`);
  }
  if (mask !== undefined && mask.length !== pixels) refuse(`a mask of ${mask.length}`, `one number a pixel, ${pixels}`);
  if (!info.K.every(Number.isFinite) || info.K[0] === 0 || info.K[4] === 0) {
    refuse(`camera matrix ${info.K.join(' ')}`, 'finite, its focal lengths not 0');
  }
  if (!info.T_world_camera_optical.every(Number.isFinite)) refuse('camera pose is not finite', 'a 4 x 4 matrix');
  if (info.D.some((d) => d !== 0)) refuse(`distortion ${info.D.join(' ')}`, 'rectify the image first');
  if (!(Number.isInteger(stride) && stride >= 1)) refuse(`stride ${stride}`, 'an integer of at least 1');
  if (!(range_m[0] > 0 && range_m[1] >= range_m[0])) refuse(`range ${range_m.join(' to ')} m`, 'from above 0 upwards');
  if (!(behind_m >= 0 && behind_m <= 10)) refuse(`behind_m ${behind_m}`, '0 to 10');
}
