export { ArmOnBus, type StateSample } from './arm_on_bus.ts';
export { type CommissionEnd, type CommissionOptions, commission } from './commission.ts';
export { readRecord, standing, withStage, writeRecord } from './record_file.ts';
export {
  type CommissioningSettings,
  DEFAULT_SETTINGS,
  Interrupted,
  type Stage,
  type StageOutcome,
  type StageRig,
} from './stage.ts';
export { judgePayload, payload } from './stages/payload.ts';
export { judgeReadOnly, readOnly } from './stages/read_only.ts';
export { judgeSpeed, speedStage } from './stages/speed.ts';
export { judgeStopTest, stopTest } from './stages/stop_test.ts';
export { judgeStateStream, type StateStreamReport } from './state_stream.ts';
export { type StopResponse, type StopStatistics, stopResponse, stopStatistics } from './stop_response.ts';
export { describeWiring, type Wiring, WiringCheck, type WiringVerdict } from './wiring.ts';
