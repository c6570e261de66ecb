export { PerceptionMetrics } from './metrics.ts';
export { SloNode } from './node.ts';
export { parseSlo, readSlo, SLO_FILE, type Slo } from './slo_file.ts';
export {
  type BurnState,
  OBJECTIVES,
  type Objective,
  type ObjectiveState,
  type RequestOutcome,
  SloMonitor,
  type SloReport,
} from './slo_monitor.ts';
