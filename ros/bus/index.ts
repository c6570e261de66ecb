export type { RosFields } from '../mapping.ts';
export { shutdownRos } from './context.ts';
export type { OnError } from './guard.ts';
export { rosName } from './names.ts';
export type { RawPublisher, RawTopics } from './raw_topics.ts';
export { RosBus, type RosBusOptions } from './ros_bus.ts';
export { RosClock } from './ros_clock.ts';
export type { RosMappings } from './ros_mappings.ts';
