export * from './camera.ts';
export * from './camera_spec.ts';
export * from './depth_sensor.ts';
export * from './encoders.ts';
export { distort, Lens, undistort } from './lens.ts';
export { addColourNoise, addDepthNoise, type CameraNoise, RGBD_NOISE } from './noise.ts';
export {
  drawOpticalFault,
  OPTICAL_FAULTS,
  type OpticalFault,
  type OpticalFaultKind,
  throughFault,
} from './optical_faults.ts';
export * from './tactile.ts';
export * from './wrench_sensor.ts';
