export * from './detections.ts';
export {
  fromRosDuration,
  fromRosTime,
  type RosTime,
  toRosDuration,
  toRosTime,
} from './fields.ts';
export * from './frames.ts';
export * from './images.ts';
export * from './plain.ts';
export * from './sensors.ts';
export * from './status.ts';
export * from './trajectories.ts';
