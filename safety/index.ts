export * from './command_request.ts';
export * from './envelope.ts';
export { SafetyGate } from './gate.ts';
export { type Intervention, InterventionLog } from './intervention_log.ts';
export { Lease } from './lease.ts';
export { EFFECTS, type Effect, REASONS, type ReasonName, reasonBit, reasonNames } from './reasons.ts';
export { assertSafe, SafeCommand } from './safe_command.ts';
export { SAFETY_EVENTS, type SafetyEvent, type SafetyMode, TRANSITIONS } from './state_machine.ts';
export { type GateObservation, GRANT_PERIOD_S, Supervisor } from './supervisor.ts';
