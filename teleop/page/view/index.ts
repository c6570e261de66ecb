export { type CameraOutline, type CameraView, mountCameraView } from './camera_view.ts';
export { OLD_PICTURE_MS, pictureAge, viewAge } from './picture_age.ts';
export { type LoadMesh, mountRobotView, type Replayed, type RobotView } from './robot_view.ts';
export { XML_POLICY } from './xml_document.ts';
