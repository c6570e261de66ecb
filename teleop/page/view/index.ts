export { type CameraOutline, type CameraView, mountCameraView } from './camera_view.ts';
export { OLD_PICTURE_MS, pictureAge, viewAge } from './picture_age.ts';
export { mountPlots, type Plots } from './plots.ts';
export type { ReplayViews } from './replay_views.ts';
export { type LoadMesh, mountRobotView, type Replayed, type RobotView } from './robot_view.ts';
export { mountScrubber, type Scrubber } from './scrubber.ts';
export { mountTrends, type Trends } from './trends.ts';
export { XML_POLICY } from './xml_document.ts';
