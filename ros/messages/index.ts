export * from './controller_state.ts';
export * from './detections.ts';
export * from './escalation.ts';
export {
  fromRosDuration,
  fromRosTime,
  type RosTime,
  toRosDuration,
  toRosTime,
} from './fields.ts';
export * from './frames.ts';
export * from './images.ts';
export * from './motion.ts';
export * from './operator.ts';
export * from './plain.ts';
export * from './policy.ts';
export * from './safety.ts';
export * from './sensors.ts';
export * from './service.ts';
export * from './simulation.ts';
export * from './status.ts';
export * from './tasks.ts';
export * from './trajectories.ts';
