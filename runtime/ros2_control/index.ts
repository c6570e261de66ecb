export { type BridgeStatus, Ros2ControlBridge } from './bridge.ts';
export { COMMAND_HISTORY, type Ros2ControlOptions, ros2ControlOptions } from './options.ts';
