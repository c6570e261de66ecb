export { type Change, type HostBus, type HostOptions, hostNode, NodeHost } from './host_node.ts';
export { messageOf, NodeErrors } from './node_errors.ts';
export { type RosNode, type RosNodeOptions, startRosNode } from './start_ros_node.ts';
export { LIFECYCLE_STATES, type LifecycleRequest, type LifecycleState, PRIMARY_STATES } from './states.ts';
