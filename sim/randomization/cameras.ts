import type { CameraName } from '../../contracts/index.ts';
import { type CameraPerturbation, NO_PERTURBATION } from '../sensors/index.ts';
import type { Randomization } from './record.ts';

/** How a camera differs from its calibration, as a record says; not at all at `none`. */
export function randomizeCamera({ level, start_up, reset }: Randomization, name: CameraName): CameraPerturbation {
  if (level === 'none') return NO_PERTURBATION;
  const { camera_position_m: p, camera_rotation_rad: r, ...camera } = start_up.cameras[name];
  const { sensors } = reset;
  return {
    pose_error: [...p, ...r],
    focal_scale: camera.focal_scale,
    principal_point_px: camera.principal_point_px,
    distortion: [camera.distortion_k1, 0, 0, 0, 0],
    exposure_gain: sensors.exposure_scale,
    latency_s: sensors.camera_latency_s,
    drop_probability: sensors.drop_probability,
    colour_noise_scale: sensors.colour_noise_scale,
    depth_noise_scale: sensors.depth_noise_scale,
  };
}
