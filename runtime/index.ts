export { ArmDriver } from './arm_driver.ts';
export { type ArmLink, openArmLink, SimulatedArmProcess } from './arm_link.ts';
export {
  ARM_PHASES,
  type ArmPhase,
  COMMAND as ARM_COMMAND,
  STATE as ARM_STATE,
} from './arm_protocol.ts';
export { type ArmLimits, ArmServo, type ArmServoOptions, DEFAULT_ARM_SERVO } from './arm_servo.ts';
export { BodyTracksNode } from './body_tracks_node.ts';
export { BusConditions } from './bus_conditions.ts';
export { BusSocket, connectBusSocket } from './bus_socket.ts';
export { type Channel, ChannelReader, ChannelWriter, channelSchema, closeChannel, openChannel } from './channel.ts';
export { Child } from './child.ts';
export { ControlProxyNode, type ControlProxyOptions } from './control_proxy_node.ts';
export { type ControlState, STOP_CAUSES, type StopCause } from './control_state.ts';
export type { ContactWatch } from './control_worker.ts';
export type { CycleRow } from './cycle_trace.ts';
export { Deadlines } from './deadlines.ts';
export { type GateLink, openGateLink } from './gate_link.ts';
export type { GateSnapshot } from './gate_record.ts';
export {
  type ArmSource,
  HardwareArm,
  type HardwareArmOptions,
  LIMIT_SOURCES,
  type LimitSource,
} from './hardware_arm.ts';
export { HEARTBEAT_VALUES, Heartbeat, HeartbeatReader } from './heartbeat.ts';
export { LATENESS_BYTES, LatenessHistogram } from './lateness.ts';
export { limitedEnvelope } from './limited_envelope.ts';
export { MACHINE_CLOCK, type MonotonicClock } from './monotonic_clock.ts';
export { MotionLog, RecordedMotion } from './motion_log.ts';
export { RealTimeControl, type RealTimeControlOptions } from './real_time_control.ts';
export { REALTIME, tryRealtime } from './realtime.ts';
export { RemoteServo } from './remote_servo.ts';
export {
  type BridgeStatus,
  COMMAND_HISTORY,
  Ros2ControlBridge,
  type Ros2ControlOptions,
  ros2ControlOptions,
} from './ros2_control/index.ts';
export { ServoProxyNode } from './servo_proxy_node.ts';
export { SimulatedArm } from './simulated_arm.ts';
export { Sleeper } from './sleeper.ts';
export { SteadyTimer } from './steady_timer.ts';
export { stopFolders } from './stop_folder.ts';
export { requestStops, type StopReply } from './stop_request.ts';
export { type StoppedThing, StopSocket } from './stop_socket.ts';
export { StopSocketNode } from './stop_socket_node.ts';
export type { StopCondition, SupervisorView } from './supervisor_core.ts';
export type { SupervisorLimits } from './supervisor_messages.ts';
export {
  type SafetyParameters,
  SafetySupervisorNode,
  type SafetySupervisorOptions,
  safetyParameters,
} from './supervisor_node.ts';
export type { HeardProcess } from './supervisor_thread_messages.ts';
