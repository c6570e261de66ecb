export { GateStream, type StreamCycle, type StreamSummary } from './gate_stream.ts';
