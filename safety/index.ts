export type { MeasuredState } from './arm_monitor.ts';
export * from './audit/index.ts';
export * from './command_request.ts';
export { type CommissionedArm, commissionedIdentity } from './commissioned_identity.ts';
export * from './commissioning_record.ts';
export * from './driver_limits.ts';
export * from './envelope.ts';
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
export {
  DegradationLadder,
  type Degraded,
  type LadderChange,
  RECOVERY_S,
  SLOWER_PACE,
} from './monitors/degradation.ts';
export type { Finding, Monitor } from './monitors/finding.ts';
export { DEFAULT_REACTIONS, FAULTS, type Fault, type Reaction } from './monitors/reactions.ts';
export { SafetyNode } from './node.ts';
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
