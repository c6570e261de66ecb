export * from './approvals/index.ts';
export type { MeasuredState } from './arm_monitor.ts';
export * from './audit/index.ts';
export * from './command_request.ts';
export { type CommissionedArm, commissionedIdentity } from './commissioned_identity.ts';
export * from './commissioning_record.ts';
export * from './driver_limits.ts';
export * from './envelope.ts';
export * from './exploration/index.ts';
export {
  assertFeasible,
  checkEnvelope,
  type EnvelopeFinding,
  type EnvelopeReport,
  findingLine,
  type JointStopReport,
} from './feasibility.ts';
export { SafetyGate } from './gate.ts';
export { type Intervention, InterventionLog } from './intervention_log.ts';
export * from './keys/index.ts';
export { Lease } from './lease.ts';
export { AuditTrail } from './monitors/audit_trail.ts';
export {
  DegradationLadder,
  type Degraded,
  type LadderChange,
  RECOVERY_S,
  SLOWER_PACE,
} from './monitors/degradation.ts';
export { WRITE_FAILURE } from './monitors/disk_monitor.ts';
export type { Finding, Monitor } from './monitors/finding.ts';
export { type Listening, type MonitoredEnvelope, SafetyMonitors } from './monitors/monitors.ts';
export { type MonitorParameters, monitorParameters } from './monitors/parameters.ts';
export type { GateCounts } from './monitors/policy_monitor.ts';
export { DEFAULT_REACTIONS, FAULTS, type Fault, type Reaction } from './monitors/reactions.ts';
export { SafetyNode, type SafetyNodeOptions } from './node.ts';
export { MAX_OBSTACLES, type Obstacle, type ObstacleShape, obstacleSchema, obstacleShape } from './obstacle.ts';
export { type OutsideCondition, type OutsideConditions, OutsideStops } from './outside_stops.ts';
export {
  EFFECTS,
  type Effect,
  REASONS,
  type ReasonName,
  reasonBit,
  reasonNames,
  type StopCategory,
} from './reasons.ts';
export { assertSafe, SafeCommand } from './safe_command.ts';
export { MOST_BODIES, MOST_SOURCES } from './separation/body_set.ts';
export { type BodySink, BodySources } from './separation/body_sources.ts';
export * from './separation/contact_limits.ts';
export * from './separation/contact_speed.ts';
export type { SeparationLimits } from './separation/limits.ts';
export { separationSection } from './separation/limits.ts';
export { type ApproachedBody, type ProtectiveDistance, protectiveDistance } from './separation/protective_distance.ts';
export {
  isOperating,
  type OperatingMode,
  SAFETY_EVENTS,
  type SafetyEvent,
  type SafetyMode,
  TRANSITIONS,
} from './state_machine.ts';
export { StoppingTail } from './stopping_tail.ts';
export { GateStream, OutputMonitor, type StreamCycle, type StreamSummary } from './stream/index.ts';
export { type GateObservation, GRANT_PERIOD_S, Supervisor } from './supervisor.ts';
