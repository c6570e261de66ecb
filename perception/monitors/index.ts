export { ObjectMeter, type ObjectValues } from './object_meter.ts';
export { type ObjectResidual, objectResidual } from './object_residual.ts';
export { FEATURES, type Feature, PictureFeatures } from './picture_features.ts';
export {
  type CameraLimits,
  loadPictureLimits,
  PICTURE_LIMITS_FILE,
  type PictureLimits,
  parsePictureLimits,
} from './picture_limits.ts';
export { type PictureFinding, PictureMonitor, type PictureMonitorOptions } from './picture_monitor.ts';
export { FEATURE_TESTS, OBJECT_TESTS, type PictureTest, scoreOf, type TestLimit } from './picture_tests.ts';
export { openPictureWatch, PictureWatch } from './picture_watch.ts';
