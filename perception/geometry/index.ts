export {
  AS_PUT_UP,
  CALIBRATED_CAMERA,
  CAMERA_ERRORS,
  type CameraUncertainty,
  cameraCovariance,
  EXACT_CAMERA,
  rayShifts,
} from './camera_uncertainty.ts';
export { type Circle, fitCircle } from './circle.ts';
export { convexHull } from './convex_hull.ts';
export { backSubstitute, congruent, factorise } from './matrices.ts';
export {
  type BoxFit,
  type CylinderFit,
  type DescribeOptions,
  describeRegion,
  type ObjectEstimate,
  RegionDescriber,
} from './object_fit.ts';
export { minAreaRectangle, type Rectangle } from './rectangle.ts';
export { fitTop, type TopFit } from './top_fit.ts';
export { longSideYaw, poseYawError, SQUARE_M, yawError, yawPeriod } from './yaw_error.ts';
