export { GateStream, type StreamCycle, type StreamSummary } from './gate_stream.ts';
export { OutputMonitor } from './output_monitor.ts';
