export { CellProcess, type CellProcessEvents, type CellProcessOptions } from './cell_process.ts';
export { type CellProcessSetup, OPERATED_THREADS } from './cell_process_messages.ts';
export {
  type CommissionedDriver,
  type CommissioningEvents,
  CommissioningSession,
  type CommissioningSetup,
} from './commissioning_session.ts';
export { runEmbedded } from './embedded.ts';
export { EmbeddedCell, type EmbeddedOptions } from './embedded_cell.ts';
export { escalationsOverRos, type RosEscalations } from './escalations_over_ros.ts';
export type { HeardEscalations } from './escalations_process.ts';
export type { Cell, Graph, GraphNode } from './graph.ts';
export { fullName } from './graph.ts';
export {
  armIdentity,
  control,
  envelopeOf,
  KIND_NAMES,
  type KindName,
  kindOf,
  safety,
  sim,
  wantedOf,
} from './kinds/index.ts';
export type { LaunchEvents, LaunchSummary } from './launch_events.ts';
export { loadGraph, parseOverride } from './load_graph.ts';
export { formatLogLine, type LogLine } from './log_line.ts';
export { parametersOfKind } from './parameters.ts';
export { atNiceness, NICENESS } from './priority.ts';
export { runRos } from './ros_graph.ts';
export { type RosStop, type RosStopReply, stopOverRos } from './stop_over_ros.ts';
export { type ApprovalFiles, withApprovals } from './with_approvals.ts';
export { YamlFile } from './yaml_file.ts';
