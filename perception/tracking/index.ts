export { assign, assignGated } from './assignment.ts';
export { DEFAULT_EXISTENCE, Existence, type ExistenceModel } from './existence.ts';
export { DEFAULT_TRACKER, ObjectTracker, type SeenFrame, type TrackerOptions } from './object_tracker.ts';
export { DEFAULT_MOTION, type MotionModel, PositionFilter } from './position_filter.ts';
export type { Track } from './track.ts';
export { TracksNode, type TracksNodeOptions } from './tracks_node.ts';
